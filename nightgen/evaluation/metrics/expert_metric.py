"""The base of metrics that ask a frozen expert what it sees in the outputs."""

from __future__ import annotations

import os
from abc import abstractmethod
from collections.abc import Mapping, Sequence
from typing import Any

import torch
from torch import Tensor, nn

from nightgen.registry import MODELS

from .per_image import PerImageMetric, picture
from .real_set import as_rgb, equal_sized


class ExpertMetric(PerImageMetric):
    """Runs an expert on the outputs, batched, and compares what it finds with what is known of the scene.

    The expert follows the pictures to their device. Its card (checkpoint, hash, classes, class map) is in ``details``.

    Args:
        expert: Config of an expert, or the expert: a module called with uint8 pictures N,3,H,W and ``keys``.
        classes: Names (or numbers) of the classes that count; all by default.
        batch_size: Pictures given to the expert at once.
        prefix: Put before the keys.

    Raises:
        ValueError: A class that the expert does not know.
    """

    def __init__(self, expert: Mapping | nn.Module, classes: Sequence[str | int] | None = None, batch_size: int = 8,
                 prefix: str | None = None):
        super().__init__(prefix=prefix)
        self.expert = MODELS.build(expert) if isinstance(expert, Mapping) else expert
        self.expert.eval()
        self.names = tuple(self.expert.classes)
        self.classes = self.class_numbers(range(len(self.names)) if classes is None else classes)
        self.batch_size = batch_size

    def class_numbers(self, classes: Sequence[str | int]) -> tuple[int, ...]:
        """Numbers of classes that are given by name or number."""
        unknown = [item for item in classes if item not in self.names and item not in range(len(self.names))]
        if unknown:
            raise ValueError(f'{type(self).__name__}: the expert knows no classes {unknown}; it knows '
                             f'{", ".join(self.names)}')
        return tuple(self.names.index(item) if isinstance(item, str) else int(item) for item in classes)

    def key_of(self, number: int, start: str) -> str:
        """``AP_traffic_light``: a class in the name of a number."""
        return f'{start}_{self.names[number].replace(" ", "_")}'

    @abstractmethod
    def compare(self, sample: dict, found: Any) -> dict[str, Any]:
        """What one picture adds, from what the expert found in it."""

    def values(self, sample: dict) -> dict[str, Any]:
        """As :meth:`compare`, for a picture by itself."""
        return self.compare(sample, self.ask([sample])[0])

    def process(self, data_batch: Any, data_samples: Sequence[dict]) -> None:
        """Evaluates one batch."""
        for sample, found in zip(data_samples, self.ask(data_samples), strict=True):
            self.results.append((self.identity(sample), self.compare(sample, found)))

    def ask(self, samples: Sequence[dict]) -> list[Any]:
        """What the expert finds in ``fake`` of each sample."""
        for sample in samples:
            picture(sample, 'fake', type(self).__name__)
        keys = [self._key(sample) for sample in samples]
        found: list[Any] = []
        for batch in equal_sized((as_rgb(sample['fake']) for sample in samples), self.batch_size):
            found += self._answers(batch, keys[len(found):len(found) + len(batch)])
        return found

    @torch.no_grad()
    def _answers(self, images: Tensor, keys: list[str]) -> list[Any]:
        self.expert.to(images.device)
        return list(self.expert(images, keys=keys))

    @staticmethod
    def _key(sample: dict) -> str:
        if sample.get('key') is not None:
            return str(sample['key'])
        return os.path.splitext(os.path.basename(str(sample.get('img_path'))))[0]

    def card(self) -> dict[str, Any]:
        """What the expert is, as plain values."""
        return {name: value if isinstance(value, (str, int, float, list, tuple, dict, type(None))) else str(value)
                for name, value in dict(getattr(self.expert, 'card', {})).items()}


def known(sample: dict, name: str, who: str) -> Any:
    """The label map or boxes of a sample.

    Raises:
        ValueError: It has none; says what to do.
    """
    if sample.get(name) is None:
        raise ValueError(f'{who} needs `{name}` of {sample.get("img_path")}: give the evaluation dataset '
                         f"{name}=<{'folder of label maps' if name == 'label' else 'COCO file of boxes'}> "
                         "(dict(type='SingleDomainDataset', ...)), or leave this metric out")
    return sample[name]
