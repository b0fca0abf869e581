"""What distances between the features of two sets of pictures share."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import torch
from mmengine.dataset import BaseDataset
from mmengine.dist import all_gather_object, broadcast_object_list, get_rank, get_world_size, is_main_process
from mmengine.evaluator import BaseMetric
from mmengine.logging import print_log
from torch import Tensor, nn

from nightgen.evaluation.details import network_line
from nightgen.registry import MODELS

from .per_image import PerImageMetric, picture
from .real_set import as_rgb, cached, equal_sized, file_list, fingerprint, read_batches

TRUTH = 'truth'


class _Shared(dict):
    """What copies of a metric have in common: the real set is read once for all rows of a table."""

    def __deepcopy__(self, memo: dict) -> _Shared:
        return self


class FeatureDistance(BaseMetric):
    """Distance between the features of the outputs and those of real pictures.

    The network is the config's choice and is never replaced: without its weights the metric is not built. Its name is
    in the key, and its hash, its resize rule and the numbers of pictures are logged beside the number and stand in
    ``details`` after ``evaluate``. Pictures are shared between processes; each must be seen once
    (``sampler=dict(type='DefaultSampler', shuffle=False, round_up=False)``), since a set cannot forget one again.

    Args:
        extractor: Config of a module that takes uint8 N,3,H,W to features N,C and has ``identity``
            (``InceptionFeatures``, ``EfficientNetFeatures``, ``VGGFeatures``, ``SegmentorFeatures``).
        real: Config of the data set of real pictures (read whole from its ``img_path``; its pipeline is not run;
            ``data_root='auto'`` is that of the evaluated data set), or ``'truth'`` for the truth of each sample.
        batch_size: Pictures that go through the network at once.
        cache_dir: Folder in which statistics of the real set are kept, under a hash of the network's identity and of
            names, sizes and times of the files; None keeps them in memory only.
        prefix: Put before the key.
    """

    default_prefix = ''
    inception_key, other_key = '', ''

    def __init__(self, extractor: Mapping | nn.Module, real: Mapping | BaseDataset | str, batch_size: int = 16,
                 cache_dir: str | Path | None = None, prefix: str | None = None):
        super().__init__(prefix=prefix)
        if isinstance(real, str) and real != TRUTH:
            raise ValueError(f"{type(self).__name__}: real is the config of a data set or '{TRUTH}', got {real!r}")
        self.extractor = MODELS.build(extractor) if isinstance(extractor, Mapping) else extractor
        identity = getattr(self.extractor, 'identity', None)
        if not isinstance(identity, Mapping) or {'name', 'sha256', 'resize'} - set(identity):
            raise TypeError(f'{type(self).__name__}: {type(self.extractor).__name__} does not say what it is: an '
                            'extractor has `identity`, a dict of name, sha256 and resize')
        self.extractor.eval()
        self.real, self.batch_size, self.cache_dir = real, batch_size, cache_dir
        self.details: dict[str, Any] = {}
        self._real = _Shared()
        self._device = torch.device('cpu')
        self._seen: list[tuple] = []
        self._sets: dict[str, Any] = {}

    @property
    def key(self) -> str:
        """``FID`` or ``KID`` on the FID's Inception; ``FD_<network>`` or ``KD_<network>`` on another."""
        name = self.extractor.identity['name']
        return self.inception_key if name == 'inception' else f'{self.other_key}_{name}'

    # What a distance is made of

    @abstractmethod
    def add(self, collected: Any, features: Tensor, names: Sequence[tuple]) -> Any:
        """Takes features N,C into what has been collected of a set (None at first), which is returned."""

    @abstractmethod
    def merge(self, collected: Any) -> dict[str, Any]:
        """Statistics of a whole set from what every process has collected, as arrays by name; the same on each."""

    @abstractmethod
    def distance(self, fake: dict[str, Any], real: dict[str, Any]) -> dict[str, float]:
        """The numbers, from the statistics of both sets; runs on the main process."""

    @abstractmethod
    def count(self, statistics: dict[str, Any]) -> int:
        """How many pictures the statistics are of."""

    def compute_metrics(self, results: list) -> dict[str, float]:
        """As :meth:`distance`, from a list of both statistics."""
        return self.distance(*results)

    # What all of them do

    def features(self, images: Tensor) -> Tensor:
        """Uint8 N,3,H,W to float N,C; the network follows the pictures to their device.

        Raises:
            ValueError: The network gave another shape, or values that are not finite.
        """
        self.extractor.to(images.device)
        self._device = images.device
        features = self.extractor(images)
        if features.ndim != 2 or len(features) != len(images) or not bool(torch.isfinite(features).all()):
            raise ValueError(f'{type(self).__name__}: {self.extractor.identity["name"]} gave features of the shape '
                             f'{tuple(features.shape)} of {len(images)} images, or not finite ones')
        return features

    def process(self, data_batch: Any, data_samples: Sequence[dict]) -> None:
        """Takes one batch into the set of outputs (and, for ``real='truth'``, into that of the real pictures)."""
        self.real_paths()  # a missing real set must fail now, not after hours
        fields = dict(fake='fake', **(dict(real='truth') if self.real == TRUTH else {}))
        names = [PerImageMetric.identity(sample) for sample in data_samples]
        for role, field in fields.items():
            for sample in data_samples:
                picture(sample, field, type(self).__name__)
            images = [as_rgb(sample[field]) for sample in data_samples]
            start = 0
            for batch in equal_sized(images, self.batch_size):
                part = names[start:start + len(batch)]
                self._sets[role] = self.add(self._sets.get(role), self.features(batch), part)
                start += len(batch)
        self._seen += names

    def evaluate(self, size: int) -> dict[str, float]:
        """The distance of the two whole sets, on every rank.

        Raises:
            ValueError: A picture was seen twice or not at all, or a set has fewer than two.
        """
        seen = [name for part in all_gather_object(self._seen) for name in part]
        collected, self._sets, self._seen = self._sets, {}, []
        if len(set(seen)) != len(seen) or len(seen) != size or not seen:
            raise ValueError(f'{type(self).__name__}: the data set has {size} images, {len(seen)} were evaluated, '
                             f'{len(set(seen))} different ones; in several processes give the sampler round_up=False')
        fake = self.merge(collected.get('fake'))
        real = self.merge(collected.get('real')) if self.real == TRUTH else self.real_statistics()
        outcome: list = [None]
        if is_main_process():
            outcome = [self._numbers(fake, real)]
        broadcast_object_list(outcome)
        if isinstance(outcome[0], Exception):
            raise outcome[0]  # on every rank: one that raised alone would leave the others waiting
        numbers, self.details = outcome[0]
        prefix = f'{self.prefix}/' if self.prefix else ''
        return {prefix + name: value for name, value in numbers.items()}

    def _numbers(self, fake: dict, real: dict) -> tuple[dict[str, float], dict] | ValueError:
        try:
            numbers = self.compute_metrics([fake, real])
        except ValueError as error:
            return ValueError(f'{type(self).__name__}: {error}')
        details = dict(network=dict(self.extractor.identity), fake=self.count(fake), real=self.count(real))
        counts = f'{details["fake"]} outputs against {details["real"]} real images'
        print_log(network_line(numbers, details['network'], counts), logger='current')
        return numbers, details

    def real_paths(self) -> list[str] | None:
        """Files of the real set, looked up at the first call; None for ``real='truth'``."""
        if 'paths' not in self._real and self.real != TRUTH:
            self._real['paths'] = file_list(self.real, self.dataset_meta, type(self).__name__)
        return self._real.get('paths')

    def real_statistics(self) -> dict[str, Any]:
        """Statistics of the real set; made at the first call, by all processes together, and kept."""
        if 'statistics' not in self._real:
            paths = self.real_paths()
            mark = fingerprint(self.extractor.identity, paths)[:16]
            name = f'{type(self).__name__}-{self.extractor.identity["name"]}-{mark}'
            self._real['statistics'] = cached(self.cache_dir, name, lambda: self._make_real(paths)) \
                if get_world_size() == 1 else self._real_of_all(name, paths)
        return self._real['statistics']

    def _real_of_all(self, name: str, paths: list[str]) -> dict[str, Any]:
        # Only the main process looks into the cache and writes it, else some might read while others compute.
        found: list = [None]
        if is_main_process() and self.cache_dir is not None and (Path(self.cache_dir) / f'{name}.npz').is_file():
            found = [cached(self.cache_dir, name, dict)]
        broadcast_object_list(found)
        if found[0] is None:
            made = self._make_real(paths)
            found = [cached(self.cache_dir, name, lambda: made) if is_main_process() else made]
        return found[0]

    def _make_real(self, paths: list[str]) -> dict[str, Any]:
        rank, world = get_rank(), get_world_size()
        collected, position = None, 0
        share = paths[rank::world]
        for batch in read_batches(share, self.batch_size):
            names = [(path,) for path in share[position:position + len(batch)]]
            collected = self.add(collected, self.features(batch.to(self._device)), names)
            position += len(batch)
        return self.merge(collected)
