"""Attentional cross-domain conditional similarity of PearlGAN: what a scale attends to is alike in both domains."""

from __future__ import annotations

from collections.abc import Sequence

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from nightgen.functional import at_least_single, no_autocast
from nightgen.registry import LOSSES

from .attention import stack_maps

_FLOOR = 1e-6
Maps = Sequence[Tensor] | Tensor


def accs(features: Tensor, attention: Maps, other_features: Tensor, other_attention: Maps,
         maps: Sequence[int] | None = None, diversity_weight: float = 0.25) -> Tensor:
    """How much likelier a scale's attended feature resembles another scale's of the other image (specs: morngan 2.13).

    Each scale i of an image has an attended feature: the mean of the features weighted with its map, of length 1. With
    the cosines c_ij between scale i of the one and j of the other image, and the weight w_i, the smaller of the two
    maps' largest values: ``sum w_i (max_j c_ij - c_ii) / (sum w_i + 1e-6)``, plus ``diversity_weight`` times each
    image's similarity between its own scales, relu of the sum of its off-diagonal cosines over K^2.

    The features are constants: only the maps are trained.

    Args:
        features: N,C,h,w, e.g. what the encoder of day makes of the real day.
        attention: Its maps, K of N,1,h,w or one tensor N,K,h,w.
        other_features: N,C,h,w of the other image from the same encoder, e.g. of the day made from a thermal image.
        other_attention: Maps of the other image, e.g. those of that thermal image.
        maps: Indices of the maps that count; all by default.
        diversity_weight: Of the similarity within an image.

    Returns:
        0-d tensor, at least 0, the mean over images.

    Raises:
        ValueError: Shapes that do not fit.
    """
    ours, weight = _attended(features, attention, maps)
    theirs, other_weight = _attended(other_features, other_attention, maps)
    if ours.shape != theirs.shape:
        raise ValueError(f'accs: the images differ in number, scales or channels: {tuple(ours.shape)} and '
                         f'{tuple(theirs.shape)}')
    with no_autocast(ours):
        cosine = ours @ theirs.transpose(1, 2)
        weight = torch.minimum(weight, other_weight)
        behind = cosine.max(dim=2).values - cosine.diagonal(dim1=1, dim2=2)
        align = (weight * behind).sum(dim=1) / (weight.sum(dim=1) + _FLOOR)
        return (align + diversity_weight * (_own_similarity(ours) + _own_similarity(theirs))).mean()


def _attended(features: Tensor, attention: Maps, maps: Sequence[int] | None) -> tuple[Tensor, Tensor]:
    """Attended features N,K,C of length 1, and the largest value of each map N,K."""
    stacked = stack_maps(attention, maps, 'accs').flatten(2)
    features = at_least_single(features.detach())
    if features.ndim != 4 or (features.shape[0], features.shape[2:].numel()) != (stacked.shape[0], stacked.shape[2]):
        raise ValueError(f'accs: features N,C,h,w and maps of their size are needed, got {tuple(features.shape)} and '
                         f'maps of {tuple(stacked.shape)} (images, maps, positions)')
    with no_autocast(features):
        mean = stacked @ features.flatten(2).transpose(1, 2) / stacked.sum(dim=2, keepdim=True)
        return F.normalize(mean, dim=2), stacked.max(dim=2).values


def _own_similarity(features: Tensor) -> Tensor:
    cosine = features @ features.transpose(1, 2)
    off_diagonal = cosine.sum(dim=(1, 2)) - cosine.diagonal(dim1=1, dim2=2).sum(dim=1)
    return torch.relu(off_diagonal / features.shape[1] ** 2)


@LOSSES.register_module()
class ACCSLoss(nn.Module):
    """:func:`accs` of the chosen maps.

    Args:
        maps: Which maps count; PearlGAN leaves the coarsest one, 0, out.
        diversity_weight: See :func:`accs`.
    """

    def __init__(self, maps: Sequence[int] | None = (1, 2, 3), diversity_weight: float = 0.25):
        super().__init__()
        self.maps, self.diversity_weight = None if maps is None else tuple(maps), diversity_weight

    def forward(self, features: Tensor, attention: Maps, other_features: Tensor, other_attention: Maps) -> Tensor:
        return accs(features, attention, other_features, other_attention, self.maps, self.diversity_weight)
