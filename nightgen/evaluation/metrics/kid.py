"""Kernel distance of features."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from mmengine.dist import all_gather_object
from torch import Tensor

from nightgen.evaluation.functional import kernel_distance
from nightgen.registry import METRICS

from .feature_distance import FeatureDistance


@METRICS.register_module()
class KernelInceptionDistance(FeatureDistance):
    """KID: squared maximum mean discrepancy under a cubic kernel; lower is better, and unbiased for small sets.

    Features are kept as float32 and gathered. Sets no larger than ``subset_size`` are compared whole; else the mean
    over random subsets is taken, whose standard deviation is the second number, ``<key>_std``. The key is ``KID`` on
    the FID's own Inception only and ``KD_<network>`` on every other network.

    Args:
        subsets: How many subsets.
        subset_size: Pictures drawn from each set.
        seed: Of the drawing.

    Other arguments: see :class:`FeatureDistance`.

    Raises:
        ValueError: A set of fewer than two pictures, from ``evaluate``.
    """

    inception_key, other_key = 'KID', 'KD'

    def __init__(self, *args: Any, subsets: int = 100, subset_size: int = 1000, seed: int = 0, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.subsets, self.subset_size, self.seed = subsets, subset_size, seed

    def add(self, collected: dict | None, features: Tensor, names: Sequence[tuple]) -> dict:
        collected = {} if collected is None else collected
        collected.update(zip(names, features.float().cpu().numpy(), strict=True))
        return collected

    def merge(self, collected: dict | None) -> dict[str, Any]:
        parts = all_gather_object(collected or {})
        merged = {name: feature for part in parts for name, feature in part.items()}
        # sorted by name, so that the subsets are the same for any number of processes
        return dict(features=np.stack([merged[name] for name in sorted(merged)]) if merged else np.zeros((0, 1)))

    def distance(self, fake: dict[str, Any], real: dict[str, Any]) -> dict[str, float]:
        mean, deviation = kernel_distance(fake['features'], real['features'], self.subsets, self.subset_size, self.seed)
        return {self.key: mean, **({} if np.isnan(deviation) else {f'{self.key}_std': deviation})}

    def count(self, statistics: dict[str, Any]) -> int:
        return len(statistics['features'])
