"""How light and how rich in contrast the images of a batch are, against those of another domain."""

from __future__ import annotations

from collections.abc import Sequence

import torch.nn.functional as F
from torch import Tensor, nn

from nightgen.functional import at_least_single, luma
from nightgen.registry import LOSSES

EPS = 1e-5


def local_spread(grey: Tensor, window: int) -> Tensor:
    """Standard deviation in windows of ``window`` pixels, half overlapping: N,1,H,W to N,1,h,w."""
    stride = max(1, window // 2)
    mean = F.avg_pool2d(grey, window, stride)
    return ((F.avg_pool2d(grey.square(), window, stride) - mean.square()).clamp(min=0) + EPS).sqrt()


def distribution_distance(pred: Tensor, target: Tensor) -> Tensor:
    """Wasserstein-1 distance of the values of two tensors of as many: the mean difference of their sorted values."""
    return (pred.flatten().sort().values - target.flatten().sort().values).abs().mean()


def tone_distribution(pred: Tensor, target: Tensor, strips: int = 4, windows: Sequence[int] = (4, 16),
                      contrast_weight: float = 1.0) -> Tensor:
    """Distance between the distributions of grey and of local contrast in a batch and in another, strip by strip.

    Mist is a grey without black, without white and without contrast; no pixel of it is wrong, but their distribution is
    none that daylight has. Both distributions are of all pixels of the batch in a strip of rows (the sky is above the
    road), so no image is compared with another: the two need to be alike in viewpoint, not in content.

    Args:
        pred: Translations, N,3,H,W in [-1, 1].
        target: As many real images of the domain, of the same shape; a constant.
        strips: Into how many strips of rows images are cut, as equal as can be.
        windows: Sides in pixels, at least 2, of the windows in whose standard deviation contrast is measured.
        contrast_weight: Weight of the mean over windows, beside 1 for the grey.

    Returns:
        0-d tensor: the mean over strips of the Wasserstein-1 distance of greys in [0, 1] (Rec. 601), plus
        ``contrast_weight`` times that of the standard deviations, mean over windows.

    Raises:
        ValueError: Shapes that differ, or strips that are smaller than a window.
    """
    if pred.shape != target.shape or pred.ndim != 4 or pred.shape[1] != 3:
        raise ValueError(f'tone_distribution: expected two N,3,H,W of one shape, got {tuple(pred.shape)} and '
                         f'{tuple(target.shape)}')
    if min(pred.shape[2] // strips, pred.shape[3]) < max(windows, default=1):
        raise ValueError(f'tone_distribution: {strips} strips of {pred.shape[2]}x{pred.shape[3]} pixels are smaller '
                         f'than a window of {max(windows)}; take larger crops, or fewer strips')
    greys = [luma((at_least_single(image) + 1) / 2) for image in (pred, target.detach())]
    total = greys[0].new_zeros(())
    for one, other in zip(*(grey.tensor_split(strips, dim=2) for grey in greys), strict=True):
        total = total + distribution_distance(one, other)
        for window in windows:
            spreads = local_spread(one, window), local_spread(other, window)
            total = total + contrast_weight / len(windows) * distribution_distance(*spreads)
    return total / strips


@LOSSES.register_module()
class ToneDistributionLoss(nn.Module):
    """:func:`tone_distribution` of translations ``pred`` and real images ``target`` of their domain.

    Args:
        strips, windows, contrast_weight: See :func:`tone_distribution`.

    Raises:
        ValueError: No strip, or a window below 2.
    """

    def __init__(self, strips: int = 4, windows: Sequence[int] = (4, 16), contrast_weight: float = 1.0) -> None:
        super().__init__()
        if strips < 1 or min(windows, default=2) < 2:
            raise ValueError(f'ToneDistributionLoss: strips is at least 1 and a window at least 2, got strips={strips} '
                             f'and windows={tuple(windows)}')
        self.strips, self.windows, self.contrast_weight = strips, tuple(windows), contrast_weight

    def forward(self, pred: Tensor, target: Tensor) -> Tensor:
        return tone_distribution(pred, target, self.strips, self.windows, self.contrast_weight)
