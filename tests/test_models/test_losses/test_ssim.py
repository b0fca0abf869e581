"""SSIM as a loss against loops over windows in float64, by hand, and against the metric."""

import math

import numpy as np
import pytest
import torch

from nightgen.evaluation.functional import ssim as ssim_metric
from nightgen.models.losses import SSIMLoss, ssim


def images(*shape):
    return torch.rand(*shape, dtype=torch.float64) * 2 - 1, torch.rand(*shape, dtype=torch.float64) * 2 - 1


def one_window(p, t, weights):
    """SSIM of one window of values in [0, 1]."""
    mean_p, mean_t = (weights * p).sum(), (weights * t).sum()
    var_p, var_t = (weights * (p - mean_p) ** 2).sum(), (weights * (t - mean_t) ** 2).sum()
    covariance = (weights * (p - mean_p) * (t - mean_t)).sum()
    return ((2 * mean_p * mean_t + 1e-4) * (2 * covariance + 9e-4)
            / ((mean_p ** 2 + mean_t ** 2 + 1e-4) * (var_p + var_t + 9e-4)))


@pytest.mark.parametrize('window', [3, 5])
def test_against_a_loop_over_windows(window):
    pred, target = images(2, 3, 7, 6)
    offsets = np.arange(window) - window // 2
    taps = np.array([math.exp(-offset ** 2 / (2 * 1.5 ** 2)) for offset in offsets])
    weights = np.outer(taps, taps) / taps.sum() ** 2
    values = [one_window((pred[n, c, y:y + window, x:x + window].numpy() + 1) / 2,
                         (target[n, c, y:y + window, x:x + window].numpy() + 1) / 2, weights)
              for n in range(2) for c in range(3) for y in range(8 - window) for x in range(7 - window)]
    assert SSIMLoss(window)(pred=pred, target=target).item() == pytest.approx(1 - np.mean(values), rel=1e-9)


def test_the_window_of_the_papers():
    """The taps that the spec gives for window 3 (specs/morngan 2.2): seen in the answer to a single bright pixel."""
    pred = -torch.ones(1, 1, 3, 3, dtype=torch.float64)
    pred[0, 0, 1, 1] = 1
    weight = 0.3844 ** 2
    mean, var = weight, weight - weight ** 2
    expected = 1 - (1e-4 * 9e-4) / ((mean ** 2 + 1e-4) * (var + 9e-4))
    assert ssim(pred, torch.full_like(pred, -1), 3).item() == pytest.approx(expected, rel=1e-3)


def test_it_is_the_metric():
    pictures = np.random.default_rng(0).integers(0, 256, (2, 20, 24, 3), np.uint8)
    pred, target = (torch.from_numpy(picture.transpose(2, 0, 1)[None] / 127.5 - 1) for picture in pictures)
    assert SSIMLoss()(pred, target).item() == pytest.approx(1 - ssim_metric(*pictures), rel=1e-9)


def test_constants_by_hand_equal_images_and_gradient():
    black, white = -torch.ones(1, 3, 12, 12), torch.ones(1, 3, 12, 12)
    assert SSIMLoss()(black, white).item() == pytest.approx(1 - 1e-4 / (1 + 1e-4), rel=1e-5)
    pred, target = images(1, 2, 4, 5)
    assert ssim(pred, pred, 3).item() == pytest.approx(0, abs=1e-12)
    assert torch.autograd.gradcheck(lambda p, t: ssim(p, t, 3), (pred.requires_grad_(), target.requires_grad_()))


def test_16_bit_inputs_and_autocast_are_computed_in_32():
    pred, target = (image.to(torch.bfloat16) for image in images(1, 3, 16, 16))
    with torch.autocast('cpu', torch.bfloat16):
        low = SSIMLoss()(pred, target)
    assert low.dtype == torch.float32
    assert low.item() == pytest.approx(SSIMLoss()(pred.double(), target.double()).item(), rel=1e-5)


@pytest.mark.parametrize(('call', 'words'), [
    (lambda: SSIMLoss(4), 'odd'),
    (lambda: ssim(torch.zeros(1, 3, 8, 8), torch.zeros(1, 3, 8, 8)), 'smaller than the window 11'),
    (lambda: ssim(torch.zeros(1, 3, 8, 8), torch.zeros(1, 1, 8, 8), 3), 'differ in shape'),
    (lambda: ssim(torch.zeros(3, 8, 8), torch.zeros(3, 8, 8), 3), 'N,C,H,W'),
])
def test_bad_arguments(call, words):
    with pytest.raises(ValueError, match=words):
        call()
