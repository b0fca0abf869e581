"""The base of metrics that are a mean over pictures."""

import math
from abc import abstractmethod
from collections.abc import Sequence
from typing import Any

import numpy as np
from mmengine.dist import all_gather_object, broadcast_object_list, is_main_process
from mmengine.evaluator import BaseMetric

from nightgen.utils.images import tensor_to_image, to_uint8


def picture(sample: dict, name: str, who: str) -> np.ndarray:
    """One picture of a sample as uint8 H,W,C.

    Raises:
        ValueError: the sample has no such picture; says what to do.
    """
    if name not in sample:
        hint = {'truth': "give the evaluation dataset its truth: dict(type='SingleDomainDataset', domain=..., "
                         'dataset=..., truth=...), or leave this metric out',
                'source': "the model's test_step must return samples with `source`, the image it translated",
                'fake': "the model's test_step must return samples with `fake`"}.get(name, '')
        raise ValueError(f'{who} needs `{name}` of {sample.get("img_path")}, which has '
                         f'{sorted(key for key in sample if key in ("fake", "source", "truth"))}; {hint}')
    value = sample[name]
    image = tensor_to_image(value) if hasattr(value, 'detach') else np.ascontiguousarray(value.transpose(1, 2, 0))
    return to_uint8(image)


def add_numbers(numbers: dict[str, float], found: dict[str, float], who: str) -> None:
    """Puts what one metric gave beside what others gave.

    Raises:
        ValueError: two gave a number of one name, of which one would be lost.
    """
    double = sorted(set(found) & set(numbers))
    if double:
        raise ValueError(f'{who}: two metrics give {double}; give one of them a prefix')
    numbers.update(found)


class PerImageMetric(BaseMetric):
    """Mean of numbers that each picture has by itself.

    The mean is taken over pictures, not over batches or processes: values travel with the picture's index and path,
    a picture that a sampler repeated to fill up counts once, and the sum is exact (``math.fsum``). One and several
    processes, with even or uneven splits, give the same number to the last bit.

    Keys have no prefix unless ``prefix`` is given: ``PSNR``. What a metric has to say beside its numbers (a curve, the
    values per class, which network judged) is in ``details`` after ``evaluate``, plain data, on the main process.
    """

    default_prefix = ''

    def __init__(self, prefix: str | None = None):
        super().__init__(prefix=prefix)
        self.details: dict[str, Any] = {}

    @abstractmethod
    def values(self, sample: dict) -> dict[str, Any]:
        """The numbers of one picture.

        Args:
            sample: ``TranslationSample.to_dict()``: ``fake``, ``truth``, ``source`` (C,H,W), meta information.
        """

    def process(self, data_batch: Any, data_samples: Sequence[dict]) -> None:
        """Evaluates one batch."""
        for sample in data_samples:
            self.results.append((self.identity(sample), self.values(sample)))

    @staticmethod
    def identity(sample: dict) -> tuple[int, str]:
        """What tells a picture of a data set from the others; sorted, it gives the data set's order."""
        path = sample.get('img_path')
        if path is None and 'sample_idx' not in sample:
            raise KeyError('a data sample has neither img_path nor sample_idx: end the pipeline with '
                           "dict(type='PackTranslationInputs')")
        return int(sample.get('sample_idx', -1)), str(path)

    def evaluate(self, size: int) -> dict[str, float]:
        """Means over the whole data set, on every rank.

        Args:
            size: number of pictures in the data set.

        Raises:
            ValueError: another number of pictures was evaluated, or the metric was given none.
        """
        gathered = all_gather_object(list(self.results))
        self.results.clear()
        outcome: list = [None]
        if is_main_process():
            outcome = [self._reduce([item for part in gathered for item in part], size)]
        broadcast_object_list(outcome)
        if isinstance(outcome[0], Exception):
            raise outcome[0]  # on every rank: one that raised alone would leave the others waiting
        prefix = f'{self.prefix}/' if self.prefix else ''
        return {prefix + name: value for name, value in outcome[0].items()}

    def _reduce(self, results: list, size: int) -> dict[str, float] | ValueError:
        unique = dict(results)
        if len(unique) != size or not unique:
            return ValueError(f'{type(self).__name__}: {len(unique)} different images were evaluated, the data set '
                              f'has {size}')
        try:
            return self.compute_metrics([unique[identity] for identity in sorted(unique)])  # the same for any split
        except ValueError as error:
            return error

    def compute_metrics(self, results: list[dict[str, Any]]) -> dict[str, float]:
        """From what :meth:`values` gave of each picture, sorted by identity, to numbers: means by name."""
        return {name: math.fsum(item[name] for item in results) / len(results) for name in results[0]}
