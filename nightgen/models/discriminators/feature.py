"""A discriminator that looks at images through a frozen network, as Projected GANs do."""

from __future__ import annotations

from collections.abc import Mapping

import torch
from mmengine.model import BaseModule, ModuleList
from torch import Tensor, nn

from nightgen.functional import at_least_single
from nightgen.models.layers import conv_class
from nightgen.registry import DISCRIMINATORS, MODELS

SLOPE = 0.2
EPS = 1e-6


class _Head(nn.Sequential):
    """N,C,h,w features to one score a place: 1x1, 3x3 and 3x3 convolutions with spectral norm."""

    def __init__(self, channels: int, base: int) -> None:
        convolution = conv_class(spectral=True)
        super().__init__(
            convolution(channels, base, 1), nn.LeakyReLU(SLOPE, inplace=True),
            convolution(base, base, 3, padding=1), nn.LeakyReLU(SLOPE, inplace=True),
            convolution(base, 1, 3, padding=1))


@DISCRIMINATORS.register_module()
class FeatureDiscriminator(BaseModule):
    """Small heads on layers of a frozen network that was trained on real photographs.

    What is natural in a picture is known to such a network; with a thousand pictures a discriminator from scratch has
    to find it out while it is being fooled. After Sauer et al., *Projected GANs Converge Faster* (NeurIPS 2021);
    simpler than theirs: layers are not mixed, each has its own head, and its maps are divided by their root mean square
    in each image, since the layers of a network differ in scale. The frozen network is in no checkpoint and no
    optimizer. A distance on the *same* network (``KernelInceptionDistance`` on ``EfficientNetFeatures``) is not an
    independent judge of what was trained so.

    Args:
        features: Config of a network with ``layers``, ``scaled`` and ``steps``
            (:class:`~nightgen.models.experts.LayeredFeatures`: ``EfficientNetFeatures``, ``VGGFeatures``), with
            ``size=None``, or the network.
        base: Width of the heads.
        init_cfg: mmengine's initialisation config; None keeps torch's default.

    Shape: N,3,H,W, RGB, to a list of one score map N,1,h,w for each layer. In [-1, 1]; values beyond are seen as they
        are, and so come to be avoided.

    Raises:
        ValueError: Features that resize what they see.
    """

    def __init__(self, features: Mapping | nn.Module, base: int = 64, init_cfg: dict | None = None) -> None:
        super().__init__(init_cfg)
        self.features = MODELS.build(dict(features)) if isinstance(features, Mapping) else features
        if self.features.size is not None:
            raise ValueError('FeatureDiscriminator: features must see the image at its own size; give them size=None, '
                             f'not {self.features.size}')
        with torch.no_grad():
            maps = self.features.maps(torch.zeros(1, 3, 64, 64))
        self.heads = ModuleList([_Head(one.shape[1], base) for one in maps])

    def forward(self, x: Tensor) -> list[Tensor]:
        maps = self.features.maps_of_pixels((x + 1) * 127.5, self.features.layers)
        return [head(unit_scale(one)) for head, one in zip(self.heads, maps, strict=True)]


def unit_scale(features: Tensor) -> Tensor:
    """Each image's N,C,h,w features over their root mean square."""
    features = at_least_single(features)
    return features * (features.square().mean(dim=(1, 2, 3), keepdim=True) + EPS).rsqrt()
