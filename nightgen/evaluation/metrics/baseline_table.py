"""The rows that stand above the model in a test table."""

import copy
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import torch
from mmengine.dataset import BaseDataset
from mmengine.evaluator import BaseMetric
from mmengine.logging import print_log

from nightgen.evaluation.functional import BASELINES, ColourStatistics, baseline_outputs, matching_gamma
from nightgen.registry import DATASETS, METRICS
from nightgen.utils.images import image_to_tensor, read_image, to_uint8

from .per_image import add_numbers, picture

TRUE_DAY = 'true_day'
"""The row of the truth itself: what a perfect translator would get."""
_WITHOUT_STATISTICS = (TRUE_DAY, 'night_input')


@METRICS.register_module()
class BaselineTable(BaseMetric):
    """Computes metrics for answers that need no training, beside the model's own.

    Keys are ``<row>/<metric>``: ``night_input`` (the picture itself), ``mean_day_frame`` (a constant frame of the
    training days' mean colour), ``gamma`` (one exponent that matches the training sets' means),
    ``histogram_matching`` (per picture and channel, to the training days) and, where asked for, ``true_day`` (the truth
    as if it were the output). ``nightgen.evaluation.metric_table`` prints them as rows. Any metric of outputs can be in
    it, also distances of sets and those with experts: each row has its own copy, and copies share a frozen network.

    Args:
        metrics: configs of metrics.
        day, night: configs of the *training* datasets of both domains (any with ``img_path`` in their records), which
            all rows but ``night_input`` and ``true_day`` need. Their pipelines are not run: whole pictures are counted.
            The test truth never enters.
        max_images: at most so many pictures of each set, evenly spread, are counted.
        baselines: which rows.
        prefix: put before the keys.
    """

    default_prefix = ''

    def __init__(self, metrics: Sequence[dict], day: dict | BaseDataset | None = None,
                 night: dict | BaseDataset | None = None, max_images: int = 1000, baselines: Sequence[str] = BASELINES,
                 prefix: str | None = None):
        super().__init__(prefix=prefix)
        known = (*BASELINES, TRUE_DAY)
        unknown = sorted(set(baselines) - set(known))
        if unknown:
            raise ValueError(f'BaselineTable: unknown baselines {unknown}, there are {list(known)}')
        self.baselines, self.max_images = tuple(baselines), max_images
        self._configs = dict(day=day, night=night)
        if set(baselines) - set(_WITHOUT_STATISTICS) and None in (day, night):
            raise ValueError(f'BaselineTable: the rows {sorted(set(baselines) - set(_WITHOUT_STATISTICS))} need the '
                             'training sets, day and night')
        built = [METRICS.build(metric) if isinstance(metric, Mapping) else metric for metric in metrics]
        self.rows: dict[str, list[BaseMetric]] = {
            name: [copy.deepcopy(metric) for metric in built] for name in self.baselines}
        self.details: dict[str, Any] = {}
        self._statistics: dict[str, ColourStatistics] | None = None
        self._gamma = 1.0

    @property
    def dataset_meta(self) -> dict | None:
        """Meta information of the evaluation set."""
        return self._dataset_meta

    @dataset_meta.setter
    def dataset_meta(self, meta: dict) -> None:
        self._dataset_meta = meta
        for metrics in self.rows.values():
            for metric in metrics:
                metric.dataset_meta = meta

    def statistics(self) -> dict[str, ColourStatistics]:
        """Colour statistics of the training sets, counted at the first call and kept."""
        if self._statistics is None:
            counted = {}
            for domain, config in self._configs.items():
                dataset = DATASETS.build(config) if isinstance(config, Mapping) else config
                chosen = np.unique(np.linspace(0, len(dataset) - 1, min(self.max_images, len(dataset))).astype(int))
                paths = [dataset.get_data_info(int(index))['img_path'] for index in chosen]
                counted[domain] = ColourStatistics.of(to_uint8(read_image(path)) for path in paths)
                print_log(f'BaselineTable: mean colour of {len(paths)} training pictures of {domain}: '
                          f'{np.round(counted[domain].mean_colour, 1).tolist()}', logger='current')
            self._statistics, self._gamma = counted, matching_gamma(counted['night'], counted['day'])
        return self._statistics

    def process(self, data_batch: Any, data_samples: Sequence[dict]) -> None:
        """Evaluates the rows on one batch; the input comes from ``source``, else from the batch."""
        samples = [dict(sample, source=self._source(data_batch, sample, position))
                   for position, sample in enumerate(data_samples)]
        answers = [self.answers(sample) for sample in samples]
        for name, metrics in self.rows.items():
            outputs = [dict(sample, fake=answer[name]) for sample, answer in zip(samples, answers, strict=True)]
            for metric in metrics:
                metric.process(data_batch, outputs)

    def answers(self, sample: dict) -> dict[str, torch.Tensor]:
        """The output of every row for one sample: uint8 3,H,W."""
        made = {}
        if set(self.baselines) - set(_WITHOUT_STATISTICS):
            statistics = self.statistics()
            source = picture(sample, 'source', 'BaselineTable')
            made = {name: image_to_tensor(answer) for name, answer in baseline_outputs(
                source, statistics['day'], statistics['night'], self._gamma).items()}
        for name, field in ((TRUE_DAY, 'truth'), ('night_input', 'source')):
            if name in self.baselines:
                made[name] = image_to_tensor(picture(sample, field, 'BaselineTable'))
        return made

    @staticmethod
    def _source(data_batch: Any, sample: dict, position: int) -> torch.Tensor:
        if 'source' in sample:
            return sample['source']
        name = f'real_{sample.get("domain")}'
        if not isinstance(data_batch, Mapping) or name not in data_batch.get('inputs', {}):
            raise KeyError(f'BaselineTable needs the input picture of {sample.get("img_path")}: neither `source` in '
                           f'the sample nor `{name}` in the batch')
        return data_batch['inputs'][name][position]

    def evaluate(self, size: int) -> dict[str, float]:
        """The numbers of all rows."""
        numbers, start = {}, f'{self.prefix}/' if self.prefix else ''
        for name, metrics in self.rows.items():
            for metric in metrics:
                found = {f'{start}{name}/{key}': value for key, value in metric.evaluate(size).items()}
                add_numbers(numbers, found, 'BaselineTable')
            self.details[name] = {type(metric).__name__: getattr(metric, 'details', {}) for metric in metrics}
        return numbers

    def compute_metrics(self, results: list) -> dict[str, float]:
        """Not called: the rows' metrics compute their own."""
        raise NotImplementedError('BaselineTable evaluates through the metrics of its rows')
