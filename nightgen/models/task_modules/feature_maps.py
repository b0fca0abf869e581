"""Feature maps of images from a frozen network, as tensors of a translator's config."""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor, nn

from nightgen.models.layers.similarity import layer_thresholds
from nightgen.registry import MODELS


@MODELS.register_module()
class FeatureMaps(nn.Module):
    """Send several images through one frozen network: ``dict(type='FeatureMaps', name=(...), reads=dict(...))``.

    Images of one size go through together: those that a gradient leads to in one call, the others in another, since
    a gradient of them would be computed for nothing. Its weights are read when a training run begins: who translates
    needs none.

    Args:
        network: Config of a network with ``maps(images) -> list of N,C,h,w`` that lets gradients through, such as
            ``VGGFeatures`` or ``EfficientNetFeatures``; or the network.

    Raises:
        TypeError: From the first call or ``prepare_training``: the network gives no maps.
    """

    def __init__(self, network: Mapping | nn.Module) -> None:
        super().__init__()
        self.config = dict(network) if isinstance(network, Mapping) else None
        object.__setattr__(self, 'network', None if self.config is not None else network)  # no part of the model

    def prepare_training(self) -> None:
        """Build the network, if it is not built yet; :class:`TranslatorCheckHook` calls this when a run begins."""
        if self.network is None:
            object.__setattr__(self, 'network', MODELS.build(self.config))
        if not hasattr(self.network, 'maps'):
            raise TypeError(f'FeatureMaps: {type(self.network).__name__} gives no feature maps; a network with '
                            'maps(images) is needed, such as VGGFeatures')
        self.network.eval().requires_grad_(False)

    def forward(self, **images: Tensor) -> tuple[list[Tensor], ...]:
        """The maps of each image, in the order of the arguments.

        Args:
            **images: N,3,H,W in [-1, 1].
        """
        self.prepare_training()
        self.network.to(next(iter(images.values())).device)
        groups: dict[tuple, list[str]] = {}
        for name, image in images.items():
            groups.setdefault((image.requires_grad, image.shape[1:]), []).append(name)
        found: dict[str, list[Tensor]] = {}
        for names in groups.values():
            maps = self.network.maps(torch.cat([images[name] for name in names]))
            parts = zip(*(part.split([len(images[name]) for name in names]) for part in maps), strict=True)
            found.update(zip(names, map(list, parts), strict=True))
        return tuple(found[name] for name in images)


def feature_maps_of(model: nn.Module) -> FeatureMaps:
    """The :class:`FeatureMaps` of a translator.

    Raises:
        ValueError: It has none.
    """
    for module in model.extra_tensors.values():
        if isinstance(module, FeatureMaps):
            return module
    raise ValueError("the config's model has no tensors=[dict(type='FeatureMaps', ...)], which masks are made of")


def background_thresholds_of(model: nn.Module, layers: int) -> list[float]:
    """The similarities above which a translator's losses see background in each layer; 0.5 where none says.

    Raises:
        ValueError: The losses have another number of thresholds than ``layers``.
    """
    options = (getattr(term.loss, 'options', {}) for term in model.losses)
    threshold = next((found['threshold'] for found in options if 'threshold' in found), 0.5)
    return layer_thresholds(threshold, layers, 'the losses')
