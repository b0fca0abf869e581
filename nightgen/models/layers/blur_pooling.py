"""Antialiased halving and doubling of feature maps (Zhang, "Making convolutional networks shift-invariant again", ICML
2019), as CUT resamples. The filters are fixed: neither layer has a parameter or a buffer.
"""

import torch.nn.functional as F
from torch import Tensor, nn


class BlurDownsample(nn.Module):
    """Blur with the outer product of [1, 2, 1] / 4 behind mirrored borders, and keep every second row and column.

    The kernel is a box of two, twice, so two average pools do it.

    Shape: N,C,H,W to N,C,ceil(H/2),ceil(W/2); sides of at least 2.
    """

    def forward(self, x: Tensor) -> Tensor:
        return F.avg_pool2d(F.avg_pool2d(F.pad(x, (1, 1, 1, 1), mode='reflect'), 2, 1), 2, 2)


class BlurUpsample(nn.Module):
    """Spread to twice the size and blur with the outer product of [1, 3, 3, 1] / 4, borders repeated.

    That is what bilinear interpolation with half-pixel centres computes.

    Shape: N,C,H,W to N,C,2H,2W.
    """

    def forward(self, x: Tensor) -> Tensor:
        return F.interpolate(x, scale_factor=2, mode='bilinear', align_corners=False)
