"""How well one number tells two kinds of places apart, and above which value."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np


class Separation(NamedTuple):
    """What :func:`best_threshold` finds."""

    threshold: float
    """Above it a value is taken for positive."""
    found: float
    """Share of the positive values that are above it."""
    kept: float
    """Share of the negative values that are not."""

    @property
    def balanced(self) -> float:
        """Balanced accuracy: the mean of both shares; 0.5 is chance."""
        return (self.found + self.kept) / 2


def _two_kinds(values: np.ndarray, positive: np.ndarray, who: str) -> tuple[np.ndarray, np.ndarray]:
    values, positive = np.asarray(values, np.float64), np.asarray(positive, bool)
    if values.ndim != 1 or values.shape != positive.shape or positive.all() or not positive.any():
        raise ValueError(f'{who}: values of both kinds are needed, got {values.shape} values and '
                         f'{positive.sum()} of {positive.size} positive ones')
    return values, positive


def area_under_roc(values: np.ndarray, positive: np.ndarray) -> float:
    """The chance that a positive value exceeds a negative one; equal ones count half.

    Args:
        values: N.
        positive: bool N.

    Raises:
        ValueError: Shapes that differ, or only one kind.
    """
    values, positive = _two_kinds(values, positive, 'area_under_roc')
    below = np.sort(values[~positive])
    less, not_more = (np.searchsorted(below, values[positive], side) for side in ('left', 'right'))
    return float((less + not_more).mean() / (2 * len(below)))


def at_threshold(values: np.ndarray, positive: np.ndarray, threshold: float) -> Separation:
    """What a given threshold separates; arguments and errors as of :func:`area_under_roc`."""
    values, positive = _two_kinds(values, positive, 'at_threshold')
    above = values > threshold
    return Separation(float(threshold), float(above[positive].mean()), float(1 - above[~positive].mean()))


def best_threshold(values: np.ndarray, positive: np.ndarray, steps: np.ndarray) -> Separation:
    """The threshold of the highest balanced accuracy, the lowest of equals.

    Args:
        values, positive: As of :func:`area_under_roc`.
        steps: Thresholds to choose from, rising.

    Raises:
        ValueError: Shapes that differ, or only one kind.
    """
    values, positive = _two_kinds(values, positive, 'best_threshold')
    found, passed = (1 - np.searchsorted(np.sort(part), steps, 'right') / len(part)
                     for part in (values[positive], values[~positive]))
    best = int(np.argmax(found - passed))
    return Separation(float(steps[best]), float(found[best]), float(1 - passed[best]))
