"""CIE Lab (D65, 2 degrees) and sRGB, one numerics for tensors and arrays; the constants are scikit-image's."""

import numpy as np
import torch
from torch import Tensor

from .constants import constant

_TO_XYZ = ((0.412453, 0.357580, 0.180423), (0.212671, 0.715160, 0.072169), (0.019334, 0.119193, 0.950227))
_FROM_XYZ = tuple(map(tuple, np.linalg.inv(np.array(_TO_XYZ)).tolist()))
_WHITE = ((0.95047,),), ((1.0,),), ((1.08883,),)  # 3,1,1
_CURVE_START = 0.008856


def _mix(image: Tensor, matrix: tuple) -> Tensor:
    return torch.einsum('ij,...jhw->...ihw', constant(matrix, image), image)


def rgb_to_lab_tensor(rgb: Tensor) -> Tensor:
    """SRGB in [0, 1] to Lab, with gradient everywhere.

    Args:
        rgb: floating point, ...,3,H,W.

    Returns:
        Same shape: L in [0, 100], a in about [-86, 98], b in about [-108, 95].
    """
    return _linear_to_lab(_linear(rgb))


def _linear(rgb: Tensor) -> Tensor:
    return torch.where(rgb > 0.04045, ((rgb.clamp(min=0.04045) + 0.055) / 1.055) ** 2.4, rgb / 12.92)


_LINEAR_8BIT = _linear(torch.arange(256, dtype=torch.float64) / 255)


def _linear_to_lab(linear: Tensor) -> Tensor:
    xyz = _mix(linear, _TO_XYZ) / constant(_WHITE, linear)
    root = xyz.clamp(min=_CURVE_START) ** (1 / 3)  # clamped, since the root has no slope at 0
    x, y, z = torch.where(xyz > _CURVE_START, root, 7.787 * xyz + 16 / 116).unbind(-3)
    return torch.stack([116 * y - 16, 500 * (x - y), 200 * (y - z)], dim=-3)


def lab_to_rgb_tensor(lab: Tensor) -> Tensor:
    """Lab to sRGB, clamped to [0, 1], with gradient inside the gamut.

    Args:
        lab: floating point, ...,3,H,W.
    """
    lightness, a, b = lab.unbind(-3)
    y = (lightness + 16) / 116
    roots = torch.stack([a / 500 + y, y, (y - b / 200).clamp(min=0)], dim=-3)
    xyz = torch.where(roots > 0.2068966, roots ** 3, (roots - 16 / 116) / 7.787) * constant(_WHITE, lab)
    linear = _mix(xyz, _FROM_XYZ)
    rgb = torch.where(linear > 0.0031308, 1.055 * linear.clamp(min=0.0031308) ** (1 / 2.4) - 0.055, 12.92 * linear)
    return rgb.clamp(0, 1)


def rgb_to_lab(rgb: np.ndarray) -> np.ndarray:
    """SRGB picture H,W,3, uint8 or floating point in [0, 1], to float64 Lab H,W,3."""
    rgb = np.asarray(rgb)
    if rgb.ndim != 3 or rgb.shape[2] != 3:
        raise ValueError(f'H,W,3 is expected, got {rgb.shape}')
    if rgb.dtype != np.uint8 and not np.issubdtype(rgb.dtype, np.floating):
        raise TypeError(f'uint8 or floating point in [0, 1] is expected, got {rgb.dtype}')
    image = torch.from_numpy(np.ascontiguousarray(rgb.transpose(2, 0, 1)))
    linear = _LINEAR_8BIT[image.int()] if rgb.dtype == np.uint8 else _linear(image.double())
    return _linear_to_lab(linear).permute(1, 2, 0).numpy()


def lab_to_rgb(lab: np.ndarray) -> np.ndarray:
    """Lab picture H,W,3 to float64 sRGB H,W,3 in [0, 1]."""
    lab = np.asarray(lab, np.float64)
    if lab.ndim != 3 or lab.shape[2] != 3:
        raise ValueError(f'H,W,3 is expected, got {lab.shape}')
    return lab_to_rgb_tensor(torch.from_numpy(lab).permute(2, 0, 1)).permute(1, 2, 0).numpy()
