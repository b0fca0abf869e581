"""Pixel distances against numpy in float64."""

import numpy as np
import pytest
import torch

from nightgen.models.losses import PixelLoss, pixel


def images():
    rng = np.random.default_rng(0)
    return 3 * rng.standard_normal((2, 3, 4, 5)), 3 * rng.standard_normal((2, 3, 4, 5))


def huber(d):
    return np.where(np.abs(d) < 1, 0.5 * d ** 2, np.abs(d) - 0.5)


FORMULAS = {'l1': np.abs, 'l2': np.square, 'smooth_l1': huber, 'huber': huber}


@pytest.mark.parametrize('kind', FORMULAS)
def test_value_and_gradient(kind):
    a, b = images()
    value = PixelLoss(kind)(pred=torch.from_numpy(a), target=torch.from_numpy(b))
    np.testing.assert_allclose(value.item(), FORMULAS[kind](a - b).mean(), rtol=1e-12)
    inputs = torch.from_numpy(a[:1, :, :2, :2]).requires_grad_(), torch.from_numpy(b[:1, :, :2, :2]).requires_grad_()
    assert torch.autograd.gradcheck(lambda p, t: pixel(p, t, kind), inputs)


def test_pooled_images_by_hand():
    """ToDayGAN's downsampling: means of 3x3 pixels at every second position, nothing around the image."""
    pred, target = torch.zeros(1, 1, 5, 6), torch.zeros(1, 1, 5, 6)
    pred[0, 0, 2, 2] = 9  # in all four windows, columns 0 to 2 and 2 to 4, and rows alike
    pred[0, 0, :, 5] = 100  # in none of them
    assert PixelLoss('l1', window=3)(pred=pred, target=target).item() == pytest.approx(1)
    assert PixelLoss('smooth_l1', window=3)(pred, target).item() == pytest.approx(0.5)


def test_where_the_square_ends_can_be_chosen():
    a, b = images()
    d = np.abs(a - b)
    for delta in (0.01, 0.5, 2.0):
        expected = np.where(d < delta, 0.5 * d ** 2, delta * (d - 0.5 * delta)).mean()
        pair = torch.from_numpy(a), torch.from_numpy(b)
        assert pixel(*pair, 'huber', delta=delta).item() == pytest.approx(expected, rel=1e-12)
        assert PixelLoss('smooth_l1', delta=delta)(*pair).item() == pytest.approx(expected / delta, rel=1e-12)
    for options in (dict(kind='l1', delta=0.5), dict(kind='huber', delta=0.0)):
        with pytest.raises(ValueError, match='delta is positive and belongs to'):
            PixelLoss(**options)


def test_a_detached_target():
    for detach in (False, True):
        pred, target = torch.ones(2, 3, requires_grad=True), torch.zeros(2, 3, requires_grad=True)
        PixelLoss('l2', detach_target=detach)(pred, target).backward()
        assert pred.grad is not None and (target.grad is None) == detach


def test_bad_arguments():
    with pytest.raises(ValueError, match='l3'):
        PixelLoss('l3')
    with pytest.raises(ValueError, match='differ in shape'):
        pixel(torch.zeros(1, 3, 4, 4), torch.zeros(1, 1, 4, 4))
    with pytest.raises(ValueError, match='side of a window'):
        PixelLoss('l1', window=-1)
