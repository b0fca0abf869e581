"""Luma and central differences against loops in float64 and by hand."""

import math

import pytest
import torch

from nightgen.functional import central_differences, gradient_magnitude, luma


def test_luma_by_hand():
    image = torch.tensor([1.0, -1.0, 0.5]).reshape(1, 3, 1, 1)
    assert luma(image).item() == pytest.approx(0.299 - 0.587 + 0.057)
    with pytest.raises(ValueError, match='N,3,H,W'):
        luma(torch.zeros(1, 1, 4, 4))


def pixel(grey, row, column, pad):
    """The value at a place that may be outside."""
    height, width = grey.shape[-2:]
    if pad == 'replicate':
        row, column = min(max(row, 0), height - 1), min(max(column, 0), width - 1)
    outside = not (0 <= row < height and 0 <= column < width)
    return 0.0 if outside else grey[row, column].item()


@pytest.mark.parametrize('pad', ['zeros', 'replicate'])
def test_magnitude_against_a_loop(pad):
    image = torch.rand(2, 3, 5, 6, dtype=torch.float64) * 2 - 1
    made = gradient_magnitude(image, pad)
    assert made.shape == (2, 1, 5, 6)
    for n in range(2):
        grey = sum(weight * (image[n, c] + 1) / 2 for c, weight in enumerate((0.299, 0.587, 0.114)))
        for row in range(5):
            for column in range(6):
                dx = pixel(grey, row, column + 1, pad) - pixel(grey, row, column - 1, pad)
                dy = pixel(grey, row + 1, column, pad) - pixel(grey, row - 1, column, pad)
                assert made[n, 0, row, column].item() == pytest.approx(math.sqrt(dx ** 2 + dy ** 2 + 1e-6), rel=1e-12)


def test_the_frame_of_zero_padding():
    """A uniform image of 0.5 has that gradient on its frame and the floor inside (specs/morngan 2.4)."""
    magnitude = gradient_magnitude(torch.zeros(1, 3, 6, 6, dtype=torch.float64))[0, 0]
    assert magnitude[0, 3].item() == pytest.approx(0.5, abs=1e-5)
    assert magnitude[2, 2].item() == pytest.approx(1e-3)
    assert (gradient_magnitude(torch.zeros(1, 3, 6, 6), 'replicate') - 1e-3).abs().max() < 1e-7


def test_differences_without_padding_and_their_errors():
    ramp = torch.arange(20.0).reshape(1, 1, 4, 5)  # 1 to the right, 5 down
    dx, dy = central_differences(ramp)
    assert dx.shape == dy.shape == (1, 1, 2, 3)
    assert (dx == 2).all() and (dy == 10).all()
    with pytest.raises(ValueError, match='3x3'):
        central_differences(ramp[..., :2])
    with pytest.raises(ValueError, match="'reflect'"):
        gradient_magnitude(torch.zeros(1, 3, 4, 4), 'reflect')


def test_gradient():
    image = (torch.rand(1, 3, 4, 4, dtype=torch.float64) * 2 - 1).requires_grad_()
    assert torch.autograd.gradcheck(gradient_magnitude, image)
