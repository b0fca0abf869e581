"""Frechet distance of features."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from mmengine.dist import all_gather_object, all_reduce
from torch import Tensor

from nightgen.evaluation.functional import FeatureMoments, frechet_distance
from nightgen.registry import METRICS

from .feature_distance import FeatureDistance


@METRICS.register_module()
class FrechetInceptionDistance(FeatureDistance):
    """FID: Frechet distance between the features of the outputs and those of real pictures; lower is better.

    Each process keeps the sum and the sum of outer products of its features in float64, which are added up over
    processes; the root's trace comes from eigenvalues. The key is ``FID`` on the FID's own Inception only and
    ``FD_<network>`` on every other network. Values of sets of different size must not be compared: the smaller the
    set, the larger the distance (``KernelInceptionDistance`` has no such bias).

    Arguments: see :class:`FeatureDistance`.

    Raises:
        ValueError: A set of fewer than two pictures, from ``evaluate``.
    """

    inception_key, other_key = 'FID', 'FD'

    def add(self, collected: FeatureMoments | None, features: Tensor, names: Sequence[tuple]) -> FeatureMoments:
        moments = FeatureMoments.of(features.double().cpu().numpy())
        return moments if collected is None else collected + moments

    def merge(self, collected: FeatureMoments | None) -> dict[str, Any]:
        channels = max(all_gather_object(0 if collected is None else len(collected.total)))
        if collected is None:  # a process without pictures takes part with zeros
            collected = FeatureMoments(0, np.zeros(channels), np.zeros((channels, channels)))
        sums = torch.from_numpy(np.concatenate([[collected.number], collected.total, collected.products.ravel()]))
        all_reduce(sums)
        sums = sums.numpy()
        return dict(number=sums[0], total=sums[1:1 + channels],
                    products=sums[1 + channels:].reshape(channels, channels))

    def distance(self, fake: dict[str, Any], real: dict[str, Any]) -> dict[str, float]:
        sets = [FeatureMoments(int(part['number']), part['total'], part['products']) for part in (fake, real)]
        return {self.key: frechet_distance(sets[0].mean, sets[0].covariance, sets[1].mean, sets[1].covariance)}

    def count(self, statistics: dict[str, Any]) -> int:
        return int(statistics['number'])
