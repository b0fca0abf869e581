"""The discriminator on frozen features: its heads on maps computed apart, what it holds, gradients, its refusals."""

import math

import pytest
import torch
import torch.nn.functional as F

from nightgen.models.discriminators import FeatureDiscriminator
from nightgen.models.discriminators.feature import unit_scale
from nightgen.models.experts import VGGFeatures
from nightgen.registry import DISCRIMINATORS

LAYERS = ('relu1_2', 'relu2_1')
FEATURES = dict(type='VGGFeatures', depth=16, weights='random', layers=LAYERS, preprocess='torch')


@pytest.fixture
def network() -> FeatureDiscriminator:
    torch.manual_seed(0)
    return DISCRIMINATORS.build(dict(type='FeatureDiscriminator', features=FEATURES, base=8))


def image(height: int = 24, width: int = 32) -> torch.Tensor:
    return torch.rand(2, 3, height, width, generator=torch.Generator().manual_seed(1)) * 2 - 1


def test_scores_are_those_of_a_hand_written_forward(network):
    network.eval()
    x = image()
    maps = network.features.maps(x)
    for head, found, one in zip(network.heads, network(x), maps, strict=True):
        y = one / torch.stack([each.double().square().mean().sqrt() for each in one]).view(-1, 1, 1, 1)
        for convolution, padding in ((head[0], 0), (head[2], 1), (head[4], 1)):
            weight = convolution.weight.double()
            u = convolution.u.double()
            v = F.normalize(weight.flatten(1).t() @ u, dim=0)
            y = F.conv2d(y, weight / (weight.flatten(1) @ v).norm(), convolution.bias.double(), padding=padding)
            y = y if convolution is head[4] else F.leaky_relu(y, 0.2)
        torch.testing.assert_close(found.double(), y, rtol=1e-4, atol=1e-5)
    assert [tuple(score.shape) for score in network(x)] == [(2, 1, 24, 32), (2, 1, 12, 16)]


def test_each_image_has_its_own_scale():
    x = torch.randn(2, 3, 4, 5, dtype=torch.float64)
    assert unit_scale(x).square().mean(dim=(1, 2, 3)).tolist() == pytest.approx([1, 1], abs=1e-5)
    scaled = unit_scale(x * torch.tensor([3.0, 0.2]).view(2, 1, 1, 1))
    torch.testing.assert_close(scaled, unit_scale(x), rtol=1e-4, atol=1e-5)
    assert unit_scale(torch.zeros(1, 3, 4, 4)).abs().max() == 0


def test_only_the_heads_are_trained_and_saved(network):
    channels = (64, 128)
    expected = sum(c * 8 + 8 + 8 * 8 * 9 + 8 + 8 * 9 + 1 for c in channels)
    assert sum(parameter.numel() for parameter in network.parameters()) == expected
    assert all(key.startswith('heads.') for key in network.state_dict())
    before = [parameter.clone() for parameter in network.features.network.parameters()]
    x = image().requires_grad_()
    sum(score.mean() for score in network.train()(x)).backward()
    assert x.grad.abs().sum() > 0 and not network.features.network.training
    assert all(parameter.grad is None and parameter.equal(old)
               for parameter, old in zip(network.features.network.parameters(), before, strict=True))


def test_values_beyond_the_range_are_seen(network):
    beyond = image() * 1.5
    assert not network(beyond)[0].equal(network(beyond.clamp(-1, 1))[0])
    beyond.requires_grad_()
    network(beyond)[1].mean().backward()
    outside = beyond.grad[(beyond.detach().abs() > 1.1)]
    assert outside.abs().min() >= 0 and (outside != 0).double().mean() > 0.9 and math.isfinite(outside.sum())


def test_features_that_resize_are_refused():
    with pytest.raises(ValueError, match=r'give them size=None, not \(32, 32\)'):
        FeatureDiscriminator(VGGFeatures('random', layers=LAYERS, size=(32, 32)))
