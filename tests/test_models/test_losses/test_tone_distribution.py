"""Distributions of grey and of local contrast, by hand and against sorting in float64."""

import numpy as np
import pytest
import torch

from nightgen.models.losses import ToneDistributionLoss, tone_distribution
from nightgen.models.losses.tone_distribution import EPS, distribution_distance


def grey(values: np.ndarray) -> torch.Tensor:
    """N,H,W in [0, 1] to a grey N,3,H,W in [-1, 1]."""
    return torch.from_numpy(values)[:, None].expand(-1, 3, -1, -1) * 2 - 1


def by_sorting(pred: np.ndarray, target: np.ndarray, strips: int, windows: tuple, contrast_weight: float) -> float:
    def distance(one: list, other: list) -> float:
        return float(np.abs(np.sort(np.ravel(one)) - np.sort(np.ravel(other))).mean())

    def spreads(images: np.ndarray, window: int) -> list:
        step, found = window // 2, []
        for image in images:
            for row in range(0, image.shape[0] - window + 1, step):
                for column in range(0, image.shape[1] - window + 1, step):
                    found.append(np.sqrt(image[row:row + window, column:column + window].var() + EPS))
        return found

    total = 0.0
    for one, other in zip(np.array_split(pred, strips, axis=1), np.array_split(target, strips, axis=1), strict=True):
        total += distance(one, other)
        for window in windows:
            total += contrast_weight / len(windows) * distance(spreads(one, window), spreads(other, window))
    return total / strips


@pytest.mark.parametrize(('strips', 'windows', 'weight'), [(1, (), 1.0), (3, (2,), 0.5), (2, (4, 8), 2.0)])
def test_against_sorting(strips: int, windows: tuple, weight: float):
    rng = np.random.default_rng(0)
    pred, target = rng.uniform(0, 1, (2, 18, 20)), rng.uniform(0.2, 0.5, (2, 18, 20))
    tensors = grey(pred).requires_grad_(), grey(target)
    loss = ToneDistributionLoss(strips, windows, weight)
    assert loss(pred=tensors[0], target=tensors[1]).item() == pytest.approx(
        by_sorting(pred, target, strips, windows, weight), rel=1e-6)
    assert torch.autograd.gradcheck(lambda x: loss(x, tensors[1]), tensors[0].detach().requires_grad_())


def test_grey_is_the_luma_of_a_colour():
    colour = torch.tensor([1.0, -1.0, 0.0]).view(1, 3, 1, 1).expand(1, 3, 4, 4)  # 0.299 + 0.114 / 2
    black = -torch.ones(1, 3, 4, 4)
    assert tone_distribution(colour, black, strips=1, windows=()).item() == pytest.approx(0.356, abs=1e-6)


def test_mist_is_far_and_another_street_is_not():
    """A shuffled day has its distribution; the day's own mean grey has none of its contrast."""
    rng = np.random.default_rng(1)
    day = np.repeat(rng.uniform(0, 1, (2, 32, 8)), 4, axis=2)
    strip_wise = np.concatenate([day[::-1, :16], day[::-1, 16:]], axis=1)  # the two images of each strip swapped
    mist = np.full_like(day, day.mean())
    assert tone_distribution(grey(strip_wise), grey(day), strips=2).item() == pytest.approx(0, abs=1e-9)
    assert tone_distribution(grey(mist), grey(day), strips=2).item() > 0.3
    upside_down = np.sort(day, axis=1)
    plain = dict(windows=(), contrast_weight=0)
    assert tone_distribution(grey(upside_down), grey(day), strips=1, **plain).item() == pytest.approx(0, abs=1e-9)
    assert tone_distribution(grey(upside_down), grey(day), strips=4, **plain).item() > 0.1  # light below, not above


def test_the_target_is_a_constant_and_flat_images_have_a_gradient():
    pred, target = torch.zeros(1, 3, 16, 16, requires_grad=True), torch.rand(1, 3, 16, 16, requires_grad=True)
    tone_distribution(pred, target, strips=1).backward()
    assert target.grad is None and torch.isfinite(pred.grad).all() and pred.grad.abs().max() > 0


def test_distance_of_points():
    assert distribution_distance(torch.tensor([3.0, 1.0]), torch.tensor([2.0, 5.0])).item() == 1.5


def test_what_does_not_fit_is_refused():
    image = torch.zeros(1, 3, 32, 32)
    with pytest.raises(ValueError, match='two N,3,H,W of one shape'):
        tone_distribution(image, image[..., 1:])
    with pytest.raises(ValueError, match='4 strips of 32x32 pixels are smaller than a window of 16'):
        tone_distribution(image, image)
    for wrong in (dict(strips=0), dict(windows=(1,))):
        with pytest.raises(ValueError, match='strips is at least 1 and a window at least 2'):
            ToneDistributionLoss(**wrong)
