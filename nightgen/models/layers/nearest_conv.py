"""Doubling by nearest neighbour and a 4x4 convolution, in one step."""

import torch.nn.functional as F
from torch import Tensor, nn

from .spectral_norm import SpectralConv2d


def nearest_conv(x: Tensor, weight: Tensor, bias: Tensor | None = None) -> Tensor:
    """What a 4x4 convolution makes of the image enlarged twofold by nearest neighbour.

    The enlarged image is padded as Keras's ``'same'`` does, by one zero before and two behind. Enlarging puts each
    pixel into a 2x2 square, so the two are one transposed convolution of stride 2 with the 5x5 kernel that the weight
    and that square make together: 25 products for each input pixel and pair of channels in place of 64.

    Args:
        x: N,C,H,W.
        weight: C',C,4,4.
        bias: C'.

    Returns:
        N,C',2H,2W.
    """
    wide = F.pad(weight, (1, 1, 1, 1))
    wide = wide[..., 1:, :] + wide[..., :-1, :]
    wide = wide[..., 1:] + wide[..., :-1]
    return F.conv_transpose2d(x, wide.flip(2, 3).transpose(0, 1), bias, stride=2, padding=2, output_padding=1)


class NearestConv2d(nn.Conv2d):
    """A 4x4 convolution of the enlarged image, see :func:`nearest_conv`; N,C,H,W to N,C',2H,2W.

    Args:
        in_channels, out_channels, bias: As of ``nn.Conv2d``.
    """

    def __init__(self, in_channels: int, out_channels: int, bias: bool = True) -> None:
        super().__init__(in_channels, out_channels, 4, bias=bias)

    def forward(self, x: Tensor) -> Tensor:
        return nearest_conv(x, self.weight, self.bias)


class SpectralNearestConv2d(SpectralConv2d):
    """:class:`NearestConv2d` with spectral norm."""

    def __init__(self, in_channels: int, out_channels: int, bias: bool = True) -> None:
        super().__init__(in_channels, out_channels, 4, bias=bias)

    def forward(self, x: Tensor) -> Tensor:
        return nearest_conv(x, self.normalised_weight(), self.bias)
