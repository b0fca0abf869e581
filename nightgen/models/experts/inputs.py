"""From nightgen's pictures to what mmseg and mmdet models are given: pixel values, size, padding."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor


def to_pixels(images: Tensor, look: bool = True) -> Tensor:
    """Pictures as pixel values of 0 to 255.

    Args:
        images: N,3,H,W RGB, uint8, or floating point in [-1, 1].
        look: Whether the range is looked at, which waits for the device.

    Returns:
        float32 N,3,H,W.

    Raises:
        TypeError: Another type of value.
        ValueError: Another shape, or floating point values outside [-1, 1].
    """
    if images.ndim != 4 or images.shape[1] != 3:
        raise ValueError(f'an expert takes N,3,H,W images, got the shape {tuple(images.shape)}')
    if images.dtype == torch.uint8:
        return images.float()
    if not images.is_floating_point():
        raise TypeError(f'an expert takes uint8 images, or floating point ones in [-1, 1]; got {images.dtype}')
    low, high = (images.detach().amin(), images.detach().amax()) if look else (0, 0)
    if low < -1.001 or high > 1.001:
        raise ValueError(f'floating point images are in [-1, 1], these reach from {low:.3g} to {high:.3g}; '
                         'give pixel values as uint8')
    return (images.float() + 1) * 127.5


class InputRule(NamedTuple):
    """How large a model wants its pictures, and how they are padded (at the bottom and the right).

    Args:
        scale: Lengths of the long and the short side that the picture is made to fit with its aspect ratio kept, or
            (width, height) exactly with ``keep_ratio=False``; None leaves the size.
        keep_ratio: See ``scale``.
        divisor: Sides are padded to multiples of it.
        square: Pad to a square first.
        value: Pixel value of the padding.
    """

    scale: tuple[int, int] | None = None
    keep_ratio: bool = True
    divisor: int = 1
    square: bool = False
    value: float = 0.0

    def target(self, height: int, width: int) -> tuple[int, int]:
        """Height and width after resizing, as mmcv's ``Resize`` rounds them."""
        if self.scale is None:
            return height, width
        if not self.keep_ratio:
            return self.scale[1], self.scale[0]
        factor = min(max(self.scale) / max(height, width), min(self.scale) / min(height, width))
        return int(height * factor + 0.5), int(width * factor + 0.5)

    def apply(self, pixels: Tensor) -> tuple[Tensor, tuple[int, int]]:
        """Resize and pad.

        Returns:
            The pictures, and their height and width without the padding.
        """
        height, width = self.target(*pixels.shape[-2:])
        if (height, width) != tuple(pixels.shape[-2:]):
            pixels = F.interpolate(pixels, (height, width), mode='bilinear', align_corners=False)
        rows, columns = (max(height, width),) * 2 if self.square else (height, width)
        rows, columns = (-(-side // self.divisor) * self.divisor for side in (rows, columns))
        if (rows, columns) != (height, width):
            pixels = F.pad(pixels, (0, columns - width, 0, rows - height), value=self.value)
        return pixels, (height, width)


def input_rule(config: Mapping, input_size: str | tuple[int, int] | None, divisor: int | None = None) -> InputRule:
    """The rule of a model.

    Args:
        config: The model's whole config.
        input_size: ``'config'`` for the size of the model's own test pipeline, None to leave pictures as they are, or
            (height, width), into which they are fitted with their aspect ratio kept.
        divisor: Sides are padded to multiples of it; None for what the test pipeline says.

    Raises:
        ValueError: ``'config'`` and a config without a size in its test pipeline; or another value.
    """
    steps = {step['type'].rsplit('.', 1)[-1]: step for step in _flat(test_pipeline(config))}
    pad = steps.get('Pad', {})
    value = pad.get('pad_val', 0)
    value = value.get('img', 0) if isinstance(value, Mapping) else value
    value = float(value[0] if isinstance(value, (list, tuple)) else value)
    padding = dict(divisor=divisor or pad.get('size_divisor') or 1, value=value)
    if input_size is None:
        return InputRule(**padding)
    if isinstance(input_size, str):
        if input_size != 'config':
            raise ValueError(f"input_size is 'config', None or (height, width), got {input_size!r}")
        scale = steps.get('Resize', {}).get('scale')
        if scale is None:
            raise ValueError("input_size='config' needs a Resize with a scale in the config's test pipeline, which has "
                             f'{sorted(steps)}; give input_size=(height, width), or None for the size as it is')
        scale = (scale, scale) if isinstance(scale, int) else tuple(scale)
        padding['square'] = bool(pad.get('pad_to_square')) or _is_square(pad.get('size'))
        return InputRule(scale, steps['Resize'].get('keep_ratio', False), **padding)
    height, width = input_size
    return InputRule((int(width), int(height)), **padding)


def test_pipeline(config: Mapping) -> list[Mapping]:
    """The steps of a config's test pipeline; empty where it has none."""
    if config.get('test_pipeline'):
        return list(config['test_pipeline'])
    dataset: Any = config.get('test_dataloader') or {}
    while dataset.get('dataset'):
        dataset = dataset['dataset']
    return list(dataset.get('pipeline') or [])


def _flat(steps: list[Mapping]) -> Iterator[Mapping]:
    for step in steps:
        yield step
        for inner in step.get('transforms', ()):
            yield from _flat(inner if isinstance(inner, (list, tuple)) else [inner])


def _is_square(size: Any) -> bool:
    return isinstance(size, int) or (isinstance(size, (list, tuple)) and len(size) == 2 and size[0] == size[1])
