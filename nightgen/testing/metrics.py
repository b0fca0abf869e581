"""Run a metric over samples, in one process or in several with uneven shares; a feature network for toys."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import torch
from mmengine.dist import get_rank, get_world_size
from torch import Tensor, nn

from nightgen.registry import METRICS, MODELS
from nightgen.structures import TranslationSample

from .processes import run_processes


@MODELS.register_module()
class ToyFeatures(nn.Module):
    """An extractor without weights: mean colours of the four quarters of a picture, in [0, 1]; N,12 float64.

    Args:
        name: What it says that it is.
    """

    def __init__(self, name: str = 'toy'):
        super().__init__()
        self.identity = dict(name=name, sha256='none', resize='none')

    def forward(self, images: Tensor) -> Tensor:
        """Uint8 N,3,H,W to N,12."""
        rows, columns = images.shape[2] // 2, images.shape[3] // 2
        quarters = [images[:, :, top, left].double().mean(dim=(2, 3)) / 255
                    for top in (slice(rows), slice(rows, None)) for left in (slice(columns), slice(columns, None))]
        return torch.cat(quarters, dim=1)

    def maps(self, images: Tensor) -> list[Tensor]:
        """One map, the picture in [0, 1]: N,3,H,W float64."""
        return [images.double() / 255]


def metric_sample(index: int, **fields: Any) -> dict:
    """One sample as an evaluator hands it to a metric. Pictures are given H,W,C (or H,W) and become tensors C,H,W."""
    sample = TranslationSample(metainfo=dict(img_path=f'{index:06d}.png', sample_idx=index, key=f'{index:06d}'))
    for name, value in fields.items():
        if name in TranslationSample.PICTURES:
            value = torch.from_numpy(np.ascontiguousarray(np.atleast_3d(value).transpose(2, 0, 1)))
        elif isinstance(value, np.ndarray):
            value = torch.from_numpy(np.ascontiguousarray(value))
        setattr(sample, name, value)
    return sample.to_dict()


def run_metric(metric: Any, samples: Sequence[dict], batch_size: int = 2, size: int | None = None) -> dict[str, float]:
    """Evaluate samples in this process.

    Args:
        metric: A metric, or its config.
        samples: See :func:`metric_sample`.
        batch_size: How many the metric sees at a time.
        size: Of the data set; as many as there are samples by default.
    """
    metric = METRICS.build(metric) if isinstance(metric, Mapping) else metric
    for start in range(0, len(samples), batch_size):
        metric.process(None, samples[start:start + batch_size])
    return metric.evaluate(len(samples) if size is None else size)


def _share(configs: list[dict], samples: list[dict], batch_size: int) -> list[dict[str, float]]:
    world, rank = get_world_size(), get_rank()
    cuts = [len(samples) * part * part // (world * world) for part in range(world + 1)]  # 2 processes: 1/4 and 3/4
    share = samples[cuts[rank]:cuts[rank + 1]]
    return [run_metric(config, share, batch_size, len(samples)) for config in configs]


def run_metrics_in_processes(configs: Sequence[dict], samples: Sequence[dict], world_size: int = 2, batch_size: int = 2
                             ) -> list[list[dict[str, float]]]:
    """Evaluate samples in several processes, each with another number of them.

    Returns:
        What every rank got of every metric: ``[rank][metric]``.
    """
    return run_processes(_share, world_size, list(configs), list(samples), batch_size)
