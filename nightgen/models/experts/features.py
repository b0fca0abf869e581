"""Features of pictures from trained networks that are there for something else: VGG, and segmentors.

An extractor is a module that takes uint8 pictures N,3,H,W to float features N,C and says in ``identity`` (``name``,
``sha256``, ``resize``) what it is.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import torch
import torch.nn.functional as F
from mmcv.cnn import VGG
from torch import Tensor, nn

from nightgen.functional import constant
from nightgen.registry import MODELS

from .frozen import FrozenModel
from .inputs import to_pixels
from .weights import load_weight_file

_IMAGENET = dict(mean=(123.675, 116.28, 103.53), std=(58.395, 57.12, 57.375))
_CAFFE_BGR_MEAN = (103.939, 116.779, 123.68)


def _layer_names(network: VGG) -> list[str]:
    """``conv1_1``, ``relu1_1``, ... ``pool5`` of the modules of ``features``, in their order."""
    names, block, number = [], 1, 0
    for module in network.features:
        if isinstance(module, nn.Conv2d):
            number += 1
            names.append(f'conv{block}_{number}')
        elif isinstance(module, nn.MaxPool2d):
            names.append(f'pool{block}')
            block, number = block + 1, 0
        else:
            names.append(f'relu{block}_{number}')
    return names


class LayeredFeatures(FrozenModel):
    """A frozen network that is a chain of named steps; it gives the maps after some of them.

    Args:
        network: With its weights.
        what: Its name, for messages.
        layers: What :meth:`maps` gives.
        size: (height, width) that pictures are resized to first (bicubic); None leaves them.

    Raises:
        ValueError: No layers, or unknown ones.
    """

    def __init__(self, network: nn.Module, what: str, layers: Sequence[str], size: Sequence[int] | None):
        super().__init__(network)
        self.layers = tuple(layers)
        self._looked = False
        self.size = None if size is None else tuple(size)
        names = [name for name, _ in self.steps()]
        unknown = [layer for layer in self.layers if layer not in names]
        if unknown or not self.layers:
            raise ValueError(f'{what} has no layers {unknown}; it has {", ".join(names)}')

    @abstractmethod
    def steps(self) -> Iterator[tuple[str, Callable[[Tensor], Tensor]]]:
        """Name and function of each step, in their order."""

    @abstractmethod
    def scaled(self, pixels: Tensor) -> Tensor:
        """Pixel values of 0 to 255, RGB N,3,H,W, to what the network takes."""

    @property
    def resize(self) -> str:
        """The resize rule, in words."""
        return 'none' if self.size is None else f'{self.size[0]}x{self.size[1]} bicubic'

    def normalised(self, images: Tensor) -> Tensor:
        """Uint8, or floating point in [-1, 1], RGB N,3,H,W to what the network takes; gradients pass.

        The range is looked at in the first call, and in every one without gradients: it waits for the device, which a
        step of training must not.
        """
        look = not (self._looked and torch.is_grad_enabled())
        x, self._looked = to_pixels(images.to(next(self.network.parameters()).device), look), True
        if self.size is not None and tuple(x.shape[-2:]) != self.size:
            x = F.interpolate(x, self.size, mode='bicubic', align_corners=False).clamp(0, 255)
            x = x.round() if images.dtype == torch.uint8 else x  # as resizing an 8-bit picture gives it
        return self.scaled(x)

    def maps(self, images: Tensor) -> list[Tensor]:
        """The feature maps of ``layers``, in their order, with gradient to the pictures: each N,C,h,w."""
        return self.maps_of(images, self.layers)

    def maps_of(self, images: Tensor, layers: Sequence[str]) -> list[Tensor]:
        """As :meth:`maps`, of other layers."""
        return self._run(self.normalised(images), layers)

    def maps_of_pixels(self, pixels: Tensor, layers: Sequence[str]) -> list[Tensor]:
        """As :meth:`maps_of`, of pixel values on the scale of 0 to 255 that may leave it and are not resized."""
        return self._run(self.scaled(pixels), layers)

    def _run(self, x: Tensor, layers: Sequence[str]) -> list[Tensor]:
        found: dict[str, Tensor] = {}
        for name, step in self.steps():
            x = step(x)
            if name in layers:
                found[name] = x
            if len(found) == len(set(layers)):
                break
        return [found[layer] for layer in layers]


@MODELS.register_module()
class VGGFeatures(LayeredFeatures):
    """Layers of a VGG that was trained on ImageNet, by the names of the original networks (``relu3_1``).

    Args:
        weights: A file with torchvision's keys (``features.0.weight``, ...; the classifier is left out), or
            ``'random'`` for a network as it was initialised.
        depth: 16 or 19.
        layers: What :meth:`maps` gives.
        preprocess: ``torch``: RGB, ImageNet mean and standard deviation, as torchvision's weights want. ``caffe``: BGR
            on the 255 scale minus the mean, as weights converted from Caffe or Keras want.
        size: (height, width) that pictures are resized to first (bicubic); None leaves them.
        sha256: Of the file, or its beginning.

    Raises:
        ValueError: Unknown layers, or no weight file.
        FileNotFoundError, CheckpointMismatchError: See :func:`~.weights.load_weight_file`.
    """

    def __init__(self, weights: str | Path | None = None, depth: int = 16,
                 layers: Sequence[str] = ('relu3_1', 'relu4_1'), preprocess: str = 'torch',
                 size: Sequence[int] | None = None, sha256: str | None = None):
        if preprocess not in ('torch', 'caffe'):
            raise ValueError(f"preprocess is 'torch' or 'caffe', got {preprocess!r}")
        network = VGG(depth, with_last_pool=True)
        digest = load_weight_file(network, weights, sha256, drop=('classifier.',), what=f'VGG{depth} (ImageNet)')
        for module in network.features:
            if isinstance(module, nn.ReLU):
                module.inplace = False  # else conv3_1 would be given as relu3_1
        super().__init__(network, f'VGG{depth}', layers, size)
        self.depth, self.preprocess, self.digest = depth, preprocess, digest

    @property
    def identity(self) -> dict[str, str]:
        """What a distance on these features must say beside its number."""
        return dict(name=f'vgg{self.depth}', sha256=self.digest, resize=self.resize, layers=', '.join(self.layers),
                    preprocess=self.preprocess)

    def steps(self) -> Iterator[tuple[str, Callable[[Tensor], Tensor]]]:
        return zip(_layer_names(self.network), self.network.features, strict=True)

    def scaled(self, pixels: Tensor) -> Tensor:
        if self.preprocess == 'caffe':
            return pixels.flip(1) - constant(_CAFFE_BGR_MEAN, pixels).view(3, 1, 1)
        mean, std = (constant(_IMAGENET[name], pixels).view(3, 1, 1) for name in ('mean', 'std'))
        return (pixels - mean) / std

    @torch.no_grad()
    def forward(self, images: Tensor) -> Tensor:
        """The means of the maps over positions, beside each other: float32 N,C."""
        return torch.cat([feature.mean(dim=(2, 3)) for feature in self.maps(images)], dim=1)


@MODELS.register_module()
class SegmentorFeatures(nn.Module):
    """Means over positions of a segmentor's feature map: an extractor where the FID's own network is not to be had.

    A distance on it is not a FID, and is named after this network.

    Args:
        expert: Config of a ``SegmentationExpert`` (or the expert).
        level: Which of the maps of ``expert.features``; the last by default.
        name: Short name that the distance's key gets (letters, digits, underscores).
    """

    def __init__(self, expert: Mapping | nn.Module, level: int = -1, name: str = 'segmentor'):
        super().__init__()
        self.expert = MODELS.build(expert) if isinstance(expert, Mapping) else expert
        if not hasattr(self.expert, 'features'):
            raise TypeError(f'{type(self.expert).__name__} gives no features; a SegmentationExpert with a model does')
        self.level, self.name = level, name

    @property
    def identity(self) -> dict[str, Any]:
        """What a distance on these features must say beside its number."""
        card = self.expert.card
        size = card.get('input_size')
        return dict(name=self.name, sha256=card['sha256'], resize='none' if size is None else str(size),
                    config=str(card['config']), level=self.level)

    def _parts(self, images: Tensor) -> tuple[Tensor, ...]:
        return images.split(getattr(self.expert, 'batch_size', len(images)) or 1)

    @torch.no_grad()
    def forward(self, images: Tensor) -> Tensor:
        """Uint8 N,3,H,W RGB to float32 N,C."""
        return torch.cat([self.expert.features(part)[self.level].float().mean(dim=(2, 3))
                          for part in self._parts(images)])

    @torch.no_grad()
    def maps(self, images: Tensor) -> list[Tensor]:
        """All feature maps of uint8 pictures N,3,H,W, whatever ``level``: float32 N,C,h,w each."""
        parts = [self.expert.features(part) for part in self._parts(images)]
        return [torch.cat(level).float() for level in zip(*parts, strict=True)]
