"""The base of metrics that a network computes from pairs of pictures."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from typing import Any

import torch
from mmengine.logging import print_log
from torch import Tensor, nn

from nightgen.evaluation.details import network_line
from nightgen.registry import MODELS

from .per_image import PerImageMetric, picture
from .real_set import as_rgb, equal_sized


class PairNetworkMetric(PerImageMetric):
    """Mean over pictures of a distance between ``fake`` and ``truth`` that a network gives, batched.

    Args:
        network: Config of the network, or the network; it has ``identity``, which the log and ``details`` repeat.
        batch_size: Pairs that go through it at once.
        prefix: Put before the key.
    """

    key = ''

    def __init__(self, network: Mapping | nn.Module, batch_size: int = 8, prefix: str | None = None):
        super().__init__(prefix=prefix)
        self.network = MODELS.build(network) if isinstance(network, Mapping) else network
        self.network.eval()
        self.batch_size = batch_size

    @abstractmethod
    def distances(self, fake: Tensor, truth: Tensor) -> Tensor:
        """Uint8 N,3,H,W twice to N."""

    def values(self, sample: dict) -> dict[str, float]:
        return {self.key: self.pairs([sample])[0]}

    def process(self, data_batch: Any, data_samples: Sequence[dict]) -> None:
        """Evaluates one batch."""
        for sample, value in zip(data_samples, self.pairs(data_samples), strict=True):
            self.results.append((self.identity(sample), {self.key: value}))

    @torch.no_grad()
    def pairs(self, samples: Sequence[dict]) -> list[float]:
        """The distance of each sample."""
        who = type(self).__name__
        for sample in samples:
            fake, truth = picture(sample, 'fake', who), picture(sample, 'truth', who)
            if fake.shape[:2] != truth.shape[:2]:
                raise ValueError(f'{who}: the output of {sample.get("img_path")} is {fake.shape[:2]}, its truth '
                                 f'{truth.shape[:2]}')
        found: list[float] = []
        both = (torch.cat([as_rgb(sample['fake']), as_rgb(sample['truth']).to(_device(sample['fake']))])
                for sample in samples)
        for batch in equal_sized(both, self.batch_size):
            self.network.to(batch.device)
            found += self.distances(batch[:, :3], batch[:, 3:]).double().cpu().tolist()
        return found

    def compute_metrics(self, results: list[dict[str, float]]) -> dict[str, float]:
        numbers = super().compute_metrics(results)
        self.details = dict(network=dict(self.network.identity), pictures=len(results))
        print_log(network_line(numbers, self.details['network'], f'{len(results)} images'), logger='current')
        return numbers


def _device(image: Any) -> torch.device:
    return image.device if isinstance(image, Tensor) else torch.device('cpu')
