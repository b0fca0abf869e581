"""Top-down guided attention: feature groups gated by maps that are found from coarse to fine."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from .blocks import build_norm

STRIDES = (16, 8, 4, 2)  # of the pooling behind each map, coarse to fine


class TDGABlock(nn.Module):
    """Gates the four quarters of the features by attention at four scales and adds the input: 68,101 parameters of 256.

    A 1x1 convolution (instance norm, PReLU) makes four groups of channels. The last group, pooled most, gives the
    coarsest map; each map then strengthens the next finer pooled group, ``g * (1 + map)``, that gives the next one. A
    map is ``sigmoid(instance norm(3x3 convolution to one channel))``, enlarged bilinearly. Source: PearlGAN (Luo et
    al., T-ITS 2022; specs: morngan 1.7).

    Args:
        channels: Channels in and out; 4 divides them.

    Raises:
        ValueError: If 4 does not divide the channels, or the features are too small for the coarsest map: it needs more
            than one value, so one side of the features must be at least 19 and the other at least 3.
    """

    def __init__(self, channels: int) -> None:
        super().__init__()
        if channels % len(STRIDES):
            raise ValueError(f'TDGABlock: {len(STRIDES)} must divide the channels, got {channels}')
        self.mix = nn.Sequential(nn.Conv2d(channels, channels, 1), build_norm('instance', channels), nn.PReLU())
        self.maps = nn.ModuleList([nn.Sequential(nn.Conv2d(channels // len(STRIDES), 1, 3),
                                                 build_norm('instance', 1), nn.Sigmoid()) for _ in STRIDES])

    def forward(self, x: Tensor) -> tuple[Tensor, list[Tensor]]:
        """N,C,h,w to the gated features, N,C,h,w, and the maps [a1, a2, a3, a4], coarse to fine, N,1,h,w in (0, 1)."""
        size = x.shape[-2:]
        if min(size) < 3 or max(size) < STRIDES[0] + 3:
            raise ValueError(f'TDGABlock: features of {size[0]}x{size[1]} are too small; one side must be at least '
                             f'{STRIDES[0] + 3} and the other at least 3 (four times that in pixels of the image)')
        groups = self.mix(x).chunk(len(STRIDES), dim=1)
        coarser, attention = None, []
        for group, stride, head in zip(reversed(groups), STRIDES, self.maps, strict=True):
            pooled = F.avg_pool2d(group, 3, stride)
            if coarser is not None:
                pooled = pooled * (1 + resize(coarser, pooled.shape[-2:]))
            coarser = head(surround(pooled))
            attention.append(resize(coarser, size))
        gated = [group * weights for group, weights in zip(groups, reversed(attention), strict=True)]
        return torch.cat(gated, dim=1) + x, attention


def resize(x: Tensor, size: torch.Size) -> Tensor:
    return F.interpolate(x, size=size, mode='bilinear', align_corners=False)


def surround(x: Tensor) -> Tensor:
    """One more row and column on each side: reflected, or repeated where there is a single one to reflect."""
    return F.pad(x, (1, 1, 1, 1), mode='reflect' if min(x.shape[-2:]) > 1 else 'replicate')
