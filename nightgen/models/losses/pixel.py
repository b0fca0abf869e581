"""Pixel-wise distances between two images."""

from __future__ import annotations

import torch.nn.functional as F
from torch import Tensor, nn

from nightgen.registry import LOSSES

from .checks import require_equal_shapes

_DISTANCES = {'l1': F.l1_loss, 'l2': F.mse_loss, 'smooth_l1': F.smooth_l1_loss, 'huber': F.huber_loss}
_BENDS = dict(smooth_l1='beta', huber='delta')  # torch's names of where a square becomes linear


def pixel(pred: Tensor, target: Tensor, kind: str = 'l1', window: int = 0, delta: float = 1.0) -> Tensor:
    """Mean over all elements of a distance between ``pred`` and ``target``.

    Args:
        pred: Tensor of any shape, usually N,C,H,W in [-1, 1].
        target: Tensor of the same shape.
        kind: ``l1``, ``l2`` (squared), ``smooth_l1`` or ``huber``.
        window: Compare the means of windows of ``window`` x ``window`` pixels at every second position instead; 0
            compares pixels. ToDayGAN's identity and forward terms have 3 (specs: morngan 2.2).
        delta: The difference from which ``smooth_l1`` and ``huber`` are linear; ``huber`` is ``delta`` times the other.

    Returns:
        0-d tensor.

    Raises:
        ValueError: For an unknown kind, a negative window, a delta that is not positive or does not belong to the kind,
            or shapes that differ (broadcasting would hide a mistake).
    """
    _check(kind, window, delta, 'pixel')
    require_equal_shapes('pixel', pred=pred, target=target)
    if window:
        pred, target = (F.avg_pool2d(image, window, stride=2) for image in (pred, target))
    return _DISTANCES[kind](pred, target, **({_BENDS[kind]: delta} if kind in _BENDS else {}))


def _check(kind: str, window: int, delta: float, who: str) -> None:
    if kind not in _DISTANCES:
        raise ValueError(f'{who}: unknown kind {kind!r}; choose one of {sorted(_DISTANCES)}')
    if window < 0:
        raise ValueError(f'{who}: window is the side of a window in pixels, or 0 for none, got {window}')
    if delta <= 0 or (delta != 1 and kind not in _BENDS):
        raise ValueError(f'{who}: delta is positive and belongs to {sorted(_BENDS)}, got {delta} with {kind!r}')


@LOSSES.register_module()
class PixelLoss(nn.Module):
    """:func:`pixel` with fixed options.

    Args:
        kind: See :func:`pixel`.
        window: See :func:`pixel`.
        delta: See :func:`pixel`.
        detach_target: Take ``target`` as a constant, where the network that is trained makes it too (the latent term of
            morngan 2.2).
    """

    def __init__(self, kind: str = 'l1', window: int = 0, detach_target: bool = False, delta: float = 1.0):
        super().__init__()
        _check(kind, window, delta, 'PixelLoss')
        self.kind, self.window, self.delta, self.detach_target = kind, window, delta, detach_target

    def forward(self, pred: Tensor, target: Tensor) -> Tensor:
        return pixel(pred, target.detach() if self.detach_target else target, self.kind, self.window, self.delta)
