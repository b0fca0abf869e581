"""What is known about the pictures of an evaluation set beside their truth: label maps and boxes, found by key."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Mapping
from pathlib import Path

import torch
from mmengine.fileio import exists, get_text, join_path
from torch import Tensor

from nightgen.structures.class_maps import UNLABELLED, load_class_map, train_id_lookup
from nightgen.utils.images import image_to_tensor, read_image


class LabelFolder:
    """Label maps ``<folder>/<key><suffix>``: single-channel pictures of class numbers, 255 where unlabelled.

    Args:
        folder: where they are.
        suffix: what follows the key in their names.
        backend_args: of mmengine's file backend.
    """

    def __init__(self, folder: str, suffix: str = '.png', backend_args: dict | None = None):
        self.folder, self.suffix, self.backend_args = str(folder), suffix, backend_args

    def path(self, key: str) -> str:
        """The file of a picture's label map."""
        return join_path(self.folder, f'{key}{self.suffix}')

    def check(self, keys: Iterable[str]) -> None:
        """Raises FileNotFoundError if pictures have no label map; says how many and which is the first."""
        keys = list(keys)
        missing = [key for key in keys if not exists(self.path(key), backend_args=self.backend_args)]
        if missing:
            raise FileNotFoundError(f'{len(missing)} of {len(keys)} pictures have no label map in '
                                    f'{os.path.abspath(self.folder)}; the first is {self.path(missing[0])}')

    def read(self, key: str) -> Tensor:
        """H,W integers as they are in the file."""
        return image_to_tensor(read_image(self.path(key), 'label', self.backend_args))


class BoxFile:
    """True boxes from one JSON file of COCO's form.

    ``images`` (``id, file_name``), ``categories`` (``id, name``), ``annotations`` (``image_id, category_id``, ``bbox``
    as left, top, width, height; ``iscrowd`` and ``ignore`` where they are 1). A picture's key is its ``file_name``
    without the ending.

    Args:
        path: the file.
        class_map: from category names to Cityscapes train ids: a table's name, its file or the table; boxes of
            categories that it leaves out (null) are dropped. None keeps the categories' own numbers.
        backend_args: of mmengine's file backend.

    Raises:
        FileNotFoundError: no such file.
        ValueError: a file of another form.
        KeyError: categories that the table does not mention.
    """

    def __init__(self, path: str, class_map: str | Path | Mapping[str, int | None] | None = 'cityscapes',
                 backend_args: dict | None = None):
        self.file = str(path)
        if not exists(self.file, backend_args=backend_args):
            raise FileNotFoundError(f'the file of boxes {os.path.abspath(self.file)} does not exist')
        content = json.loads(get_text(self.file, backend_args=backend_args))
        parts = ('images', 'annotations', 'categories')
        if not isinstance(content, dict) or any(not isinstance(content.get(part), list) for part in parts):
            raise ValueError(f'{self.file} is no file of boxes: lists {", ".join(parts)} are expected, as in COCO')
        names = [category['name'] for category in content['categories']]
        numbers = [category['id'] for category in content['categories']] if class_map is None else \
            train_id_lookup(names, load_class_map(class_map))
        classes = {category['id']: number for category, number in zip(content['categories'], numbers, strict=True)}
        keys = {image['id']: os.path.splitext(image['file_name'])[0] for image in content['images']}
        self._boxes: dict[str, list[tuple]] = {key: [] for key in keys.values()}
        for entry in content['annotations']:
            if entry.get('image_id') not in keys or entry.get('category_id') not in classes:
                raise ValueError(f'{self.file}: an annotation names an image or category that the file does not list: '
                                 f'{entry}')
            label, (left, top, width, height) = classes[entry['category_id']], entry['bbox']
            if class_map is None or label != UNLABELLED:
                crowd = bool(entry.get('iscrowd', 0))
                self._boxes[keys[entry['image_id']]].append(
                    (left, top, left + width, top + height, label, crowd or bool(entry.get('ignore', 0)), crowd))

    def check(self, keys: Iterable[str]) -> None:
        """Raises ValueError if the file does not list pictures; says how many and which is the first."""
        keys = list(keys)
        missing = [key for key in keys if key not in self._boxes]
        if missing:
            raise ValueError(f'{self.file} does not list {len(missing)} of {len(keys)} pictures; the first is '
                             f'{missing[0]}')

    def read(self, key: str) -> dict[str, Tensor]:
        """``bboxes`` float32 N,4 (left, top, right, bottom), ``labels`` int64 N, ``ignore`` and ``crowd`` bool N."""
        table = torch.tensor(self._boxes[key], dtype=torch.float64).reshape(-1, 7)
        return dict(bboxes=table[:, :4].float(), labels=table[:, 4].long(), ignore=table[:, 5].bool(),
                    crowd=table[:, 6].bool())
