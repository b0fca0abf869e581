"""Area under the curve and thresholds against counting by hand."""

import numpy as np
import pytest

from nightgen.evaluation.functional import area_under_roc, at_threshold, best_threshold


def kinds(seed=0):
    random = np.random.default_rng(seed)
    positive = random.random(60) < 0.4
    return (random.integers(0, 12, 60) + 3 * positive) / 10, positive  # with ties


def test_the_area_is_the_chance_of_the_right_order():
    values, positive = kinds()
    pairs = [(a > b) + 0.5 * (a == b) for a in values[positive] for b in values[~positive]]
    assert area_under_roc(values, positive) == pytest.approx(np.mean(pairs), abs=1e-12)
    assert area_under_roc(np.array([1.0, 2, 3]), np.array([False, True, True])) == 1
    assert area_under_roc(-values, ~positive) == pytest.approx(np.mean(pairs), abs=1e-12)


def test_the_best_threshold_is_the_best_of_all():
    values, positive = kinds(1)
    steps = np.arange(0, 1.5, 0.05)
    each = [at_threshold(values, positive, step) for step in steps]
    for step, found in zip(steps, each, strict=True):
        assert found.found == pytest.approx(np.mean([v > step for v, p in zip(values, positive, strict=True) if p]))
        assert found.kept == pytest.approx(np.mean([v <= step for v, p in zip(values, positive, strict=True) if not p]))
    best = best_threshold(values, positive, steps)
    assert best.balanced == pytest.approx(max((found.found + found.kept) / 2 for found in each))
    assert best == pytest.approx(at_threshold(values, positive, best.threshold))
    assert 0.5 < best.balanced < 1
    split = np.array([0.1, 0.2, 0.7, 0.9]), np.array([False, False, True, True])
    assert best_threshold(*split, np.array([0.1, 0.2, 0.5, 0.7])) == (0.2, 1, 1)  # the lowest of equals


def test_both_kinds_are_needed():
    for values, positive in ((np.ones(3), np.ones(3, bool)), (np.ones(3), np.zeros(3, bool)),
                             (np.ones(3), np.ones(2, bool))):
        with pytest.raises(ValueError, match='values of both kinds are needed'):
            area_under_roc(values, positive)
