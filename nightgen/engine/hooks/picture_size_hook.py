"""Pictures that are smaller than the crop, found before training and not when they are drawn."""

import logging
from collections.abc import Iterator
from typing import Any

import numpy as np
from mmengine.hooks import Hook
from mmengine.logging import print_log
from mmengine.runner import Runner
from PIL import Image

from nightgen.registry import HOOKS

_SHOWN = 3


@HOOKS.register_module()
class PictureSizeHook(Hook):
    """Read the sizes of the training pictures from their headers, and refuse those that the crop does not fit into.

    A picture's header takes a tenth of a millisecond on a local disk. Of a domain with more than ``limit`` pictures as
    many are looked at, evenly spread, and that is said. A pipeline that resizes before it crops, and a picture whose
    header cannot be read, are left to training.

    Args:
        limit (int): Pictures of a domain that are looked at.

    Raises:
        ValueError: Before the first iteration; counts and names them.
    """

    priority = 'VERY_HIGH'

    def __init__(self, limit: int = 20_000):
        self.limit = limit

    def before_train(self, runner: Runner) -> None:
        for domain, dataset in _domains(runner.train_dataloader.dataset):
            crop = _crop(dataset)
            if crop is not None:
                self._check(domain, dataset, crop)

    def _check(self, domain: str, dataset: Any, crop: tuple[int, int]) -> None:
        looked_at = np.unique(np.linspace(0, len(dataset) - 1, min(self.limit, len(dataset))).astype(int)).tolist()
        if len(looked_at) < len(dataset):
            print_log(f"sizes of {len(looked_at)} of the {len(dataset)} images of '{domain}' are compared with the "
                      'crop', 'current', logging.INFO)
        paths = [dataset.get_data_info(index)['img_path'] for index in looked_at]
        small = [(path, size) for path in paths if (size := _size(path)) is not None and not _holds(size, crop)]
        if small:
            named = ', '.join(f'{path} ({size[1]}x{size[0]})' for path, size in small[:_SHOWN])
            raise ValueError(
                f"train_dataloader.dataset: {len(small)} of {len(paths)} images of '{domain}' are smaller than the "
                f'crop {crop[0]}x{crop[1]} (height x width): {named}{", ..." if len(small) > _SHOWN else ""}. Use a '
                f"smaller crop_size, or enlarge them first with dict(type='ResizeImages', at_least={crop})")


def _domains(dataset: Any) -> Iterator[tuple[str, Any]]:
    """The data sets of pictures in a training set, by name."""
    inner = getattr(dataset, 'datasets', None)
    if isinstance(inner, dict):
        for name, one in inner.items():
            yield from ((name, found) for _, found in _domains(one))
    elif hasattr(dataset, 'dataset'):
        yield from _domains(dataset.dataset)
    elif hasattr(dataset, 'get_data_info'):
        yield str(getattr(dataset, 'domain', None)), dataset


def _crop(dataset: Any) -> tuple[int, int] | None:
    """The crop that the whole picture meets; None where there is none, or something changes the size before it."""
    for step in getattr(getattr(dataset, 'pipeline', None), 'transforms', ()):
        name = type(step).__name__
        if name == 'RandomCropImages':
            return step.crop_size
        if not name.startswith('Load'):
            return None
    return None


def _size(path: str) -> tuple[int, int] | None:
    """Width and height from the header; None if it has none that Pillow reads, or lies on another storage."""
    try:
        with Image.open(path) as picture:
            return picture.size
    except (OSError, ValueError, SyntaxError):
        return None


def _holds(size: tuple[int, int], crop: tuple[int, int]) -> bool:
    # in either orientation: a camera's note may turn the picture
    return min(size) >= min(crop) and max(size) >= max(crop)
