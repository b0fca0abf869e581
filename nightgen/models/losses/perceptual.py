"""Distance of two images in the features of a trained network."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import torch
from torch import Tensor, nn

from nightgen.functional import at_least_single
from nightgen.registry import LOSSES, MODELS

LAYERS = ('relu1_1', 'relu2_1', 'relu3_1', 'relu4_1', 'relu5_1')


def perceptual(pred: Sequence[Tensor], target: Sequence[Tensor],
               layer_weights: Sequence[float] | None = None) -> Tensor:
    """Weighted sum over layers of the mean absolute difference of their maps.

    Args:
        pred: Feature maps, N,C,h,w each.
        target: As many, of the same shapes.
        layer_weights: One for each layer; all the same, with the sum 1, by default.

    Returns:
        0-d tensor.

    Raises:
        ValueError: Other numbers of maps, or of another shape.
    """
    weights = [1 / max(len(pred), 1)] * len(pred) if layer_weights is None else list(layer_weights)
    if not pred or not len(pred) == len(target) == len(weights):
        raise ValueError(f'perceptual: {len(pred)} and {len(target)} maps, {len(weights)} layer weights; there must be '
                         'as many of each, and one at least')
    shapes = [(tuple(one.shape), tuple(other.shape)) for one, other in zip(pred, target, strict=True)]
    if any(one != other for one, other in shapes):
        raise ValueError(f'perceptual: maps of pred and target differ in shape: {shapes}')
    return torch.stack([weight * (at_least_single(one) - at_least_single(other)).abs().mean()
                        for one, other, weight in zip(pred, target, weights, strict=True)]).sum()


@LOSSES.register_module()
class PerceptualLoss(nn.Module):
    """:func:`perceptual` on the layers of a frozen VGG, which is in no checkpoint and in no optimizer.

    With the default layers, ``weights`` converted from Caffe and pictures of 224x224 it is what ``PerceptualDistance``
    measures (specs/cgan_colorization 9). Gradients reach ``pred``; ``target`` is a constant.

    Args:
        layers: Names of VGG's layers.
        weights: Its weight file; never replaced by another network. ``'random'`` for tests.
        layer_weights: See :func:`perceptual`.
        depth, preprocess, size, sha256: See :class:`~nightgen.models.experts.VGGFeatures`.
        network: Config of another network with ``maps`` (``EfficientNetFeatures``), or the network, in place of all of
            these.

    Raises:
        ValueError: No weight file, or unknown layers.
        FileNotFoundError: The file does not exist.

    Shape: pred and target N,3,H,W in [-1, 1] (uint8 too for target) to a 0-d tensor.
    """

    def __init__(self, layers: Sequence[str] = LAYERS, weights: str | Path | None = None,
                 layer_weights: Sequence[float] | None = None, depth: int = 19, preprocess: str = 'caffe',
                 size: Sequence[int] | None = None, sha256: str | None = None,
                 network: Mapping | nn.Module | None = None) -> None:
        super().__init__()
        network = network or dict(type='VGGFeatures', depth=depth, layers=tuple(layers), weights=weights,
                                  preprocess=preprocess, size=size, sha256=sha256)
        self.network = MODELS.build(dict(network)) if isinstance(network, Mapping) else network
        self.layer_weights = None if layer_weights is None else tuple(layer_weights)

    def forward(self, pred: Tensor, target: Tensor) -> Tensor:
        with torch.no_grad():
            wanted = self.network.maps(target)
        return perceptual(self.network.maps(pred), wanted, self.layer_weights)
