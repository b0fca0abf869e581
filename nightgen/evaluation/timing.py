"""How long metrics take, on pictures that are made for it."""

from __future__ import annotations

import copy
import statistics
import time
from collections.abc import Mapping, Sequence
from typing import Any

import cv2
import numpy as np
import torch

from nightgen.registry import METRICS
from nightgen.structures import TranslationSample
from nightgen.utils.timing import stopwatch

_CLASSES = (0, 1, 2, 8, 10, 11, 13)


def made_samples(count: int, height: int = 288, width: int = 360, seed: int = 0) -> list[dict[str, Any]]:
    """Samples with everything that a metric may ask for: outputs, noisy thermal sources, truths, labels, boxes.

    Args:
        count: how many; always the same for the same seed.
        height, width: of the pictures.
    """
    rng, samples = np.random.default_rng(seed), []
    rows, columns = np.mgrid[:height, :width]
    for index in range(count):
        scene = cv2.resize(rng.random((9, 12, 3)), (width, height), interpolation=cv2.INTER_CUBIC).clip(0, 1)
        label = np.zeros((height, width), np.uint8)
        boxes = []
        for _ in range(12):
            x, y, size = rng.uniform(0, width), rng.uniform(0, height), rng.uniform(8, height / 4)
            inside = ((columns - x) / size) ** 2 + ((rows - y) / size) ** 2 < 1
            scene[inside] = scene[inside] * 0.4 + 0.6 * rng.random(3)
            label[inside] = rng.choice(_CLASSES)
            boxes.append([max(x - size, 0), max(y - size, 0), min(x + size, width), min(y + size, height)])
        truth = np.rint(255 * (scene + rng.normal(0, 0.01, scene.shape)).clip(0, 1)).astype(np.uint8)
        fake = np.rint(255 * (scene * 0.9 + rng.normal(0, 0.02, scene.shape)).clip(0, 1)).astype(np.uint8)
        heat = 0.3 + 0.4 * cv2.GaussianBlur(scene[..., 0], (0, 0), 1.2) + rng.normal(0, 0.012, (height, width))
        heat = np.repeat(np.rint(255 * heat.clip(0, 1)).astype(np.uint8)[..., None], 3, axis=2)
        sample = TranslationSample(metainfo=dict(img_path=f'made/{index:06d}.png', key=f'{index:06d}', sample_idx=index,
                                                 domain='night'))
        for name, image in (('fake', fake), ('source', heat), ('truth', truth)):
            setattr(sample, name, torch.from_numpy(np.ascontiguousarray(image.transpose(2, 0, 1))))
        sample.label = torch.from_numpy(label)
        sample.boxes = dict(bboxes=torch.tensor(boxes, dtype=torch.float32), labels=torch.from_numpy(
            rng.choice([11, 13], len(boxes))))
        samples.append(sample.to_dict())
    return samples


def time_metric(config: Mapping, samples: Sequence[dict], batch_size: int = 8,
                dataset_meta: Mapping | None = None) -> dict[str, Any]:
    """Times one metric: ``metric``, milliseconds a picture (median and mean over batches), seconds to finish.

    ``cpu_milliseconds`` is the processor's time a picture, which other programs on the machine do not lengthen much.

    One batch goes through a copy first, so that what is only done once is not counted.

    Args:
        config: of the metric.
        samples: of :func:`made_samples`.
        batch_size: pictures that it is given at a time.
        dataset_meta: meta information of the set that is evaluated, as the Runner sets it.
    """
    metric = METRICS.build(config)
    metric.dataset_meta = dataset_meta
    copy.deepcopy(metric).process(None, list(samples[:batch_size]))
    times, worked = [], time.process_time()
    for start in range(0, len(samples), batch_size):
        batch = list(samples[start:start + batch_size])
        seconds, _ = stopwatch(metric.process, None, batch)
        times.append(seconds / len(batch))
    worked = time.process_time() - worked
    finish, numbers = stopwatch(metric.evaluate, len(samples))
    return dict(metric=config['type'], milliseconds=1000 * statistics.median(times),
                mean_milliseconds=1000 * statistics.fmean(times),
                cpu_milliseconds=1000 * worked / len(samples), finish_seconds=finish,
                pictures=len(samples), numbers={name: float(value) for name, value in numbers.items()})
