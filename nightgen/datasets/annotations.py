"""What is known about the pictures of an evaluation set beside their truth: label maps and boxes, found by key."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from pathlib import Path

import torch
from mmengine.fileio import exists, get_text, join_path
from torch import Tensor

from nightgen.structures.class_maps import UNLABELLED
from nightgen.structures.coco import CocoFile
from nightgen.structures.label_sets import read_labels
from nightgen.utils.images import image_to_tensor, read_image


class LabelFolder:
    """Label maps ``<folder>/<key><suffix>``: single-channel pictures of class numbers, 255 where unlabelled.

    Args:
        folder: where they are.
        suffix: what follows the key in their names.
        backend_args: of mmengine's file backend.
        label_set: what they hold, as of ``ImageFolderDataset``; None for the stored values.
    """

    def __init__(self, folder: str, suffix: str = '.png', backend_args: dict | None = None,
                 label_set: str | None = None):
        self.folder, self.suffix, self.backend_args = str(folder), suffix, backend_args
        self.label_set = label_set

    def path(self, key: str) -> str:
        """The file of a picture's label map."""
        return join_path(self.folder, f'{key}{self.suffix}')

    def check(self, keys: Iterable[str]) -> None:
        """Raises FileNotFoundError if pictures have no label map; says how many and which is the first."""
        keys = list(keys)
        missing = [key for key in keys if not exists(self.path(key), backend_args=self.backend_args)]
        if missing:
            raise FileNotFoundError(f'{len(missing)} of {len(keys)} images have no label map in '
                                    f'{os.path.abspath(self.folder)}; the first is {self.path(missing[0])}')

    def read(self, key: str) -> Tensor:
        """H,W integers: as they are in the file, or class numbers of the label set."""
        stored = read_image(self.path(key), 'label', self.backend_args)
        return image_to_tensor(stored if self.label_set is None else read_labels(
            stored, self.label_set, self.path(key)))


class BoxFile:
    """True boxes from one JSON file of COCO's form, see :class:`~nightgen.structures.coco.CocoFile`.

    A picture's key is its ``file_name`` without the ending.

    Args:
        path: the file.
        class_map: from category names to Cityscapes train ids: a table's name, its file or the table; boxes of
            categories that it leaves out (null) are dropped. None keeps the categories' own numbers.
        backend_args: of mmengine's file backend.

    Raises:
        FileNotFoundError: no such file.
        ValueError: a file of another form, or a faulty box; names the file and the annotation.
        KeyError: categories that the table does not mention.
    """

    def __init__(self, path: str, class_map: str | Path | Mapping[str, int | None] | None = 'cityscapes',
                 backend_args: dict | None = None):
        self.file = str(path)
        if not exists(self.file, backend_args=backend_args):
            raise FileNotFoundError(f'the file of boxes {os.path.abspath(self.file)} does not exist')
        content = CocoFile(get_text(self.file, backend_args=backend_args), self.file)
        labels = content.labels(class_map)
        self._boxes: dict[str, list[tuple]] = {key: [] for key in content.keys.values()}
        for box in content.boxes:
            if class_map is None or labels[box.category] != UNLABELLED:
                self._boxes[content.keys[box.image]].append(
                    (*box.corners, labels[box.category], box.ignore, box.crowd))

    def check(self, keys: Iterable[str]) -> None:
        """Raises ValueError if the file does not list pictures; says how many and which is the first."""
        keys = list(keys)
        missing = [key for key in keys if key not in self._boxes]
        if missing:
            raise ValueError(f'{self.file} does not list {len(missing)} of {len(keys)} images; the first is '
                             f'{missing[0]}')

    def read(self, key: str) -> dict[str, Tensor]:
        """``bboxes`` float32 N,4 (left, top, right, bottom), ``labels`` int64 N, ``ignore`` and ``crowd`` bool N."""
        table = torch.tensor(self._boxes[key], dtype=torch.float64).reshape(-1, 7)
        return dict(bboxes=table[:, :4].float(), labels=table[:, 4].long(), ignore=table[:, 5].bool(),
                    crowd=table[:, 6].bool())
