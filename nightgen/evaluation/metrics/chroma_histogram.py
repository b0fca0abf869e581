"""Are the outputs as colourful as real pictures, and in the same colours?"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from mmengine.dataset import BaseDataset

from nightgen.evaluation.functional import chroma_counts, histogram_intersection, log_curve, symmetric_divergence
from nightgen.registry import METRICS
from nightgen.utils.images import read_image, to_uint8

from .feature_distance import TRUTH
from .per_image import PerImageMetric, picture
from .real_set import file_list


@METRICS.register_module()
class ChromaHistogram(PerImageMetric):
    """Histograms of a and b over all outputs against those of real pictures (specs/cgan_colorization 9, 219 bins).

    Keys: ``ChromaIntersection`` (mean of a and b; 1 for equal histograms), ``ChromaIntersection_a``, ``_b`` and
    ``ChromaDivergence`` (symmetric Kullback-Leibler, mean of a and b). After ``evaluate``, ``details`` holds the
    paper's curves: logarithms of counts per picture of ``fake`` and ``real`` by channel, and ``edges``.

    Args:
        real: ``'truth'`` for the truth of each sample, or the config of a data set of real pictures (its pipeline is
            not run).
        prefix: put before the keys.
    """

    def __init__(self, real: Mapping | BaseDataset | str = TRUTH, prefix: str | None = None):
        super().__init__(prefix=prefix)
        if isinstance(real, str) and real != TRUTH:
            raise ValueError(f"ChromaHistogram: real is the config of a data set or '{TRUTH}', got {real!r}")
        self.real = real
        self._real_counts: tuple[np.ndarray, int] | None = None

    def values(self, sample: dict) -> dict[str, np.ndarray]:
        counts = dict(fake=chroma_counts(picture(sample, 'fake', 'ChromaHistogram')))
        if self.real == TRUTH:
            counts['real'] = chroma_counts(picture(sample, 'truth', 'ChromaHistogram'))
        else:
            self.real_counts()  # a missing real set must fail now, not after hours
        return counts

    def real_counts(self) -> tuple[np.ndarray, int]:
        """Counts of the real set, summed, and its number of pictures; made at the first call and kept."""
        if self._real_counts is None:
            paths = file_list(self.real, self.dataset_meta, 'ChromaHistogram')
            self._real_counts = (sum(chroma_counts(to_uint8(read_image(path))) for path in paths), len(paths))
        return self._real_counts

    def compute_metrics(self, results: list[dict[str, np.ndarray]]) -> dict[str, float]:
        fake = np.sum([item['fake'] for item in results], axis=0)
        real, number = (np.sum([item['real'] for item in results], axis=0), len(results)) if self.real == TRUTH else \
            self.real_counts()
        shared, apart = histogram_intersection(fake, real), symmetric_divergence(fake, real)
        self.details: dict[str, Any] = dict(edges=[-110, 109], fake_pictures=len(results), real_pictures=number)
        for role, counts, pictures in (('fake', fake, len(results)), ('real', real, number)):
            self.details[role] = {channel: [None if np.isnan(value) else float(value) for value in curve]
                                  for channel, curve in zip('ab', log_curve(counts, pictures), strict=True)}
        return dict(ChromaIntersection=float(shared.mean()), ChromaIntersection_a=float(shared[0]),
                    ChromaIntersection_b=float(shared[1]), ChromaDivergence=float(apart.mean()))
