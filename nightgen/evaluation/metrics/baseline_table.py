"""The rows that stand above the model in a test table."""

import copy
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from mmengine.dataset import BaseDataset
from mmengine.evaluator import BaseMetric
from mmengine.logging import print_log

from nightgen.datasets.reference import reference_path
from nightgen.evaluation.functional import (
    BASELINES,
    ColourStatistics,
    baseline_outputs,
    equalise_locally,
    matching_gamma,
)
from nightgen.registry import METRICS
from nightgen.utils.images import image_to_tensor, read_image, to_uint8

from .per_image import add_numbers, picture
from .real_set import beside_evaluated

TRUE_DAY = 'true_day'
"""The row of the truth itself: what a perfect translator would get."""
INPUT_ROWS = ('night_input', 'thermal_input', 'grey_input')
"""The input itself, under the name of its domain."""
_COLOUR_ROWS = BASELINES[1:]
CLAHE = 'clahe'
"""The input with its contrast equalised locally."""
NEGATIVE = 'negative'
"""The input with its tones turned over."""


@METRICS.register_module()
class BaselineTable(BaseMetric):
    """Computes metrics for answers that need no training, beside the model's own.

    Keys are ``<row>/<metric>``: ``night_input`` or ``thermal_input`` (the picture itself), ``mean_day_frame`` (a
    constant frame of the training days' mean colour), ``gamma`` (one exponent that matches the training sets' means),
    ``histogram_matching`` (per picture and channel, to the training days) and, where asked for, ``true_day`` (the truth
    as if it were the output), ``grey_input`` (what a colorizer was given), ``clahe`` (local equalisation) and
    ``negative`` (black for white: of a thermal picture, whose sky is black and whose walkers are white, the first thing
    that a translation to days learns).
    ``nightgen.evaluation.metric_table`` prints them as rows. Any metric of outputs can be in it, also distances of sets
    and those with experts: each row has its own copy, and copies share a frozen network.

    Args:
        metrics: configs of metrics.
        day: config of the *training* days (any dataset with ``img_path`` in its records). The rows of colours need it
            and the next. Pipelines are not run: whole pictures are counted. The test truth never enters.
            ``data_root='auto'`` is that of the evaluated data set.
        night, thermal: one of them: the training set of the domain that is translated.
        max_images: at most so many pictures of each set, evenly spread, are counted.
        baselines: which rows; by default the input's and those of colours.
        folders: further rows, ``dict(<row>=<folder>)``: the answers of another program, or another sensor's pictures,
            in files named as the test pictures are. In place of a folder, the config of the data set that lies there;
            or the file of each camera's one answer, as ``'{root}_references/{camera}.png'`` with the evaluated data
            set's folder as root.
        prefix: put before the keys.

    Raises:
        FileNotFoundError: A folder lacks a test picture.
        ValueError: Rows that do not exist, that miss their training sets, or that name the wrong domain.
    """

    default_prefix = ''

    def __init__(self, metrics: Sequence[dict], day: dict | BaseDataset | None = None,
                 night: dict | BaseDataset | None = None, thermal: dict | BaseDataset | None = None,
                 max_images: int = 1000, baselines: Sequence[str] | None = None,
                 folders: dict[str, str | dict] | None = None, prefix: str | None = None):
        super().__init__(prefix=prefix)
        if night is not None and thermal is not None:
            raise ValueError('BaselineTable: give one training set of the translated domain, night or thermal')
        if baselines is None:
            baselines = ('night_input' if thermal is None else 'thermal_input', *_COLOUR_ROWS)
        self.baselines, self.folders, self.max_images = tuple(baselines), dict(folders or {}), max_images
        self._configs = dict(day=day, source=night if thermal is None else thermal)
        self._check_rows()
        built = [METRICS.build(metric) if isinstance(metric, Mapping) else metric for metric in metrics]
        self.rows: dict[str, list[BaseMetric]] = {
            name: [copy.deepcopy(metric) for metric in built] for name in (*self.baselines, *self.folders)}
        self.details: dict[str, Any] = {}
        self._statistics: dict[str, ColourStatistics] | None = None
        self._gamma = 1.0

    def _check_rows(self) -> None:
        known = (TRUE_DAY, *INPUT_ROWS, *_COLOUR_ROWS, CLAHE, NEGATIVE)
        unknown = sorted(set(self.baselines) - set(known))
        if unknown:
            raise ValueError(f'BaselineTable: unknown baselines {unknown}, there are {list(known)}')
        coloured = [name for name in self.baselines if name in _COLOUR_ROWS]
        if coloured and None in self._configs.values():
            raise ValueError(f'BaselineTable: the rows {coloured} need the training sets: day, and night or thermal')
        double = sorted(set(self.baselines) & set(self.folders))
        if double:
            raise ValueError(f'BaselineTable: {double} are rows of baselines and of folders')

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
                dataset = beside_evaluated(config, self.dataset_meta, 'BaselineTable')
                chosen = np.unique(np.linspace(0, len(dataset) - 1, min(self.max_images, len(dataset))).astype(int))
                infos = [dataset.get_data_info(int(index)) for index in chosen]
                counted[domain] = ColourStatistics.of(
                    to_uint8(read_image(info['img_path'], value_range=info.get('range', 'full'))) for info in infos)
                print_log(f'BaselineTable: mean colour of {len(infos)} training images of {domain}: '
                          f'{np.round(counted[domain].mean_colour, 1).tolist()}', logger='current')
            self._statistics, self._gamma = counted, matching_gamma(counted['source'], counted['day'])
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
        if set(self.baselines) & set(_COLOUR_ROWS):
            statistics = self.statistics()
            source = picture(sample, 'source', 'BaselineTable')
            made = {name: image_to_tensor(answer) for name, answer in baseline_outputs(
                source, statistics['day'], statistics['source'], self._gamma).items()}
        if CLAHE in self.baselines:
            made[CLAHE] = image_to_tensor(equalise_locally(picture(sample, 'source', 'BaselineTable')))
        if NEGATIVE in self.baselines:
            made[NEGATIVE] = 255 - image_to_tensor(picture(sample, 'source', 'BaselineTable'))
        if TRUE_DAY in self.baselines:
            made[TRUE_DAY] = image_to_tensor(picture(sample, 'truth', 'BaselineTable'))
        for row in set(self.baselines) & set(INPUT_ROWS):
            self._check_domain(row, sample)
            made[row] = image_to_tensor(picture(sample, 'source', 'BaselineTable'))
        for row in self.folders:
            made[row] = self._from_file(row, self._file(row, sample), sample)
        return made

    @staticmethod
    def _check_domain(row: str, sample: dict) -> None:
        right = f'{sample.get("domain")}_input'
        if right in INPUT_ROWS and row not in (right, 'grey_input'):  # grey is what a colorizer makes of any
            raise ValueError(f'BaselineTable: the row {row!r} is the input itself, which here is {right!r}; images '
                             f'of another sensor come from folders=dict({row}=<folder>)')

    def _file(self, row: str, sample: dict) -> Path:
        if isinstance(self.folders[row], Mapping):
            dataset = beside_evaluated(self.folders[row], self.dataset_meta, 'BaselineTable')
            self.folders[row] = dataset.data_prefix['img']
        if '{camera}' in str(self.folders[row]):
            return Path(reference_path(self.folders[row], (self.dataset_meta or {}).get('data_root') or '', sample,
                                       'BaselineTable'))
        return Path(self.folders[row]) / Path(sample['img_path']).name

    @staticmethod
    def _from_file(row: str, path: Path, sample: dict) -> torch.Tensor:
        if not path.is_file():
            raise FileNotFoundError(f'BaselineTable: the row {row!r} has no image {path} for {sample["img_path"]}')
        return image_to_tensor(to_uint8(read_image(str(path))))

    @staticmethod
    def _source(data_batch: Any, sample: dict, position: int) -> torch.Tensor:
        if 'source' in sample:
            return sample['source']
        name = f'real_{sample.get("domain")}'
        if not isinstance(data_batch, Mapping) or name not in data_batch.get('inputs', {}):
            raise KeyError(f'BaselineTable needs the input image of {sample.get("img_path")}: neither `source` in '
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
        raise NotImplementedError('BaselineTable evaluates through the metrics of its rows')  # abstract
