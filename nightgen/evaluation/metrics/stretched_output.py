"""Metrics of outputs that were stretched to the full range first, as some papers report them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from mmengine.evaluator import BaseMetric

from nightgen.evaluation.functional import min_max_stretch
from nightgen.registry import METRICS
from nightgen.utils.images import image_to_tensor

from .per_image import add_numbers, picture


@METRICS.register_module()
class StretchedOutput(BaseMetric):
    """Gives its metrics each output min-max stretched to 0..255 over all channels (specs/morngan 4.7, Q17).

    The numbers keep their names; say ``prefix='stretched'`` to have them beside those of the outputs as they are.

    Args:
        metrics: Configs of metrics.
        prefix: Put before the keys.
    """

    default_prefix = ''

    def __init__(self, metrics: Sequence[Mapping | BaseMetric], prefix: str | None = None):
        super().__init__(prefix=prefix)
        self.metrics = [METRICS.build(metric) if isinstance(metric, Mapping) else metric for metric in metrics]
        self.details: dict[str, Any] = {}

    @property
    def dataset_meta(self) -> dict | None:
        """Meta information of the evaluation set."""
        return self._dataset_meta

    @dataset_meta.setter
    def dataset_meta(self, meta: dict) -> None:
        self._dataset_meta = meta
        for metric in self.metrics:
            metric.dataset_meta = meta

    def process(self, data_batch: Any, data_samples: Sequence[dict]) -> None:
        """Evaluates one batch."""
        stretched = [dict(sample, fake=image_to_tensor(min_max_stretch(picture(sample, 'fake', 'StretchedOutput'))))
                     for sample in data_samples]
        for metric in self.metrics:
            metric.process(data_batch, stretched)

    def evaluate(self, size: int) -> dict[str, float]:
        """The numbers of all its metrics."""
        numbers, start = {}, f'{self.prefix}/' if self.prefix else ''
        for metric in self.metrics:
            add_numbers(numbers, {start + key: value for key, value in metric.evaluate(size).items()},
                        'StretchedOutput')
        self.details = {type(metric).__name__: getattr(metric, 'details', {}) for metric in self.metrics}
        return numbers

    def compute_metrics(self, results: list) -> dict[str, float]:
        """Not called: its metrics compute their own."""
        raise NotImplementedError('StretchedOutput evaluates through its metrics')  # mmengine's abstract method
