"""Negatives for a contrastive loss, made from noise and an image's own patches (NEGCUT, Wang et al., ICCV 2021)."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from mmengine.model import BaseModule
from torch import Tensor, nn

from nightgen.registry import MODELS

from .patch_sampler import EPS


@MODELS.register_module()
class NegativeGenerator(BaseModule):
    """A small network for each layer, from an image's mean patch and noise to negatives of length 1.

    Linear, ReLU, linear: 147,968 parameters a layer at the defaults. It is a further tensor of a translator's config
    with a player of its own, which raises the loss that the others lower.

    Args:
        num_layers: Layers, as the patches have them.
        width: Channels of a patch.
        noise: Width of the noise, drawn from torch's global CPU generator, which a resume restores.
        num_patches: Negatives of an image.
        init_cfg: mmengine's initialisation config; None keeps torch's default.
    """

    def __init__(self, num_layers: int = 5, width: int = 256, noise: int = 64, num_patches: int = 256,
                 init_cfg: dict | list | None = None) -> None:
        super().__init__(init_cfg)
        self.noise, self.num_patches = noise, num_patches
        self.networks = nn.ModuleList(nn.Sequential(nn.Linear(width + noise, width), nn.ReLU(), nn.Linear(width, width))
                                      for _ in range(num_layers))

    def forward(self, **patches: Sequence[Tensor]) -> tuple[list[Tensor], ...]:
        """Negatives for each set of patches, in the order of the arguments.

        Args:
            **patches: Lists with one N,P,width per layer; constants.

        Returns:
            As many lists with one N,num_patches,width per layer.

        Raises:
            ValueError: Another number of layers.
        """
        return tuple(self._negatives(name, layers) for name, layers in patches.items())

    def _negatives(self, name: str, layers: Sequence[Tensor]) -> list[Tensor]:
        if len(layers) != len(self.networks):
            raise ValueError(f'NegativeGenerator: {name} has {len(layers)} layers, num_layers={len(self.networks)}')
        made = []
        for network, part in zip(self.networks, layers, strict=True):
            mean = part.detach().mean(dim=1, keepdim=True).expand(-1, self.num_patches, -1)
            noise = torch.randn(len(part), self.num_patches, self.noise).to(mean, non_blocking=True)
            vectors = network(torch.cat([mean, noise], dim=2))
            made.append(vectors / (vectors.norm(dim=-1, keepdim=True) + EPS))
        return made
