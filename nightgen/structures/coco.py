"""Boxes in a JSON file of COCO's form: read in one place, checked, and never guessed."""

from __future__ import annotations

import json
import logging
import math
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from mmengine.logging import print_log

from .class_maps import load_class_map, train_id_lookup

FORMATS = ('xywh', 'xyxy')
"""What ``info.bbox_format`` of a file may be; COCO's own is the first."""
_PARTS = ('images', 'annotations', 'categories')


class CocoBox(NamedTuple):
    """One box: ids of its image and category, (left, top, right, bottom) in pixels, score, whether it is ignored."""

    image: Any
    category: Any
    corners: tuple[float, float, float, float]
    score: float
    ignore: bool
    crowd: bool


class CocoFile:
    """The boxes of a file, checked.

    ``images`` (``id, file_name``), ``categories`` (``id, name``), ``annotations`` (``image_id, category_id``, ``bbox``
    as left, top, width, height; ``score``, and ``iscrowd`` and ``ignore`` where they are 1). A file with corners
    (left, top, right, bottom) says ``"info": {"bbox_format": "xyxy"}``. Annotations that have no box by COCO's rule,
    captions and crowds that are an area only, are counted and named in the log.

    Args:
        text: The JSON.
        file: Its name, for messages.
        unlisted: Allow categories that the file does not list.

    Attributes:
        images: By id, as in the file.
        keys: By image id: ``file_name`` without the ending.
        categories: Names by id.
        boxes: All :class:`CocoBox`, in the file's order.

    Raises:
        ValueError: A file of another form; a box that is missing, not finite or of negative size; boxes that can only
            be corners; two images of one key. Names the file and the annotation.
    """

    def __init__(self, text: str, file: str | os.PathLike, unlisted: bool = False):
        self.file = str(file)
        content = self._content(text)
        self.images = {self._of(image, 'id', 'image'): image for image in content['images']}
        self.keys = {number: os.path.splitext(self._of(image, 'file_name', f'image {number}'))[0]
                     for number, image in self.images.items()}
        if len(set(self.keys.values())) < len(content['images']):
            raise ValueError(f'{self.file}: two images have one id, or file names that differ in their ending only')
        self.categories = {self._of(category, 'id', 'category'): self._of(category, 'name', 'category')
                           for category in content['categories']}
        self._form = (content.get('info') or {}).get('bbox_format')
        if self._form is not None and self._form not in FORMATS:
            raise ValueError(f'{self.file}: info.bbox_format is one of {", ".join(FORMATS)}, got {self._form!r}')
        self.boxes: list[CocoBox] = []
        self._read(content['annotations'], unlisted)

    def _read(self, annotations: Sequence[Mapping], unlisted: bool) -> None:
        without, plain = [], []
        for place, entry in enumerate(annotations):
            name = f'annotation {entry["id"]}' if 'id' in entry else f'annotation {place} (counted from 0)'
            if entry.get('bbox') is None and ('caption' in entry or entry.get('iscrowd')):
                without.append(name)
                continue
            if entry.get('image_id') not in self.images or \
                    (entry.get('category_id') not in self.categories and not unlisted):
                raise ValueError(f'{self.file}: {name} names an image or category that the file does not list: {entry}')
            plain.append((self._numbers(entry, name), entry))
            self.boxes.append(self._box(*plain[-1], name))
        if without:
            print_log(f'{self.file}: {len(without)} annotations have no box (captions, or crowds that are an area) and '
                      f'are left out: {", ".join(without[:5])}{", ..." if len(without) > 5 else ""}', logger='current',
                      level=logging.WARNING)
        self._refuse_corners(plain)

    def _content(self, text: str) -> dict:
        try:
            content = json.loads(text)
        except ValueError as error:
            raise ValueError(f'{self.file} is no JSON: {error}') from error
        if not isinstance(content, dict) or any(not isinstance(content.get(part), list) for part in _PARTS):
            raise ValueError(f'{self.file} is no file of boxes: lists {", ".join(_PARTS)} are expected, as in COCO')
        return content

    def _of(self, entry: Mapping, name: str, what: str) -> Any:
        if name not in entry:
            raise ValueError(f'{self.file}: {what} has no {name!r}: {entry}')
        return entry[name]

    def _numbers(self, entry: Mapping, name: str) -> tuple[float, ...]:
        box = entry.get('bbox')
        numeric = isinstance(box, list) and len(box) == 4 and \
            all(isinstance(value, int | float) and not isinstance(value, bool) for value in box)
        if not numeric:
            raise ValueError(f"{self.file}: {name} has no 'bbox' of four numbers, but {box!r}")
        if not all(math.isfinite(value) for value in (*box, entry.get('score', 1.0))):
            raise ValueError(f'{self.file}: {name} has a box or score that is not finite: {box}, {entry.get("score")}')
        return tuple(map(float, box))

    def _box(self, box: tuple[float, ...], entry: Mapping, name: str) -> CocoBox:
        left, top, third, fourth = box
        right, bottom = (third, fourth) if self._form == 'xyxy' else (left + third, top + fourth)
        if right < left or bottom < top:
            kind = 'right or bottom edge before its left or top one' if self._form == 'xyxy' else \
                'negative width or height'
            raise ValueError(f'{self.file}: {name} has a box with a {kind}: {list(box)}')
        crowd = bool(entry.get('iscrowd', 0))
        return CocoBox(entry['image_id'], entry.get('category_id'), (left, top, right, bottom),
                       float(entry.get('score', 1.0)), crowd or bool(entry.get('ignore', 0)), crowd)

    def _refuse_corners(self, plain: Sequence[tuple[tuple[float, ...], Mapping]]) -> None:
        """A file that does not say its format, and whose boxes make sense as corners only."""
        if self._form is not None or not plain or \
                not all(box[2] > box[0] and box[3] > box[1] for box, _ in plain):
            return
        outside = [(box, entry) for box, entry in plain if self._sticks_out(box, entry)]
        inside_as_corners = all(box[2] <= width + 1 and box[3] <= height + 1
                                for box, entry in plain for width, height in [self._size(entry)])
        if inside_as_corners and 2 * len(outside) >= len(plain):
            box, entry = outside[0]
            raise ValueError(
                f'{self.file}: the boxes look like left, top, right, bottom: read as left, top, width, height, '
                f'{len(outside)} of {len(plain)} leave their images, the first is {list(box)} in '
                f'{self.images[entry["image_id"]]["file_name"]}; say "bbox_format": "xyxy" (or "xywh") in the file\'s '
                '"info", or write left, top, width, height')

    def _size(self, entry: Mapping) -> tuple[float, float]:
        image = self.images[entry['image_id']]
        return image.get('width') or math.inf, image.get('height') or math.inf

    def _sticks_out(self, box: tuple[float, ...], entry: Mapping) -> bool:
        width, height = self._size(entry)
        return box[0] + box[2] > width + 1 or box[1] + box[3] > height + 1

    def labels(self, class_map: str | Path | Mapping[str, int | None] | None) -> dict[Any, int]:
        """The train id of each category id; its own number for None.

        Raises:
            KeyError: Categories that the table does not mention.
        """
        if class_map is None:
            return {number: number for number in self.categories}
        return dict(zip(self.categories, train_id_lookup(list(self.categories.values()), load_class_map(class_map)),
                        strict=True))
