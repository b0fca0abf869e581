"""Structural similarity of two images as a loss."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from nightgen.functional import at_least_single, gaussian_taps, ssim_map
from nightgen.registry import LOSSES

from .checks import require_equal_shapes, require_images

_SIGMA = 1.5


def ssim(pred: Tensor, target: Tensor, window_size: int = 11) -> Tensor:
    """1 - SSIM of the images in [0, 1], the mean over images, channels and positions (specs: morngan 2.2).

    Gaussian window of sigma 1.5, K1 = 0.01, K2 = 0.03, only positions at which the whole window lies inside. The same
    formula as that of the metric (:func:`nightgen.evaluation.functional.ssim`).

    Args:
        pred: N,C,H,W in [-1, 1]; H and W at least ``window_size``.
        target: Same shape and range.
        window_size: Odd side of the window: 11 in Wang et al. 2004, 3 in PearlGAN and MornGAN.

    Returns:
        0-d tensor in [0, 2]; 0 for equal images.

    Raises:
        ValueError: Shapes that differ, images smaller than the window, or a window of an even size.
    """
    require_images(pred, 'ssim')
    require_equal_shapes('ssim', pred=pred, target=target)
    if min(pred.shape[-2:]) < window_size:
        raise ValueError(f'ssim: the images {tuple(pred.shape)} are smaller than the window {window_size}')
    pred, target = ((at_least_single(image) + 1) / 2 for image in (pred, target))
    taps = gaussian_taps(window_size, _SIGMA).tolist()
    return 1 - ssim_map(pred, target, lambda image: _blur(_blur(image, taps, -2), taps, -1), data_range=1.0).mean()


def _blur(image: Tensor, taps: Sequence[float], dim: int) -> Tensor:
    """Weighted sums of neighbours along one axis, inside only; ``taps`` are symmetric.

    For a window of three, with gradients on a CPU, this takes 40 % of the time of a depthwise convolution.
    """
    half, inside = len(taps) // 2, image.shape[dim] - len(taps) + 1
    total = taps[half] * image.narrow(dim, half, inside)
    for near, tap in enumerate(taps[:half]):
        pair = image.narrow(dim, near, inside) + image.narrow(dim, len(taps) - 1 - near, inside)
        total = torch.add(total, pair, alpha=tap)
    return total


@LOSSES.register_module()
class SSIMLoss(nn.Module):
    """:func:`ssim` with a fixed ``window_size``.

    Raises:
        ValueError: An even ``window_size``.
    """

    def __init__(self, window_size: int = 11):
        super().__init__()
        gaussian_taps(window_size, _SIGMA)  # refuses an even size now, not in training
        self.window_size = window_size

    def forward(self, pred: Tensor, target: Tensor) -> Tensor:
        return ssim(pred, target, self.window_size)
