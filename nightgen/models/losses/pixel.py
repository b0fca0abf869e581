"""Pixel-wise distances between two images."""

from __future__ import annotations

import torch.nn.functional as F
from torch import Tensor, nn

from nightgen.registry import LOSSES

_DISTANCES = {'l1': F.l1_loss, 'l2': F.mse_loss, 'smooth_l1': F.smooth_l1_loss, 'huber': F.huber_loss}


def pixel(pred: Tensor, target: Tensor, kind: str = 'l1') -> Tensor:
    """Mean over all elements of a distance between ``pred`` and ``target``.

    Args:
        pred: Tensor of any shape, usually N,C,H,W in [-1, 1].
        target: Tensor of the same shape.
        kind: ``l1``, ``l2`` (squared), ``smooth_l1`` (beta 1) or ``huber`` (delta 1).

    Returns:
        0-d tensor.

    Raises:
        ValueError: For an unknown kind or shapes that differ (broadcasting would hide a mistake).
    """
    if kind not in _DISTANCES:
        raise ValueError(f'pixel: unknown kind {kind!r}; choose one of {sorted(_DISTANCES)}')
    if pred.shape != target.shape:
        raise ValueError(f'pixel: pred {tuple(pred.shape)} and target {tuple(target.shape)} differ in shape')
    return _DISTANCES[kind](pred, target)


@LOSSES.register_module()
class PixelLoss(nn.Module):
    """:func:`pixel` with a fixed ``kind``."""

    def __init__(self, kind: str = 'l1'):
        super().__init__()
        if kind not in _DISTANCES:
            raise ValueError(f'PixelLoss: unknown kind {kind!r}; choose one of {sorted(_DISTANCES)}')
        self.kind = kind

    def forward(self, pred: Tensor, target: Tensor) -> Tensor:
        return pixel(pred, target, self.kind)
