"""Resizing and cropping a data set once, before any training, with its boxes carried along."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F


@dataclass(frozen=True)
class ResizeCrop:
    """Resize to an exact size (the aspect ratio may change), then cut the centre out.

    Args:
        resize: Width and height, or None to leave the size.
        crop: Width and height of the part in the centre.
        interpolation: ``bicubic`` or ``bilinear``, both smoothed when shrinking as MATLAB's ``imresize`` does, or
            ``area``.
    """

    resize: tuple[int, int] | None = (500, 400)
    crop: tuple[int, int] = (360, 288)
    interpolation: str = 'bicubic'

    def geometry(self, width: int, height: int) -> tuple[float, float, int, int]:
        """Factors in x and y, and the left and top edge of the crop, for a picture of this size.

        Raises:
            ValueError: The picture is smaller than the crop.
        """
        wide, high = self.resize or (width, height)
        if wide < self.crop[0] or high < self.crop[1]:
            raise ValueError(f'an image of {wide}x{high} is smaller than the crop {self.crop[0]}x{self.crop[1]}')
        return wide / width, high / height, (wide - self.crop[0]) // 2, (high - self.crop[1]) // 2

    def picture(self, picture: np.ndarray) -> np.ndarray:
        """Resize and crop an H,W,3 (or H,W) uint8 picture."""
        height, width = picture.shape[:2]
        _, _, left, top = self.geometry(width, height)
        if self.resize is not None and self.resize != (width, height):
            tensor = torch.from_numpy(np.ascontiguousarray(picture.reshape(height, width, -1))).permute(2, 0, 1)[None]
            smooth = {} if self.interpolation == 'area' else dict(antialias=True)
            tensor = F.interpolate(tensor.float(), self.resize[::-1], mode=self.interpolation, **smooth)
            picture = tensor.round().clamp(0, 255).byte()[0].permute(1, 2, 0).numpy().reshape(
                *self.resize[::-1], *picture.shape[2:])
        return np.ascontiguousarray(picture[top:top + self.crop[1], left:left + self.crop[0]])

    def boxes(self, boxes: np.ndarray, width: int, height: int) -> tuple[np.ndarray, np.ndarray]:
        """Move boxes with their picture, and clip them to the crop.

        Args:
            boxes: M,4: left, top, right, bottom.
            width: Of the picture before.
            height: Of the picture before.

        Returns:
            The clipped boxes, M,4, and which part of each box's area is inside, M (0 for an empty box).
        """
        across, down, left, top = self.geometry(width, height)
        moved = np.asarray(boxes, float).reshape(-1, 4) * (across, down, across, down) - (left, top, left, top)
        clipped = np.stack([moved[:, 0::2].clip(0, self.crop[0]), moved[:, 1::2].clip(0, self.crop[1])], -1)
        clipped = clipped.reshape(-1, 4)
        before, after = (np.prod(part[:, 2:] - part[:, :2], axis=1) for part in (moved, clipped))
        return clipped, np.divide(after, before, out=np.zeros_like(after), where=before > 0)


def coco_content(pictures: Sequence[tuple[str, int, int]], boxes: Mapping[str, Sequence[tuple[str, Sequence[float]]]],
                 categories: Sequence[str], **info: Any) -> dict:
    """Boxes as the content of a COCO file.

    Args:
        pictures: File name, width and height of each.
        boxes: By file name: pairs of category name and (left, top, right, bottom).
        categories: Names; the id of the first is 1.
        **info: Recorded under ``info``.
    """
    numbers = {name: number for number, name in enumerate(categories, 1)}
    content: dict[str, Any] = dict(info=info, images=[], annotations=[],
                                   categories=[dict(id=number, name=name) for name, number in numbers.items()])
    for image_id, (name, width, height) in enumerate(pictures, 1):
        content['images'].append(dict(id=image_id, file_name=name, width=width, height=height))
        for category, (left, top, right, bottom) in boxes.get(name, ()):
            box = [round(float(value), 2) for value in (left, top, right - left, bottom - top)]
            content['annotations'].append(dict(
                id=len(content['annotations']) + 1, image_id=image_id, category_id=numbers[category], bbox=box,
                area=round(box[2] * box[3], 2), iscrowd=0, ignore=0))
    return content


def keep_visible(rule: ResizeCrop, entries: Sequence[tuple[str, Sequence[float]]], width: int, height: int,
                 min_visible: float) -> list[tuple[str, np.ndarray]]:
    """Boxes moved with their picture, without those of which too little is left inside.

    Args:
        rule: What happens to the picture.
        entries: Class and (left, top, right, bottom).
        width: Of the picture before.
        height: Of the picture before.
        min_visible: Part of a box's area that must be inside the crop.
    """
    moved, visible = rule.boxes(np.array([box for _, box in entries], float), width, height)
    return [(name, box) for (name, _), box, part in zip(entries, moved, visible, strict=True) if part >= min_visible]
