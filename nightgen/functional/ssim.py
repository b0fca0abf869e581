"""Structural similarity, the formula that the metric and the loss share."""

from collections.abc import Callable
from typing import TypeVar

import numpy as np

Values = TypeVar('Values')
"""An array or a tensor."""


def gaussian_taps(window_size: int, sigma: float) -> np.ndarray:
    """A Gaussian at whole numbers around 0, of sum 1; float64.

    Raises:
        ValueError: ``window_size`` is not odd.
    """
    if window_size < 1 or window_size % 2 == 0:
        raise ValueError(f'a window has an odd number of pixels, got {window_size}')
    taps = np.exp(-(np.arange(window_size) - window_size // 2) ** 2 / (2 * sigma ** 2))
    return taps / taps.sum()


def ssim_map(pred: Values, target: Values, blur: Callable[[Values], Values], data_range: float) -> Values:
    """The structural similarity at every position (Wang et al. 2004, equation 13; K1 = 0.01, K2 = 0.03).

    Only arithmetic, and so for arrays and tensors alike.

    Args:
        pred, target: pictures of one shape and scale.
        blur: takes the local mean; the result has its shape.
        data_range: largest possible minus smallest possible value.
    """
    c1, c2 = (0.01 * data_range) ** 2, (0.03 * data_range) ** 2
    mean_p, mean_t = blur(pred), blur(target)
    variances = blur(pred * pred + target * target) - mean_p ** 2 - mean_t ** 2  # only their sum is needed
    covariance = blur(pred * target) - mean_p * mean_t
    return ((2 * mean_p * mean_t + c1) * (2 * covariance + c2)
            / ((mean_p ** 2 + mean_t ** 2 + c1) * (variances + c2)))
