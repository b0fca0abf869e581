"""Errors of what moves and of what stands apart, and of the still pixels of a fixed camera."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import cv2
import numpy as np
from torch import Tensor

from nightgen.datasets.reference import reference_path
from nightgen.registry import METRICS
from nightgen.structures.class_maps import CITYSCAPES_CLASSES, UNLABELLED
from nightgen.utils.images import read_image, to_uint8

from .expert_metric import known
from .per_image import PerImageMetric, picture

MOVING = ('person', 'rider', 'car', 'truck', 'bus', 'train', 'motorcycle', 'bicycle')


class SummedError(PerImageMetric):
    """Mean absolute errors over all pixels of a region in the whole set: in grey levels of 255, over three channels.

    A region of which no picture has a pixel is NaN.
    """

    def compute_metrics(self, results: list[dict[str, tuple[int, int]]]) -> dict[str, float]:
        numbers = {}
        self.details = dict(pictures=len(results))
        for region in results[0]:
            total, pixels = (sum(item[region][part] for item in results) for part in (0, 1))
            numbers[f'L1_{region}'] = total / (3 * pixels) if pixels else float('nan')
            self.details[f'pixels_{region}'] = pixels
        return numbers


def summed(fake: np.ndarray, other: np.ndarray, region: np.ndarray) -> tuple[int, int]:
    """Sum of absolute differences of H,W,3 uint8 pictures where ``region`` H,W is true, and the number of pixels."""
    return int(np.abs(fake.astype(np.int16) - other)[region].sum()), int(region.sum())


@METRICS.register_module()
class RegionError(SummedError):
    """Mean absolute error between ``fake`` and ``truth``, of foreground and background apart; lower is better.

    Keys ``L1_foreground`` and ``L1_background``, see :class:`SummedError`. Foreground is where the label map has a
    class that moves; pixels labelled 255 are in neither. Who paints the camera's empty street has a low error in the
    background and a high one in the foreground.

    Args:
        classes: Names of the classes in the foreground.
        prefix: Put before the keys.

    Raises:
        ValueError: An unknown class; from ``process``: no truth or label map, or one of another size.
    """

    def __init__(self, classes: Sequence[str] = MOVING, prefix: str | None = None):
        super().__init__(prefix=prefix)
        unknown = sorted(set(classes) - set(CITYSCAPES_CLASSES))
        if unknown or not classes:
            raise ValueError(f'RegionError: unknown classes {unknown}; there are {", ".join(CITYSCAPES_CLASSES)}')
        self.numbers = [CITYSCAPES_CLASSES.index(name) for name in classes]

    def values(self, sample: dict) -> dict[str, Any]:
        fake, truth = picture(sample, 'fake', 'RegionError'), picture(sample, 'truth', 'RegionError')
        label = known(sample, 'label', 'RegionError')
        label = label.cpu().numpy() if isinstance(label, Tensor) else np.asarray(label)
        if fake.shape != truth.shape or fake.shape[:2] != label.shape:
            raise ValueError(f'RegionError: the output of {sample.get("img_path")} is {fake.shape}, its truth '
                             f'{truth.shape} and its label map {label.shape}')
        moving = np.isin(label, self.numbers)
        return dict(background=summed(fake, truth, ~moving & (label != UNLABELLED)),
                    foreground=summed(fake, truth, moving))


@METRICS.register_module()
class StaticPixelError(SummedError):
    """Mean absolute error between ``fake`` and the camera's daytime reference where the days do not differ.

    Key ``L1_static``, see :class:`SummedError`, and in ``details`` how many pixels that were. For cameras without a
    hidden day: what a night's translation should look like is known where nothing ever changes. Both files are brought
    to the output's size by averaging.

    Args:
        reference: File of the reference, with ``{root}`` for the evaluated data set's folder and ``{camera}``.
        spread: File of the days' spread, as ``make_reference.py --spread`` writes it beside the reference.
        limit: A pixel is static where the spread is at most this, in grey levels.
        prefix: Put before the key.

    Raises:
        ValueError: From ``process``: a picture without a camera, or files of another shape than the output.
    """

    def __init__(self, reference: str, spread: str, limit: int = 12, prefix: str | None = None):
        super().__init__(prefix=prefix)
        self.reference, self.spread, self.limit = reference, spread, limit
        self._read: dict[tuple, np.ndarray] = {}

    def _picture(self, pattern: str, sample: dict, mode: str, size: tuple[int, int]) -> np.ndarray:
        root = (self.dataset_meta or {}).get('data_root') or ''
        path = reference_path(pattern, root, sample, 'StaticPixelError')
        if (path, size) not in self._read:
            found = to_uint8(read_image(path, mode))
            height, width = found.shape[:2]
            if abs(height * size[1] - width * size[0]) > max(height, width, *size):  # by more than rounding
                raise ValueError(f'StaticPixelError: the output of {sample.get("img_path")} is {size[0]}x{size[1]}, '
                                 f'{path} {height}x{width}, which is of another shape')
            if (height, width) != size:
                found = cv2.resize(found, size[::-1], interpolation=cv2.INTER_AREA)
            self._read[path, size] = found
        return self._read[path, size]

    def values(self, sample: dict) -> dict[str, Any]:
        fake = picture(sample, 'fake', 'StaticPixelError')
        size = fake.shape[:2]
        reference, spread = (self._picture(self.reference, sample, 'color', size),
                             self._picture(self.spread, sample, 'grey', size))
        return dict(static=summed(fake, reference, spread.reshape(size) <= self.limit))
