"""Patches of feature maps at random places, projected to unit vectors (CUT, Park et al., ECCV 2020, section 3)."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from mmengine.model import BaseModule
from torch import Tensor, nn

from nightgen.registry import MODELS

EPS = 1e-7  # added to a vector's length, as CUT does


@MODELS.register_module()
class PatchSampler(BaseModule):
    """Draws places once, and takes from feature maps what is there, through one small network for each map.

    That network is a linear layer, a ReLU and a linear layer; its parameters exist from the beginning, since the widths
    are declared. Query and key share the places: ``draw`` gives them, ``forward`` takes them.

    Args:
        in_channels: Channels of every feature map.
        width: Of both linear layers. None: no network, the features themselves.
        num_patches: Places of a map; all of them where it has fewer.
        init_cfg: mmengine's initialisation config; None keeps torch's default.

    Raises:
        ValueError: If there is no feature map or ``num_patches`` is not positive.
    """

    def __init__(self, in_channels: Sequence[int], width: int | None = 256, num_patches: int = 256,
                 init_cfg: dict | list | None = None) -> None:
        super().__init__(init_cfg)
        if not in_channels or num_patches < 1:
            raise ValueError('PatchSampler: it needs the channels of at least one feature map and num_patches of 1 or '
                             f'more, got in_channels={tuple(in_channels)}, num_patches={num_patches}')
        self.in_channels, self.num_patches = tuple(in_channels), num_patches
        self.networks = nn.ModuleList(
            [nn.Sequential(nn.Linear(channels, width), nn.ReLU(), nn.Linear(width, width)) for channels in in_channels]
            if width else [nn.Identity() for _ in in_channels])

    def draw(self, features: Sequence[Tensor]) -> list[Tensor]:
        """Different places of every image of every map: N,P indices into H*W each, P = min(num_patches, H*W).

        Draws come from torch's global CPU generator, which a resume restores.
        """
        return [torch.stack([torch.randperm(part.shape[-2] * part.shape[-1])[:self.num_patches]
                             for _ in range(len(part))]).to(part.device, non_blocking=True) for part in features]

    def forward(self, features: Sequence[Tensor], places: Sequence[Tensor]) -> list[Tensor]:
        """The patches, projected and divided by their length.

        Args:
            features: N,C,H,W each, with the declared channels.
            places: N,P each, as :meth:`draw` gives them.

        Returns:
            N,P,width each (N,P,C without networks).

        Raises:
            ValueError: If the maps are not those that were declared.
        """
        channels = tuple(part.shape[1] for part in features)
        if channels != self.in_channels or len(places) != len(features):
            raise ValueError(f'PatchSampler: declared for feature maps of {self.in_channels} channels, got {channels} '
                             f'and places of {len(places)} maps')
        patches = [part.flatten(2).transpose(1, 2).gather(1, at[..., None].expand(-1, -1, part.shape[1]))
                   for part, at in zip(features, places, strict=True)]
        projected = [network(part) for network, part in zip(self.networks, patches, strict=True)]
        return [part / (part.norm(dim=-1, keepdim=True) + EPS) for part in projected]
