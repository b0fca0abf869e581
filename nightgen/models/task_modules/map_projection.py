"""Learnt projections of feature maps, whose self-similarity LSeSim compares (Zheng, Cham, Cai, CVPR 2021)."""

from __future__ import annotations

from collections.abc import Sequence

from mmengine.model import BaseModule
from torch import Tensor, nn

from nightgen.registry import MODELS


@MODELS.register_module()
class MapProjection(BaseModule):
    """Two convolutions of 1x1 with a ReLU between for each layer, to a quarter of its channels, at least 32.

    A further tensor of a translator's config with a player of its own. For VGG-16's relu3_1 and relu4_1 it has 102,784
    parameters.

    Args:
        in_channels: Channels of each layer.
        init_cfg: mmengine's initialisation config; None keeps torch's default.
    """

    def __init__(self, in_channels: Sequence[int], init_cfg: dict | list | None = None) -> None:
        super().__init__(init_cfg)
        widths = [max(32, channels // 4) for channels in in_channels]
        self.networks = nn.ModuleList(
            nn.Sequential(nn.Conv2d(channels, width, 1), nn.ReLU(), nn.Conv2d(width, width, 1))
            for channels, width in zip(in_channels, widths, strict=True))

    def forward(self, **maps: Sequence[Tensor]) -> tuple[list[Tensor], ...]:
        """The projected maps of each image, in the order of the arguments.

        Args:
            **maps: Lists with one N,C,h,w per layer.
        """
        return tuple([network(part) for network, part in zip(self.networks, layers, strict=True)]
                     for layers in maps.values())
