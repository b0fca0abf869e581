"""Pixel-wise distances between two images."""

from __future__ import annotations

import torch.nn.functional as F
from torch import Tensor, nn

from nightgen.registry import LOSSES

from .checks import require_equal_shapes

_DISTANCES = {'l1': F.l1_loss, 'l2': F.mse_loss, 'smooth_l1': F.smooth_l1_loss, 'huber': F.huber_loss}


def pixel(pred: Tensor, target: Tensor, kind: str = 'l1', window: int = 0) -> Tensor:
    """Mean over all elements of a distance between ``pred`` and ``target``.

    Args:
        pred: Tensor of any shape, usually N,C,H,W in [-1, 1].
        target: Tensor of the same shape.
        kind: ``l1``, ``l2`` (squared), ``smooth_l1`` (beta 1) or ``huber`` (delta 1).
        window: Compare the means of windows of ``window`` x ``window`` pixels at every second position instead; 0
            compares pixels. ToDayGAN's identity and forward terms have 3 (specs: morngan 2.2).

    Returns:
        0-d tensor.

    Raises:
        ValueError: For an unknown kind, a negative window or shapes that differ (broadcasting would hide a mistake).
    """
    _check(kind, window, 'pixel')
    require_equal_shapes('pixel', pred=pred, target=target)
    if window:
        pred, target = (F.avg_pool2d(image, window, stride=2) for image in (pred, target))
    return _DISTANCES[kind](pred, target)


def _check(kind: str, window: int, who: str) -> None:
    if kind not in _DISTANCES:
        raise ValueError(f'{who}: unknown kind {kind!r}; choose one of {sorted(_DISTANCES)}')
    if window < 0:
        raise ValueError(f'{who}: window is the side of a window in pixels, or 0 for none, got {window}')


@LOSSES.register_module()
class PixelLoss(nn.Module):
    """:func:`pixel` with a fixed ``kind`` and ``window``.

    Args:
        kind: See :func:`pixel`.
        window: See :func:`pixel`.
        detach_target: Take ``target`` as a constant, where the network that is trained makes it too (the latent term of
            morngan 2.2).
    """

    def __init__(self, kind: str = 'l1', window: int = 0, detach_target: bool = False):
        super().__init__()
        _check(kind, window, 'PixelLoss')
        self.kind, self.window, self.detach_target = kind, window, detach_target

    def forward(self, pred: Tensor, target: Tensor) -> Tensor:
        return pixel(pred, target.detach() if self.detach_target else target, self.kind, self.window)
