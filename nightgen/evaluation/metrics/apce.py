"""APCE: do the edges of the thermal input survive in the output?"""

from typing import Any

import numpy as np

from nightgen.evaluation.functional import apce, apce_curve, edge_recall
from nightgen.registry import METRICS

from .per_image import PerImageMetric, picture


@METRICS.register_module()
class APCE(PerImageMetric):
    """Average precision of Canny edges under 99 thresholds, of ``fake`` against ``source``; 1 for equal pictures.

    As the PearlGAN authors' MATLAB script has it (specs/morngan 5.1): per threshold the mean over the pictures whose
    source has an edge there, then the mean over thresholds. It is a recall of the source's edge pixels, with no
    tolerance. Thresholds at which no picture has an edge are left out; NaN where none has any.

    After ``evaluate``, ``details['curve']`` holds the 99 means (the papers' per-threshold figure).

    Args:
        prefix: put before the key, ``<prefix>/APCE``.

    Raises:
        ValueError: a sample without source.
    """

    def values(self, sample: dict) -> dict[str, Any]:
        fake, source = picture(sample, 'fake', 'APCE'), picture(sample, 'source', 'APCE')
        if fake.shape[:2] != source.shape[:2]:
            raise ValueError(f'APCE: the output of {sample.get("img_path")} is {fake.shape[:2]}, its source '
                             f'{source.shape[:2]}')
        return dict(recall=edge_recall(fake, source))

    def compute_metrics(self, results: list[dict[str, np.ndarray]]) -> dict[str, float]:
        recalls = np.stack([item['recall'] for item in results])
        curve = apce_curve(recalls)
        self.details = dict(curve=[None if np.isnan(value) else float(value) for value in curve],
                            pictures=len(recalls))
        return dict(APCE=apce(recalls))
