"""Frechet and kernel distances against closed forms, scipy's matrix root, mpmath and sums by hand."""

import mpmath
import numpy as np
import pytest
from scipy.linalg import sqrtm

from nightgen.evaluation.functional import FeatureMoments, frechet_distance, kernel_distance, polynomial_mmd


def gaussian(seed: int, channels: int = 6) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    factor = rng.normal(size=(channels, channels))
    return rng.normal(size=channels), factor @ factor.T


def test_closed_form_of_commuting_gaussians():
    rotation = np.linalg.qr(np.random.default_rng(0).normal(size=(5, 5)))[0]
    first, second = np.array([4.0, 9, 1, 0.25, 2]), np.array([1.0, 4, 16, 0.25, 3])
    mean_1, mean_2 = np.arange(5.0), np.array([1.0, 0, 2, 5, 4])
    covariances = [rotation @ np.diag(values) @ rotation.T for values in (first, second)]
    expected = np.sum((mean_1 - mean_2) ** 2) + np.sum((np.sqrt(first) - np.sqrt(second)) ** 2)
    assert frechet_distance(mean_1, covariances[0], mean_2, covariances[1]) == pytest.approx(expected, abs=1e-12)


def test_one_channel():
    assert frechet_distance([3.0], [[4.0]], [1.0], [[25.0]]) == pytest.approx((3 - 1) ** 2 + (2 - 5) ** 2)


@pytest.mark.parametrize('seed', range(3))
def test_against_scipys_matrix_root(seed):
    (mean_1, first), (mean_2, second) = gaussian(seed), gaussian(seed + 10)
    expected = np.sum((mean_1 - mean_2) ** 2) + np.trace(first + second - 2 * sqrtm(first @ second).real)
    assert frechet_distance(mean_1, first, mean_2, second) == pytest.approx(expected, rel=1e-10)


def test_against_mpmath_where_covariances_are_singular():
    # fewer vectors than channels: the product of the covariances has no well-behaved root
    rng = np.random.default_rng(5)
    sets = [rng.normal(size=(4, 7)) * scale + shift for scale, shift in ((1.0, 0.0), (2.0, 0.5))]
    moments = [FeatureMoments.of(features) for features in sets]
    ours = frechet_distance(moments[0].mean, moments[0].covariance, moments[1].mean, moments[1].covariance)
    with mpmath.workdps(40):
        exact = []
        for features in sets:
            matrix = mpmath.matrix(features.tolist())
            mean = [mpmath.fsum(matrix[i, j] for i in range(4)) / 4 for j in range(7)]
            exact.append((mean, mpmath.matrix(7, 7)))
            for a in range(7):
                for b in range(7):
                    exact[-1][1][a, b] = mpmath.fsum(
                        (matrix[i, a] - mean[a]) * (matrix[i, b] - mean[b]) for i in range(4)) / 3
        (mean_1, first), (mean_2, second) = exact
        values = mpmath.eig(first * second, left=False, right=False)
        overlap = mpmath.fsum(mpmath.sqrt(max(mpmath.re(value), 0)) for value in values)
        expected = mpmath.fsum((a - b) ** 2 for a, b in zip(mean_1, mean_2, strict=True)) - 2 * overlap
        expected += mpmath.fsum(first[i, i] + second[i, i] for i in range(7))
        assert ours == pytest.approx(float(expected), rel=1e-7)


def test_equal_sets_are_at_distance_zero():
    mean, covariance = gaussian(3, 20)
    assert frechet_distance(mean, covariance, mean, covariance) == pytest.approx(0, abs=1e-10)


def test_moments_are_numpys_in_any_parts():
    features = np.random.default_rng(1).normal(3, 2, (50, 8)).astype(np.float32)
    parts = [FeatureMoments.of(features[start:start + 7]) for start in range(0, 50, 7)]
    moments = sum(parts[1:], parts[0])
    np.testing.assert_allclose(moments.mean, features.mean(axis=0, dtype=np.float64), rtol=1e-13)
    np.testing.assert_allclose(moments.covariance, np.cov(features.astype(np.float64), rowvar=False), atol=1e-12)


def test_bad_sets_are_errors():
    with pytest.raises(ValueError, match='at least two images'):
        _ = FeatureMoments.of(np.zeros((1, 4))).covariance
    with pytest.raises(ValueError, match='no feature'):
        _ = FeatureMoments.of(np.zeros((0, 4))).mean
    with pytest.raises(ValueError, match='not finite'):
        FeatureMoments.of(np.full((3, 2), np.nan))
    with pytest.raises(ValueError, match='N,C'):
        FeatureMoments.of(np.zeros(4))
    with pytest.raises(ValueError, match='channels'):
        FeatureMoments.of(np.zeros((3, 2))) + FeatureMoments.of(np.zeros((3, 4)))
    with pytest.raises(ValueError, match='sets have features'):
        frechet_distance(np.zeros(2), np.eye(2), np.zeros(3), np.eye(3))
    with pytest.raises(ValueError, match='at least two'):
        polynomial_mmd(np.zeros((1, 2)), np.zeros((4, 2)))


def test_mmd_is_the_double_sum():
    rng = np.random.default_rng(2)
    first, second = rng.normal(size=(5, 3)), rng.normal(1, 1, size=(4, 3))

    def kernel(x, y):
        return (sum(a * b for a, b in zip(x, y, strict=True)) / 3 + 1) ** 3

    def pairs(features):
        number = len(features)
        return sum(kernel(features[i], features[j]) for i in range(number) for j in range(number) if i != j) / (
            number * (number - 1))

    cross = sum(kernel(x, y) for x in first for y in second) / 20
    assert polynomial_mmd(first, second) == pytest.approx(pairs(first) + pairs(second) - 2 * cross, rel=1e-12)


def test_mmd_is_unbiased_under_one_distribution():
    rng = np.random.default_rng(3)
    values = [polynomial_mmd(rng.normal(size=(10, 4)), rng.normal(size=(12, 4))) for _ in range(2000)]
    assert abs(np.mean(values)) < 4 * np.std(values) / np.sqrt(2000)
    assert min(values) < 0


def test_kernel_distance_takes_subsets_of_large_sets_only():
    rng = np.random.default_rng(4)
    first, second = rng.normal(size=(60, 4)), rng.normal(0.5, 1, size=(80, 4))
    whole, spread = kernel_distance(first, second, subset_size=80)
    assert whole == polynomial_mmd(first, second) and np.isnan(spread)
    mean, spread = kernel_distance(first, second, subsets=200, subset_size=30)
    assert abs(mean - whole) < 5 * spread / np.sqrt(200) + 0.02 and spread > 0
    assert (mean, spread) == kernel_distance(first, second, subsets=200, subset_size=30)
