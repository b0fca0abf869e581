"""Normalised Lab as tensors: scikit-image's numbers, the way back, gradients, and precision under autocast."""

import numpy as np
import pytest
import torch
from skimage.color import lab2rgb, rgb2lab

from nightgen.functional import luma_chroma_to_rgb, luma_to_grey, rgb_to_luma_chroma


def pictures(*shape: int, low: float = -1.0, high: float = 1.0) -> torch.Tensor:
    return torch.rand(*shape, dtype=torch.float64, generator=torch.Generator().manual_seed(0)) * (high - low) + low


@pytest.mark.parametrize('ab_scale', [110.0, 128.0])
def test_it_is_scikit_images_lab(ab_scale: float):
    rgb = pictures(2, 3, 7, 5)
    luma, chroma = rgb_to_luma_chroma(rgb, ab_scale)
    lab = rgb2lab((rgb.permute(0, 2, 3, 1).numpy() + 1) / 2)
    np.testing.assert_allclose(luma.permute(0, 2, 3, 1), lab[..., :1] / 50 - 1, atol=1e-10)
    np.testing.assert_allclose(chroma.permute(0, 2, 3, 1), lab[..., 1:] / ab_scale, atol=1e-10)
    np.testing.assert_allclose((luma_chroma_to_rgb(luma, chroma, ab_scale).permute(0, 2, 3, 1) + 1) / 2, lab2rgb(lab),
                               atol=1e-9)


def test_values_worked_by_hand():
    """White, black and mid grey have no chroma; the primaries as CIE Lab under D65 is tabulated."""
    rgb = torch.tensor([[1, 1, 1], [-1, -1, -1], [1, -1, -1], [-1, 1, -1], [-1, -1, 1]], dtype=torch.float64)
    luma, chroma = rgb_to_luma_chroma(rgb.T[None, :, :, None])
    expected = torch.tensor([[100, 0, 0], [0, 0, 0], [53.24, 80.09, 67.20], [87.73, -86.18, 83.18],
                             [32.30, 79.19, -107.86]], dtype=torch.float64)
    torch.testing.assert_close(torch.cat([(luma + 1) * 50, chroma * 110], 1)[0, :, :, 0].T, expected, atol=0.01, rtol=0)


def test_eight_bits_survive_the_round_trip_in_single_precision():
    """Every level of every channel, within one level as the paper's protocol needs; in fact exactly."""
    levels = torch.randint(0, 256, (1, 3, 128, 128), generator=torch.Generator().manual_seed(0))
    levels[0, :, 0] = torch.arange(128) * 2  # greys among them
    back = luma_chroma_to_rgb(*rgb_to_luma_chroma(levels.float() / 127.5 - 1))
    assert torch.equal(((back + 1) * 127.5).round().long(), levels)


def test_every_grey_comes_back_grey():
    levels = torch.arange(256.0)
    grey = luma_to_grey(rgb_to_luma_chroma((levels / 127.5 - 1).expand(1, 3, 1, 256))[0])
    assert torch.equal(((grey + 1) * 127.5).round(), levels.expand(1, 3, 1, 256))
    assert torch.equal(grey[:, :1].expand_as(grey), grey)


def test_gradients():
    inside = pictures(1, 3, 2, 2, low=-0.7, high=0.7).requires_grad_()  # away from the kinks at black and white
    assert torch.autograd.gradcheck(rgb_to_luma_chroma, inside)
    luma, chroma = (part.detach().requires_grad_() for part in rgb_to_luma_chroma(inside))
    assert torch.autograd.gradcheck(luma_chroma_to_rgb, (luma, chroma))


def test_autocast_does_not_round_it():
    rgb = pictures(1, 3, 6, 6).float()
    with torch.autocast('cpu', dtype=torch.bfloat16):
        inside = torch.cat(rgb_to_luma_chroma(rgb), 1)
        half = luma_chroma_to_rgb(*(part.bfloat16() for part in rgb_to_luma_chroma(rgb)))
    assert inside.dtype == half.dtype == torch.float32
    assert torch.equal(inside, torch.cat(rgb_to_luma_chroma(rgb), 1))


def test_other_channels_are_refused():
    with pytest.raises(ValueError, match='3,H,W'):
        rgb_to_luma_chroma(torch.zeros(1, 1, 4, 4))
    with pytest.raises(ValueError, match='luma'):
        luma_chroma_to_rgb(torch.zeros(1, 3, 4, 4), torch.zeros(1, 2, 4, 4))
