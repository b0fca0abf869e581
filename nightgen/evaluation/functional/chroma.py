"""Numbers about the two colour channels of Lab (specs/cgan_colorization 9)."""

import numpy as np

from nightgen.functional import rgb_to_lab

EDGES = np.arange(-110, 110)
"""Integer edges of the 219 bins of a chroma histogram."""


def chroma_errors(pred: np.ndarray, target: np.ndarray) -> tuple[float, float]:
    """Mean absolute error of a and b in Lab units, and their PSNR with a peak of 255.

    Args:
        pred, target: uint8 RGB H,W,3 of one size; both are taken to Lab again, as the released evaluation does.

    Returns:
        The error, and ``20 log10(255 / rmse)`` in decibels (infinite for equal chroma; no PSNR of RGB pictures).
    """
    if np.shape(pred) != np.shape(target):
        raise ValueError(f'images differ in size: {np.shape(pred)} and {np.shape(target)}')
    difference = rgb_to_lab(pred)[..., 1:] - rgb_to_lab(target)[..., 1:]
    square = float(np.mean(difference ** 2))
    psnr = float('inf') if square == 0 else float(20 * np.log10(255 / np.sqrt(square)))
    return float(np.mean(np.abs(difference))), psnr


def class_chroma_errors(pred: np.ndarray, target: np.ndarray, label: np.ndarray, num_classes: int
                        ) -> tuple[np.ndarray, np.ndarray]:
    """Absolute errors of a and b (their mean) in Lab units, summed over the pixels of each class.

    Args:
        pred, target: uint8 RGB H,W,3 of one size.
        label: H,W integers; what is not below ``num_classes`` (255) does not count.
        num_classes: Number of classes.

    Returns:
        Sums, float64 num_classes, and pixels, int64 num_classes.

    Raises:
        ValueError: A label map of another size.
    """
    if label.shape != pred.shape[:2]:
        raise ValueError(f'the label map is {label.shape}, the image {pred.shape[:2]}')
    error = np.abs(rgb_to_lab(pred)[..., 1:] - rgb_to_lab(target)[..., 1:]).mean(axis=-1)
    counted = label < num_classes
    label, error = label[counted].astype(np.int64), error[counted]
    return np.bincount(label, error, num_classes), np.bincount(label, minlength=num_classes)


def chroma_counts(image: np.ndarray) -> np.ndarray:
    """Pixels per bin of a and of b: int64 2,219, bins of one unit from -110 to 109.

    Args:
        image: uint8 RGB H,W,3.
    """
    lab = rgb_to_lab(image)
    return np.stack([np.histogram(lab[..., channel], EDGES)[0] for channel in (1, 2)])


def log_curve(counts: np.ndarray, pictures: int) -> np.ndarray:
    """Natural logarithm of counts per picture; empty bins get the smallest value that is not empty.

    Args:
        counts: 2,219, summed over pictures.
        pictures: how many.

    Returns:
        float64 2,219; NaN where a channel has no pixel in any bin.
    """
    counts = np.asarray(counts, np.float64)
    curves = np.full(counts.shape, np.nan)
    for row, values in enumerate(counts / max(pictures, 1)):
        if values.any():
            curves[row] = np.log(np.where(values > 0, values, values[values > 0].min()))
    return curves


def histogram_intersection(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """Shared area of two histograms after normalising each: per row in [0, 1], 1 for equal ones; NaN for an empty one.

    Args:
        first, second: counts, rows,bins.
    """
    return np.minimum(_normalised(first), _normalised(second)).sum(axis=-1)


def symmetric_divergence(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """``(KL(p|q) + KL(q|p)) / 2`` per row, in nats, of histograms with one added to every bin.

    The added count keeps the divergence finite where one histogram is empty and the other is not.

    Args:
        first, second: counts, rows,bins.
    """
    p, q = (_normalised(np.asarray(counts, np.float64) + 1) for counts in (first, second))
    return ((p - q) * np.log(p / q)).sum(axis=-1) / 2


def _normalised(counts: np.ndarray) -> np.ndarray:
    counts = np.asarray(counts, np.float64)
    total = counts.sum(axis=-1, keepdims=True)
    return np.divide(counts, total, out=np.full(counts.shape, np.nan), where=total > 0)


def dark_chroma_spread(image: np.ndarray, source: np.ndarray, threshold: int = 25) -> float:
    """How far the colours scatter where the source shows nothing: blotches that were painted into black.

    Args:
        image: uint8 RGB H,W,3, the output.
        source: uint8 RGB H,W,3, what it was made from.
        threshold: A pixel is black if none of its channels exceeds this.

    Returns:
        Root mean square distance of (a, b) of the black pixels from their mean, in Lab units; NaN without a black one.
    """
    if np.shape(image) != np.shape(source):
        raise ValueError(f'images differ in size: {np.shape(image)} and {np.shape(source)}')
    black = source.max(axis=-1) <= threshold
    if not black.any():
        return float('nan')
    chroma = rgb_to_lab(image)[black][:, 1:]
    return float(np.sqrt(chroma.var(axis=0).sum()))
