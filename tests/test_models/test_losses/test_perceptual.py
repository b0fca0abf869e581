"""The perceptual loss: its formula, its agreement with the metric, its gradient, and that its network stays outside."""

import copy

import pytest
import torch

from nightgen.models.losses import PerceptualLoss, perceptual
from nightgen.registry import LOSSES, METRICS, MODELS
from nightgen.testing import metric_sample, random_picture, run_metric


def test_it_is_its_formula():
    pred = [torch.tensor([[[[1.0, 3.0]]]]), torch.tensor([[[[0.0]], [[4.0]]]])]
    target = [torch.tensor([[[[2.0, 7.0]]]]), torch.tensor([[[[0.0]], [[1.0]]]])]
    assert perceptual(pred, target).item() == pytest.approx((2.5 + 1.5) / 2)
    assert perceptual(pred, target, (1.0, 10.0)).item() == pytest.approx(2.5 + 15)


def test_it_is_what_the_metric_measures():
    torch.manual_seed(0)
    loss = LOSSES.build(dict(type='PerceptualLoss', weights='random', size=(40, 40)))
    fake, truth = random_picture(40, 40, seed=1), random_picture(40, 40, seed=2)
    metric = METRICS.build(dict(type='PerceptualDistance', network=loss.network))
    expected = run_metric(metric, [metric_sample(0, fake=fake, truth=truth)])['PerceptualDistance']
    fake, truth = (torch.from_numpy(image).permute(2, 0, 1)[None] for image in (fake, truth))
    assert loss(fake.float() / 127.5 - 1, truth).item() == pytest.approx(expected, rel=1e-5)
    assert loss(truth.float() / 127.5 - 1, truth).item() == pytest.approx(0, abs=1e-4)


def test_gradient_reaches_the_prediction_only():
    torch.manual_seed(0)
    loss = PerceptualLoss(layers=('relu1_1', 'relu2_1'), weights='random', depth=16)
    pred, target = (torch.rand(1, 3, 8, 8) * 0.8 - 0.4 for _ in range(2))
    loss(pred.requires_grad_(), target.requires_grad_()).backward()
    assert pred.grad.abs().sum() > 0 and target.grad is None


def test_its_network_is_in_no_checkpoint_and_no_player():
    model = MODELS.build(dict(
        type='ColorizationTranslator', domains=('color',), generator=dict(type='UNet', base=4, num_levels=2),
        losses=[dict(type='PerceptualLoss', layers=('relu1_1',), weights='random',
                     reads=dict(pred='fake_color', target='real_color'))]))
    assert not any('network' in key for key in model.state_dict())
    assert {id(p) for p in model.parameters()} == {id(p) for p in model.generators.parameters()}
    loss = model.losses[0].loss
    assert copy.deepcopy(loss).network.network is loss.network.network


def test_errors():
    with pytest.raises(ValueError, match='Nothing is used in its place'):
        PerceptualLoss()
    with pytest.raises(ValueError, match='1 and 2 maps'):
        perceptual([torch.zeros(1, 1, 1, 1)], [torch.zeros(1, 1, 1, 1)] * 2)
    with pytest.raises(ValueError, match='differ in shape'):
        perceptual([torch.zeros(1, 1, 1, 1)], [torch.zeros(1, 1, 1, 2)])
