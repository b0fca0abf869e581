"""Crop, flip and resize, for the image and whatever is aligned with it. H, W order throughout."""

from collections.abc import Sequence

import cv2
import numpy as np
from mmcv.transforms import BaseTransform

from nightgen.registry import TRANSFORMS

from .fields import image_fields, is_label

_INTERPOLATION = dict(nearest=cv2.INTER_NEAREST, bilinear=cv2.INTER_LINEAR, bicubic=cv2.INTER_CUBIC,
                      area=cv2.INTER_AREA, lanczos=cv2.INTER_LANCZOS4)


def _size(value: int | Sequence[int], name: str) -> tuple[int, int]:
    pair = (value, value) if isinstance(value, int) else tuple(value)
    if len(pair) != 2 or any(not isinstance(side, int) or side < 1 for side in pair):
        raise ValueError(f'{name} must be a positive integer or (height, width), got {value!r}')
    return pair


@TRANSFORMS.register_module()
class RandomCropImages(BaseTransform):
    """Cuts one random window out of the image and everything aligned with it (N2D-LPNet spec 5: 256x256).

    A view, not a copy: packing makes the copy, of the crop only. A sample with ``replay['crop_box']`` gets that window
    again, whatever the random numbers.

    Args:
        crop_size: height and width in pixels, or one number for a square.

    Raises:
        ValueError: the image is smaller than the crop, or the window to replay is of another size or outside the image;
            names the file, its size and the crop.
    """

    def __init__(self, crop_size: int | Sequence[int]):
        self.crop_size = _size(crop_size, 'crop_size')

    def transform(self, results: dict) -> dict:
        fields = image_fields(results, 'RandomCropImages')
        (height, width), (rows, columns) = results['img'].shape[:2], self.crop_size
        if height < rows or width < columns:
            raise ValueError(
                f'image {results.get("img_path")} is {height}x{width} (height x width), smaller than the crop '
                f'{rows}x{columns}; use a smaller crop_size, or enlarge it first with '
                f"dict(type='ResizeImages', at_least=({rows}, {columns}))")
        replayed = results.get('replay', {}).get('crop_box')
        if replayed is None:
            top = int(np.random.randint(height - rows + 1))
            left = int(np.random.randint(width - columns + 1))
        else:
            top, left = (int(value) for value in replayed[:2])
            inside = 0 <= top <= height - rows and 0 <= left <= width - columns
            if tuple(replayed[2:]) != tuple(self.crop_size) or not inside:
                raise ValueError(f'the crop {tuple(replayed)} (top, left, height, width) of {results.get("img_path")} '
                                 f'cannot be replayed: the image is {height}x{width} and crops are {rows}x{columns}')
        for key in fields:
            results[key] = results[key][top:top + rows, left:left + columns]
        results['img_shape'] = self.crop_size
        results['crop_box'] = (top, left, rows, columns)
        return results

    def __repr__(self) -> str:
        return f'RandomCropImages(crop_size={self.crop_size})'


@TRANSFORMS.register_module()
class RandomFlipTranspose(BaseTransform):
    """Mirrors the image and everything aligned with it, each way by its own coin.

    LPTN's augmentation is 0.5 for all three; for road scenes only the horizontal one is natural (spec 5). A sample with
    ``replay['flip']`` (horizontal, vertical, transposed) is mirrored as it says.

    Args:
        horizontal: probability of left <-> right.
        vertical: probability of top <-> bottom.
        transpose: probability of rows <-> columns (turns H,W into W,H: crop to a square first, or batches will not
            stack).
    """

    def __init__(self, horizontal: float = 0.5, vertical: float = 0.0, transpose: float = 0.0):
        for name, value in dict(horizontal=horizontal, vertical=vertical, transpose=transpose).items():
            if not 0 <= value <= 1:
                raise ValueError(f'{name} is a probability in [0, 1], got {value}')
        self.horizontal, self.vertical, self.transpose = horizontal, vertical, transpose

    def transform(self, results: dict) -> dict:
        coins = np.random.random(3) < (self.horizontal, self.vertical, self.transpose)
        horizontal, vertical, transpose = results.get('replay', {}).get('flip', coins)
        for key in image_fields(results, 'RandomFlipTranspose'):
            image = results[key]
            if horizontal:
                image = image[:, ::-1]
            if vertical:
                image = image[::-1]
            if transpose:
                image = image.swapaxes(0, 1)
            results[key] = image
        results['img_shape'] = results['img'].shape[:2]
        results['flip'] = tuple(bool(value) for value in (horizontal, vertical, transpose))
        return results

    def __repr__(self) -> str:
        return (f'RandomFlipTranspose(horizontal={self.horizontal}, vertical={self.vertical}, '
                f'transpose={self.transpose})')


@TRANSFORMS.register_module()
class ResizeImages(BaseTransform):
    """Resizes the image and everything aligned with it; label maps by nearest neighbour. Give exactly one size rule.

    Args:
        size: exact height and width (the aspect ratio may change).
        short_side: length of the shorter side, aspect ratio kept.
        long_side: length of the longer side, aspect ratio kept.
        at_least: height and width that the image must reach; smaller ones are enlarged with the aspect ratio kept,
            others left alone.
        scale: factor for both sides.
        interpolation: ``auto`` takes ``area`` to shrink and ``bilinear`` to enlarge; or one of nearest, bilinear,
            bicubic, area, lanczos.
    """

    def __init__(self, size: int | Sequence[int] | None = None, short_side: int | None = None,
                 long_side: int | None = None, at_least: int | Sequence[int] | None = None,
                 scale: float | None = None, interpolation: str = 'auto'):
        rules = dict(size=size, short_side=short_side, long_side=long_side, at_least=at_least, scale=scale)
        given = {name: value for name, value in rules.items() if value is not None}
        if len(given) != 1:
            raise ValueError(f'ResizeImages takes exactly one of {sorted(rules)}, got {sorted(given)}')
        if interpolation != 'auto' and interpolation not in _INTERPOLATION:
            raise ValueError(f"unknown interpolation '{interpolation}', there are auto, {', '.join(_INTERPOLATION)}")
        (self.rule, value), = given.items()
        self.value = _size(value, self.rule) if self.rule in ('size', 'at_least') else value
        if self.rule not in ('size', 'at_least') and value <= 0:
            raise ValueError(f'{self.rule} must be positive, got {value}')
        self.interpolation = interpolation

    def target(self, height: int, width: int) -> tuple[int, int]:
        """The size (H, W) that an image of this size gets."""
        if self.rule == 'size':
            return self.value
        if self.rule == 'short_side':
            factor = self.value / min(height, width)
        elif self.rule == 'long_side':
            factor = self.value / max(height, width)
        elif self.rule == 'at_least':
            factor = max(1.0, self.value[0] / height, self.value[1] / width)
        else:
            factor = self.value
        return max(1, round(height * factor)), max(1, round(width * factor))

    def transform(self, results: dict) -> dict:
        fields = image_fields(results, 'ResizeImages')
        height, width = results['img'].shape[:2]
        rows, columns = self.target(height, width)
        if (rows, columns) != (height, width):
            kind = self.interpolation
            if kind == 'auto':
                kind = 'area' if rows * columns < height * width else 'bilinear'
            for key in fields:
                flag = cv2.INTER_NEAREST if is_label(results[key]) else _INTERPOLATION[kind]
                image = cv2.resize(np.ascontiguousarray(results[key]), (columns, rows), interpolation=flag)
                results[key] = image.reshape(rows, columns, *results[key].shape[2:])  # OpenCV drops a single channel
        results['img_shape'] = (rows, columns)
        return results

    def __repr__(self) -> str:
        return f"ResizeImages({self.rule}={self.value}, interpolation='{self.interpolation}')"
