"""The single discriminator that LPTN's released recipe trains with."""

import torch.nn.functional as F
from mmengine.model import BaseModule
from torch import Tensor, nn

from nightgen.models.layers import build_norm
from nightgen.registry import DISCRIMINATORS

SLOPE = 0.2
WIDTHS = (16, 32, 64, 128, 128)
SIDE = 256


@DISCRIMINATORS.register_module()
class LPTNDiscriminator(BaseModule):
    """Resizes the image to 256 x 256 and gives it one linear score; 253,249 parameters.

    Five strided 3x3 convolutions (affine InstanceNorm after the first alone, after its leaky ReLU), then an 8x8
    convolution without padding. Source: LPTN's ``Discriminator`` (spec n2d_lpnet 1.7).

    Args:
        in_channels: Channels of the image.
        init_cfg: mmengine's initialisation config; None keeps torch's default, as LPTN does.

    Shape: N,C,H,W of any size to a list of one score map N,1,1,1.
    """

    def __init__(self, in_channels: int = 3, init_cfg: dict | None = None) -> None:
        super().__init__(init_cfg)
        layers: list[nn.Module] = []
        for index, (before, after) in enumerate(zip((in_channels, *WIDTHS), WIDTHS, strict=False)):
            layers += [nn.Conv2d(before, after, 3, stride=2, padding=1), nn.LeakyReLU(SLOPE)]
            if index == 0:
                layers.append(build_norm('instance_affine', after))
        self.layers = nn.Sequential(*layers, nn.Conv2d(WIDTHS[-1], 1, SIDE // 2 ** len(WIDTHS)))

    def forward(self, x: Tensor) -> list[Tensor]:
        return [self.layers(F.interpolate(x, size=(SIDE, SIDE), mode='bilinear', align_corners=False))]
