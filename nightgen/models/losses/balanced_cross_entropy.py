"""Cross-entropy that weighs classes with few pixels more."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from nightgen.functional import at_least_single
from nightgen.registry import LOSSES

from .checks import require_images, require_label


def balanced_cross_entropy(logits: Tensor, label: Tensor, rare_pixels: int = 32 * 32, rare_weight: float = 7.0,
                           ignore_index: int = 255) -> Tensor:
    """Weighted cross-entropy; a class weighs ``rare_weight`` where few pixels of the batch have it, else 1.

    Few are fewer than ``rare_pixels`` times the number of images, at whatever size these have (specs: morngan 2.6,
    after Seg-Uncertainty). The mean over the labelled pixels, each counted with the weight of its class.

    Args:
        logits: N,C,H,W.
        label: N,H,W integers, class numbers or ``ignore_index``.
        rare_pixels: Pixels per image below which a class is rare.
        rare_weight: Weight of rare classes.
        ignore_index: Label of pixels that do not count.

    Returns:
        0-d tensor, at least 0; 0 where no pixel is labelled.

    Raises:
        ValueError: Shapes that do not fit.
        TypeError: A label that is not of integers.
        IndexError: A class number beyond the logits' (on a CPU; a GPU stops with a device-side assertion).
    """
    require_images(logits, 'balanced_cross_entropy')
    require_label(label, logits, 'balanced_cross_entropy')
    classes, label = logits.shape[1], label.long()
    counted = label != ignore_index
    # in place of bincount, which waits for a GPU; a number beyond the classes is cross_entropy's to refuse
    where = torch.where(counted, label.clamp(0, classes), classes).flatten()
    number = label.new_zeros(classes + 1).scatter_add_(0, where, torch.ones_like(where))[:classes]
    logits = at_least_single(logits)
    weight = torch.where(number < rare_pixels * logits.shape[0], rare_weight, 1.0).to(logits)
    total = F.cross_entropy(logits, label, weight, ignore_index=ignore_index, reduction='sum')
    return total / (weight * number).sum().clamp(min=min(rare_weight, 1.0))


@LOSSES.register_module()
class BalancedCrossEntropyLoss(nn.Module):
    """:func:`balanced_cross_entropy` with fixed settings."""

    def __init__(self, rare_pixels: int = 32 * 32, rare_weight: float = 7.0, ignore_index: int = 255):
        super().__init__()
        if rare_pixels < 0 or rare_weight <= 0:
            raise ValueError(f'BalancedCrossEntropyLoss: rare_pixels must be 0 or more and rare_weight positive, got '
                             f'{rare_pixels} and {rare_weight}')
        self.rare_pixels, self.rare_weight, self.ignore_index = rare_pixels, rare_weight, ignore_index

    def forward(self, logits: Tensor, label: Tensor) -> Tensor:
        return balanced_cross_entropy(logits, label, self.rare_pixels, self.rare_weight, self.ignore_index)
