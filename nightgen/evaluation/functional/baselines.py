"""What a translator must beat: answers to a picture that need no network, only colour statistics of the sets."""

from collections.abc import Iterable
from dataclasses import dataclass

import cv2
import numpy as np

BASELINES = ('input', 'mean_day_frame', 'gamma', 'histogram_matching')


@dataclass(frozen=True)
class ColourStatistics:
    """Colour counts of a set of pictures: ``histogram[channel, value]``, float64 of shape 3,256."""

    histogram: np.ndarray

    @classmethod
    def of(cls, images: Iterable[np.ndarray]) -> 'ColourStatistics':
        """Counts uint8 RGB pictures H,W,3; every pixel weighs the same."""
        histogram = np.zeros((3, 256))
        for image in images:
            for channel in range(3):
                histogram[channel] += np.bincount(image[..., channel].ravel(), minlength=256)
        if not histogram.any():
            raise ValueError('colour statistics of no image at all')
        return cls(histogram)

    @property
    def mean_colour(self) -> np.ndarray:
        """Mean R, G, B in [0, 255]."""
        return self.histogram @ np.arange(256) / self.histogram.sum(axis=1)

    @property
    def mean(self) -> float:
        """Mean of all values in [0, 255]."""
        return float(self.mean_colour.mean())


def match_histogram(image: np.ndarray, reference: ColourStatistics) -> np.ndarray:
    """Gives each channel of one picture the value distribution of a set.

    A value with cumulative frequency q becomes the reference value at q, linear in between; rounded.

    Args:
        image: uint8 H,W,3.
        reference: statistics of the set, e.g. all training days.
    """
    result = np.empty_like(image)
    for channel in range(3):
        counts = np.bincount(image[..., channel].ravel(), minlength=256)
        quantiles = np.cumsum(counts) / counts.sum()
        values = np.flatnonzero(reference.histogram[channel])
        steps = np.cumsum(reference.histogram[channel][values])
        table = np.interp(quantiles, steps / steps[-1], values)
        result[..., channel] = np.rint(table).astype(np.uint8)[image[..., channel]]
    return result


def matching_gamma(source: ColourStatistics, target: ColourStatistics) -> float:
    """The exponent g for which the mean of ``255 (x / 255)^g`` over one set equals the mean of the other.

    One g for all channels and pictures, by bisection.

    Raises:
        ValueError: no exponent between 0.001 and 1000 does it (a set that is all black or all white).
    """
    counts, values = source.histogram.sum(axis=0), np.arange(256) / 255

    def mean_at(log_gamma: float) -> float:
        return 255 * float(counts @ values ** np.exp(log_gamma) / counts.sum())

    low, high = np.log(1e-3), np.log(1e3)
    if not mean_at(high) <= target.mean <= mean_at(low):
        raise ValueError(f'no gamma turns the mean {source.mean:.2f} into {target.mean:.2f}')
    for _ in range(100):
        middle = (low + high) / 2
        low, high = (middle, high) if mean_at(middle) > target.mean else (low, middle)
    return float(np.exp((low + high) / 2))


def apply_gamma(image: np.ndarray, gamma: float) -> np.ndarray:
    """``255 (x / 255)^gamma``, rounded, on uint8."""
    return np.rint(255 * (np.arange(256) / 255) ** gamma).astype(np.uint8)[image]


def equalise_locally(image: np.ndarray, clip_limit: float = 4.0, tiles: int = 8) -> np.ndarray:
    """Contrast-limited adaptive histogram equalisation (CLAHE) of the lightness of Lab; colours stay.

    Args:
        image: uint8 H,W,3 RGB.
        clip_limit: OpenCV's limit of a histogram's bins.
        tiles: Tiles in each direction.
    """
    lab = cv2.cvtColor(image, cv2.COLOR_RGB2LAB)
    lab[..., 0] = cv2.createCLAHE(clip_limit, (tiles, tiles)).apply(lab[..., 0])
    return cv2.cvtColor(lab, cv2.COLOR_LAB2RGB)


def constant_frame(image: np.ndarray, reference: ColourStatistics) -> np.ndarray:
    """A picture of the same size in the set's mean colour, rounded."""
    return np.broadcast_to(np.rint(reference.mean_colour).astype(np.uint8), image.shape).copy()


def baseline_outputs(picture: np.ndarray, day: ColourStatistics, source: ColourStatistics,
                     gamma: float | None = None) -> dict[str, np.ndarray]:
    """Every baseline's answer to one night or thermal picture.

    Args:
        picture: uint8 H,W,3 RGB.
        day, source: statistics of the *training* sets; the test truth must not enter them.
        gamma: ``matching_gamma(source, day)`` where the caller has computed it.

    Returns:
        uint8 H,W,3 by name, in the order of :data:`BASELINES`.
    """
    gamma = matching_gamma(source, day) if gamma is None else gamma
    answers = (picture, constant_frame(picture, day), apply_gamma(picture, gamma), match_histogram(picture, day))
    return dict(zip(BASELINES, answers, strict=True))
