"""Normalised Lab, as colorizers read and make it: luma L / 50 - 1 and chroma ab / scale (specs/cgan_colorization 7)."""

import torch
from torch import Tensor

from .lab import lab_to_rgb_tensor, rgb_to_lab_tensor
from .precision import at_least_single, no_autocast

AB_SCALE = 110.0  # of the paper and of pix2pix; 128 is the other usual one


def rgb_to_luma_chroma(rgb: Tensor, ab_scale: float = AB_SCALE) -> tuple[Tensor, Tensor]:
    """Normalised Lab of sRGB, differentiable, in single precision or better whatever the autocast.

    Args:
        rgb: N,3,H,W (or 3,H,W) in [-1, 1].
        ab_scale: What a and b are divided by.

    Returns:
        luma N,1,H,W in [-1, 1] and chroma N,2,H,W; with a scale of 110 within [-0.98, 0.9] for every colour of sRGB.

    Raises:
        ValueError: Not three channels.
    """
    if rgb.ndim < 3 or rgb.shape[-3] != 3:
        raise ValueError(f'rgb_to_luma_chroma: RGB images ...,3,H,W are expected, got {tuple(rgb.shape)}')
    with no_autocast(rgb):
        lab = rgb_to_lab_tensor((at_least_single(rgb) + 1) / 2)
        return lab[..., :1, :, :] / 50 - 1, lab[..., 1:, :, :] / ab_scale


def luma_chroma_to_rgb(luma: Tensor, chroma: Tensor, ab_scale: float = AB_SCALE) -> Tensor:
    """sRGB in [-1, 1] of normalised Lab, clipped to the gamut; the inverse of :func:`rgb_to_luma_chroma`.

    Args:
        luma: N,1,H,W.
        chroma: N,2,H,W.
        ab_scale: What a and b were divided by.

    Raises:
        ValueError: Other numbers of channels.
    """
    if luma.shape[-3] != 1 or chroma.shape[-3] != 2:
        raise ValueError(f'luma_chroma_to_rgb: luma ...,1,H,W and chroma ...,2,H,W are expected, got '
                         f'{tuple(luma.shape)} and {tuple(chroma.shape)}')
    with no_autocast(luma):
        lab = torch.cat([(at_least_single(luma) + 1) * 50, at_least_single(chroma) * ab_scale], dim=-3)
        return lab_to_rgb_tensor(lab) * 2 - 1


def luma_to_grey(luma: Tensor) -> Tensor:
    """The grey sRGB picture N,3,H,W in [-1, 1] of a luma N,1,H,W: three equal channels.

    Without chroma the three differ in the fifth decimal, since the white point and the matrix of Lab are rounded.
    """
    without = torch.zeros_like(luma).repeat_interleave(2, dim=-3)
    return luma_chroma_to_rgb(luma, without).mean(dim=-3, keepdim=True).repeat_interleave(3, dim=-3)
