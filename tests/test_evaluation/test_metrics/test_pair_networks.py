"""Perceptual distance and LPIPS against their formulas, on random weights that the tests save."""

import pytest
import torch
from torch import nn

from nightgen.checkpoint import CheckpointMismatchError
from nightgen.models.experts import LPIPSNetwork, VGGFeatures
from nightgen.registry import METRICS
from nightgen.testing import metric_sample, random_picture, run_metric


def samples(count=3, sizes=((40, 36),)):
    return [metric_sample(index, fake=random_picture(*sizes[index % len(sizes)], seed=index),
                          truth=random_picture(*sizes[index % len(sizes)], seed=30 + index)) for index in range(count)]


def test_perceptual_distance_is_the_mean_of_five_means():
    torch.manual_seed(0)
    metric = METRICS.build(dict(type='PerceptualDistance', weights='random', size=(48, 40)))
    network = metric.network
    assert isinstance(network, VGGFeatures) and network.depth == 19 and network.preprocess == 'caffe'
    expected = []
    for sample in samples():
        layers = []
        for one, other in zip(network.maps(sample['fake'][None]), network.maps(sample['truth'][None]), strict=True):
            layers.append((one - other).abs().mean())
        assert len(layers) == 5 and layers[0].ndim == 0
        expected.append(float(sum(layers) / 5))
    result = run_metric(metric, samples())
    assert result == {'PerceptualDistance': pytest.approx(sum(expected) / 3, rel=1e-4)}
    assert metric.details['network']['resize'] == '48x40 bicubic' and metric.details['network']['sha256'] == 'random'


def test_equal_pictures_are_at_distance_zero_and_sizes_may_differ():
    metric = METRICS.build(dict(type='PerceptualDistance', weights='random', size=(32, 32)))
    made = samples(3, ((40, 36), (24, 36)))
    assert run_metric(metric, [dict(sample, truth=sample['fake']) for sample in made])['PerceptualDistance'] == 0
    assert run_metric(metric, made)['PerceptualDistance'] > 0


def test_a_distance_of_another_network_carries_its_name():
    made = samples(2)
    result = run_metric(dict(type='PerceptualDistance', network=dict(type='ToyFeatures', name='segmentor')), made)
    expected = [float((made[i]['fake'].double() - made[i]['truth'].double()).abs().mean()) / 255 for i in range(2)]
    assert result == {'PerceptualDistance_segmentor': pytest.approx(sum(expected) / 2)}


def test_missing_weights_and_wrong_sizes():
    with pytest.raises(ValueError, match='VGG19.* Nothing is used in its place'):
        METRICS.build(dict(type='PerceptualDistance'))
    with pytest.raises(ValueError, match='LPIPS .* Nothing is used in its place'):
        METRICS.build(dict(type='LPIPS'))
    metric = METRICS.build(dict(type='LPIPS', weights='random', linear_weights='random'))
    with pytest.raises(ValueError, match='LPIPS: the output of 000000.png'):
        run_metric(metric, [metric_sample(0, fake=random_picture(40, 40), truth=random_picture(40, 48))])


def by_hand(network, first, second):
    """Unit vectors of channels at each position, weighted squares, mean over positions, sum over layers."""
    shift, scale = torch.tensor([-0.030, -0.088, -0.188]), torch.tensor([0.458, 0.448, 0.450])
    positions = dict(alex=(1, 4, 7, 9, 11), vgg=(3, 8, 15, 22, 29))[network.net]
    maps = []
    for image in (first, second):
        x, found = ((image / 127.5 - 1 - shift[:, None, None]) / scale[:, None, None])[None], []
        for index, module in enumerate(network.network.backbone.features):
            x = module(x)
            if index in positions:
                assert isinstance(module, nn.ReLU)
                found.append(x[0])
        maps.append(found)
    total = 0.0
    for index, (one, other) in enumerate(zip(*maps, strict=True)):
        weight = network.network.linear[f'lin{index}'].model[1].weight[0, :, 0, 0]
        assert len(weight) == len(one)
        square = (one / one.norm(dim=0).clamp(min=1e-10) - other / other.norm(dim=0).clamp(min=1e-10)) ** 2
        total += float((square * weight[:, None, None]).sum(dim=0).mean())
    return total


@pytest.mark.parametrize('net', ['alex', 'vgg'])
@torch.no_grad()
def test_lpips_is_its_formula(net):
    torch.manual_seed(1)
    network = LPIPSNetwork('random', 'random', net)
    made = samples(2, ((72, 68),))
    expected = [by_hand(network, sample['fake'], sample['truth']) for sample in made]
    result = run_metric(dict(type='LPIPS', network=network), made)
    assert result == {'LPIPS': pytest.approx(sum(expected) / 2, rel=1e-4)}
    assert float(network(made[0]['fake'][None], made[0]['fake'][None])) == 0
    assert network.identity['name'] == f'lpips_{net}'


def test_lpips_reads_published_keys(tmp_path):
    torch.manual_seed(2)
    donor = LPIPSNetwork('random', 'random')
    state = dict(donor.network.backbone.state_dict(), **{'classifier.1.weight': torch.zeros(2, 2)})
    torch.save(state, tmp_path / 'alex.pth')
    linear = {f'lin{index}.model.1.weight': torch.rand(1, width, 1, 1)
              for index, width in enumerate((64, 192, 384, 256, 256))}
    torch.save(linear, tmp_path / 'lin.pth')
    loaded = LPIPSNetwork(tmp_path / 'alex.pth', tmp_path / 'lin.pth')
    torch.testing.assert_close(loaded.network.linear['lin3'].model[1].weight, linear['lin3.model.1.weight'])
    with pytest.raises(CheckpointMismatchError, match='not of the expert'):
        LPIPSNetwork(tmp_path / 'alex.pth', tmp_path / 'lin.pth', net='vgg')
    with pytest.raises(ValueError, match="'alex' or 'vgg'"):
        LPIPSNetwork('random', 'random', net='squeeze')
