"""Luma and central differences: the fixed filters of gradient losses and of the gradient view of a discriminator."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor

PADDINGS = {'zeros': 'constant', 'replicate': 'replicate'}
_WEIGHTS = (0.299, 0.587, 0.114)  # ITU-R BT.601
_FLOOR = 1e-6  # of the squared magnitude, whose root has a finite slope then


def luma(image: Tensor) -> Tensor:
    """0.299 R + 0.587 G + 0.114 B.

    Args:
        image: N,3,H,W, any range.

    Returns:
        N,1,H,W in the same range.

    Raises:
        ValueError: Another shape.
    """
    if image.ndim != 4 or image.shape[1] != 3:
        raise ValueError(f'luma: expected images N,3,H,W, got {tuple(image.shape)}')
    red, green, blue = image.split(1, dim=1)
    return _WEIGHTS[0] * red + _WEIGHTS[1] * green + _WEIGHTS[2] * blue


def central_differences(grey: Tensor, pad: str | None = None) -> tuple[Tensor, Tensor]:
    """Right neighbour minus left one, and lower minus upper one: taps [-1, 0, 1].

    Args:
        grey: N,C,H,W.
        pad: None drops the outermost rows and columns; ``zeros`` and ``replicate`` keep the size.

    Returns:
        Horizontal and vertical differences, N,C,H,W, or N,C,H-2,W-2 without padding.

    Raises:
        ValueError: An unknown padding, or fewer than three rows or columns without one.
    """
    if pad is not None:
        grey = F.pad(grey, (1, 1, 1, 1), mode=_padding(pad))
    elif min(grey.shape[-2:]) < 3:
        raise ValueError(f'central_differences: without padding at least 3x3 pixels are needed, got '
                         f'{tuple(grey.shape)}')
    return grey[..., 1:-1, 2:] - grey[..., 1:-1, :-2], grey[..., 2:, 1:-1] - grey[..., :-2, 1:-1]


def gradient_magnitude(image: Tensor, pad: str = 'zeros') -> Tensor:
    """Length of the luma's gradient (specs: morngan 2.4): sqrt(dx^2 + dy^2 + 1e-6) of the image in [0, 1].

    With zeros around it the outermost pixels of a uniform image have the image's brightness as their gradient. The
    papers' numbers were got so; ``replicate`` has no such frame.

    Args:
        image: N,3,H,W in [-1, 1].
        pad: ``zeros`` or ``replicate``.

    Returns:
        N,1,H,W, at least 0.001.

    Raises:
        ValueError: An unknown padding, or images of another shape.
    """
    _padding(pad)
    dx, dy = central_differences((luma(image) + 1) / 2, pad)
    return torch.sqrt(dx.square() + dy.square() + _FLOOR)


def _padding(pad: str) -> str:
    if pad not in PADDINGS:
        raise ValueError(f'unknown padding {pad!r}; choose one of {sorted(PADDINGS)}')
    return PADDINGS[pad]
