"""Distances between two sets of feature vectors: Frechet's, and the kernel distance (KID)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass
class FeatureMoments:
    """Sums over a set of feature vectors from which mean and covariance follow; sets that are disjoint add up.

    Attributes:
        number: how many vectors.
        total: their sum, float64 C.
        products: sum of their outer products, float64 C,C.
    """

    number: int
    total: np.ndarray
    products: np.ndarray

    @classmethod
    def of(cls, features: np.ndarray) -> FeatureMoments:
        """Of vectors N,C.

        Raises:
            ValueError: another shape, or values that are not finite.
        """
        features = np.asarray(features, np.float64)
        if features.ndim != 2:
            raise ValueError(f'features N,C are expected, got the shape {features.shape}')
        if not np.isfinite(features).all():
            raise ValueError('features that are not finite')
        return cls(len(features), features.sum(axis=0), features.T @ features)

    def __add__(self, other: FeatureMoments) -> FeatureMoments:
        if self.total.shape != other.total.shape:
            raise ValueError(f'features of {len(self.total)} and of {len(other.total)} channels cannot be added')
        return FeatureMoments(self.number + other.number, self.total + other.total, self.products + other.products)

    @property
    def mean(self) -> np.ndarray:
        """Mean vector."""
        if self.number < 1:
            raise ValueError('the mean of no feature vector at all')
        return self.total / self.number

    @property
    def covariance(self) -> np.ndarray:
        """Covariance over N - 1, as ``numpy.cov`` has it.

        Raises:
            ValueError: fewer than two vectors.
        """
        if self.number < 2:
            raise ValueError(f'a Frechet distance needs at least two images in each set, got {self.number}')
        return (self.products - np.outer(self.total, self.total) / self.number) / (self.number - 1)


def frechet_distance(mean_1: np.ndarray, covariance_1: np.ndarray, mean_2: np.ndarray,
                     covariance_2: np.ndarray) -> float:
    """Frechet distance of two normal distributions.

    ``|m1 - m2|^2 + tr(S1) + tr(S2) - 2 tr((S1 S2)^(1/2))``. The product of two covariances has the eigenvalues of the
    symmetric ``S1^(1/2) S2 S1^(1/2)``, so the last trace is the sum of their roots: no matrix root of the product,
    which may be complex and fails where a covariance is singular (as any is of fewer pictures than channels).

    Eigenvalues that float64 cannot tell from 0 count as 0, else their roots would be noise that depends on the order of
    summation.

    Args:
        mean_1, mean_2: C.
        covariance_1, covariance_2: C,C, symmetric.

    Returns:
        At least 0 up to rounding.
    """
    mean_1, mean_2 = (np.asarray(value, np.float64) for value in (mean_1, mean_2))
    first, second = (np.atleast_2d(np.asarray(value, np.float64)) for value in (covariance_1, covariance_2))
    if mean_1.shape != mean_2.shape or first.shape != second.shape:
        raise ValueError(f'the sets have features of {mean_1.shape} and {mean_2.shape}')
    values, vectors = np.linalg.eigh(first)
    root = (vectors * _roots(values)) @ vectors.T
    inner = root @ second @ root
    overlap = _roots(np.linalg.eigvalsh((inner + inner.T) / 2)).sum()
    return float(np.sum((mean_1 - mean_2) ** 2) + np.trace(first) + np.trace(second) - 2 * overlap)


def _roots(values: np.ndarray) -> np.ndarray:
    noise = len(values) * np.finfo(np.float64).eps * max(values.max(), 0)
    return np.sqrt(np.where(values > noise, values, 0))


def polynomial_mmd(first: np.ndarray, second: np.ndarray) -> float:
    """Unbiased squared maximum mean discrepancy under the kernel ``(x y / C + 1)^3`` (Binkowski et al. 2018).

    Args:
        first, second: N,C and M,C, at least two vectors each.

    Returns:
        Around 0 for sets of one distribution, and then negative as often as positive.
    """
    first, second = (np.asarray(value, np.float64) for value in (first, second))
    if min(len(first), len(second)) < 2:
        raise ValueError(f'a kernel distance needs at least two images in each set, got {len(first)} and '
                         f'{len(second)}')
    channels = first.shape[1]

    def kernel(one: np.ndarray, other: np.ndarray) -> np.ndarray:
        return (one @ other.T / channels + 1) ** 3

    def within(features: np.ndarray) -> float:
        values = kernel(features, features)
        return (values.sum() - np.trace(values)) / (len(features) * (len(features) - 1))

    return float(within(first) + within(second) - 2 * kernel(first, second).mean())


def kernel_distance(first: np.ndarray, second: np.ndarray, subsets: int = 100, subset_size: int = 1000,
                    seed: int = 0) -> tuple[float, float]:
    """KID: the mean of :func:`polynomial_mmd` over random subsets.

    Sets that are no larger than a subset are taken whole and once.

    Args:
        first, second: N,C and M,C.
        subsets: how many.
        subset_size: vectors drawn from each set without replacement.
        seed: of the drawing.

    Returns:
        Mean and standard deviation over subsets; the latter NaN where there was one only.
    """
    if max(len(first), len(second)) <= subset_size:
        return polynomial_mmd(first, second), float('nan')
    generator = np.random.default_rng(seed)
    values = []
    for _ in range(subsets):
        drawn = [features[generator.choice(len(features), min(subset_size, len(features)), replace=False)]
                 for features in (first, second)]
        values.append(polynomial_mmd(*drawn))
    return float(np.mean(values)), float(np.std(values))
