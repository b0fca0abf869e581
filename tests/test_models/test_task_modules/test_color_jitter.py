"""Views in other colours against colorsys and by hand."""

import colorsys

import numpy as np
import pytest
import torch

from nightgen.models.task_modules.color_jitter import ColorJitter, turn_hue

NOTHING = dict(brightness=0, contrast=0, saturation=0, hue=0)


def images(number=2):
    return torch.rand(number, 3, 6, 5, generator=torch.Generator().manual_seed(0), dtype=torch.float64) * 2 - 1


def test_the_hue_is_that_of_hsv():
    rgb = (images() + 1) / 2
    rgb[0, :, 0, 0], rgb[1, :, 0, 1] = 0.4, torch.tensor([1.0, 0.0, 0.0], dtype=torch.float64)  # grey, pure red
    turns = torch.tensor([0.27, -0.4], dtype=torch.float64)
    made = turn_hue(rgb, turns)
    for n, row, column in np.ndindex(2, 6, 5):
        hue, saturation, value = colorsys.rgb_to_hsv(*rgb[n, :, row, column].tolist())
        expected = colorsys.hsv_to_rgb((hue + turns[n].item()) % 1, saturation, value)
        np.testing.assert_allclose(made[n, :, row, column], expected, atol=1e-12)


@pytest.mark.parametrize('step', ['brightness', 'contrast', 'saturation'])
def test_factors(step):
    """What is drawn is found again from one pixel, and all the others follow it."""
    picture = images(1) * 0.3
    (made,) = ColorJitter(**{**NOTHING, step: 0.5})(night=picture)
    before, after = ((part[0] + 1) / 2 for part in (picture, made))
    weights = torch.tensor([0.299, 0.587, 0.114], dtype=torch.float64).view(3, 1, 1)
    grey = (before * weights).sum(0, keepdim=True)
    middle = dict(brightness=torch.zeros_like(grey), contrast=grey.mean().expand_as(grey), saturation=grey)[step]
    factor = ((after - middle) / (before - middle)).flatten()[7]
    assert 0.5 <= factor <= 1.5 and abs(factor - 1) > 1e-3
    torch.testing.assert_close(after, middle + factor * (before - middle))


def test_each_image_has_its_own_and_a_seed_repeats_them():
    night, day = images()[:1].expand(3, -1, -1, -1), images()
    jitter = ColorJitter()
    torch.manual_seed(3)
    first = jitter(night=night, day=day)
    torch.manual_seed(3)
    assert all(a.equal(b) for a, b in zip(first, jitter(night=night, day=day), strict=True))
    assert not first[0][0].equal(first[0][1]) and first[1].shape == day.shape
    assert all(part.abs().max() <= 1 for part in first)
    (same,) = ColorJitter(**NOTHING)(night=night)
    torch.testing.assert_close(same, night)
    leaf = day.clone().requires_grad_()
    assert not jitter(day=leaf)[0].requires_grad


def test_what_is_out_of_range():
    for options in (dict(hue=0.6), dict(contrast=1.5), dict(brightness=-0.1)):
        with pytest.raises(ValueError, match='hue in'):
            ColorJitter(**options)
