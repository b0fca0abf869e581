"""APCE: how many of the input's edges are where the output has edges."""

import numpy as np

from nightgen.functional.canny import THRESHOLDS, canny_levels, matlab_grey


def _edges_at_least(levels: np.ndarray) -> np.ndarray:
    # number of pixels that are edges at threshold 1, 2, ...: those of level >= 1, >= 2, ...
    counts = np.bincount(levels.ravel(), minlength=len(THRESHOLDS) + 1)[1:]
    return counts[::-1].cumsum()[::-1]


def edge_recall(fake: np.ndarray, source: np.ndarray) -> np.ndarray:
    """The share of the source's Canny edge pixels that are edge pixels of the output, at 99 thresholds.

    At j = 1..99 the high threshold is j/100 and the low one half of it; an edge counts only at the very pixel
    (specs/morngan 5.1).

    Args:
        fake: uint8 H,W,3 or H,W.
        source: uint8 of the same size: the thermal picture that was translated.

    Returns:
        float64, 99; NaN where the source has no edge.

    Raises:
        ValueError: pictures of different size.
    """
    if fake.shape[:2] != source.shape[:2]:
        raise ValueError(f'images differ in size: {fake.shape} and {source.shape}')
    made, given = canny_levels(matlab_grey(fake)), canny_levels(matlab_grey(source))
    total, hit = _edges_at_least(given), _edges_at_least(np.minimum(made, given))
    return np.divide(hit, total, out=np.full(len(total), np.nan), where=total > 0)


def apce_curve(recalls: np.ndarray) -> np.ndarray:
    """Per threshold, the mean over the pictures that have an edge there; NaN where none has.

    Args:
        recalls: pictures,99 as :func:`edge_recall` gives them.
    """
    recalls = np.asarray(recalls, np.float64).reshape(-1, len(THRESHOLDS))
    known = ~np.isnan(recalls)
    counts = known.sum(axis=0)
    sums = np.where(known, recalls, 0).sum(axis=0)
    return np.divide(sums, counts, out=np.full(len(counts), np.nan), where=counts > 0)


def apce(recalls: np.ndarray) -> float:
    """APCE of a set of pictures: the mean of the curve over its thresholds.

    Thresholds at which no picture has an edge are left out; NaN where that is all of them (constant pictures).
    """
    curve = apce_curve(recalls)
    known = curve[~np.isnan(curve)]
    return float(known.mean()) if len(known) else float('nan')
