"""How alike two feature maps are at each place, and which places are background (DiCo eq. 8 and 9, specs/dico 6)."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from nightgen.functional import at_least_single, no_autocast

SOFTNESS = 0.1  # of a soft mask's sigmoid


def elementwise_similarity(features: Tensor, reference: Tensor) -> Tensor:
    """Pearson's correlation over channels between the vectors of each place (DiCo's EleSim).

    Args:
        features: N,C,h,w.
        reference: Same shape.

    Returns:
        N,1,h,w in [-1, 1]; 0 where either vector is the same in all channels.

    Raises:
        ValueError: Shapes that differ, or not of four dimensions.
    """
    if features.ndim != 4 or features.shape != reference.shape:
        raise ValueError('elementwise_similarity: features and reference must both have shape N,C,h,w, got '
                         f'{tuple(features.shape)} and {tuple(reference.shape)}')
    with no_autocast(features):
        first, second = (part - part.mean(dim=1, keepdim=True) for part in
                         (at_least_single(features), at_least_single(reference)))
        lengths = first.norm(dim=1, keepdim=True) * second.norm(dim=1, keepdim=True)
        return ((first * second).sum(dim=1, keepdim=True) / (lengths + 1e-8)).clamp(-1, 1)


def layer_thresholds(threshold: float | Sequence[float], layers: int, who: str) -> list[float]:
    """The similarity above which each of some layers has background.

    Args:
        threshold: One for all, or one for each.
        layers: Their number.
        who: Name for messages.

    Raises:
        ValueError: Another number of thresholds than layers.
    """
    if isinstance(threshold, (int, float)):
        return [float(threshold)] * layers
    if len(threshold) != layers:
        raise ValueError(f'{who}: {len(threshold)} thresholds {tuple(threshold)} for {layers} layers of features; give '
                         'one for all or one for each')
    return [float(part) for part in threshold]


def background_mask(similarity: Tensor, threshold: float = 0.5, hard: bool = True, detach: bool = True) -> Tensor:
    """Where an image shows the background: 1 where it resembles the reference more than ``threshold``, else 0.

    Args:
        similarity: N,1,h,w, of :func:`elementwise_similarity`. A sigmoid of it, as the paper has it, exceeds
            sigmoid(threshold) at the same places.
        threshold: Between -1 and 1.
        hard: Or, where False, sigmoid((similarity - threshold) / 0.1), between 0 and 1.
        detach: Whether the mask is a constant. With its gradient a loss on the background is least where nothing is
            background.

    Returns:
        N,1,h,w of the dtype of ``similarity``.
    """
    similarity = similarity.detach() if detach else similarity
    if hard:
        return (similarity > threshold).to(similarity.dtype)
    return torch.sigmoid((similarity - threshold) / SOFTNESS)


def foreground_score(similarity: Tensor) -> Tensor:
    """How likely a place is foreground: 1 - sigmoid(similarity), between 0.27 and 0.73."""
    return 1 - torch.sigmoid(similarity)
