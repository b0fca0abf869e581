"""Experts whose answers were made elsewhere: a folder of label maps, a file of boxes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from nightgen.registry import MODELS
from nightgen.structures.class_maps import CITYSCAPES_CLASSES, UNLABELLED
from nightgen.structures.coco import CocoFile
from nightgen.utils.images import read_image


def _check_keys(images: Tensor, keys: Sequence[str] | None, who: str) -> None:
    if keys is None or len(keys) != len(images):
        raise ValueError(f'{who} finds its answers by name: give the keys of the {len(images)} images '
                         f'(their paths without folder and ending), got {keys}')


@MODELS.register_module()
class FolderSegmentationExpert(nn.Module):
    """Label maps made by another program: ``<folder>/<key>.png``, Cityscapes train ids, 255 unlabelled.

    Args:
        folder: Where they are.
        extension: Ending of the files.

    Attributes:
        card: Says what this expert is, as the card of a model does.

    Raises:
        FileNotFoundError: The folder does not exist.
    """

    def __init__(self, folder: str | Path, extension: str = '.png'):
        super().__init__()
        self.folder, self.extension = Path(folder).expanduser(), extension
        if not self.folder.is_dir():
            raise FileNotFoundError(f'the folder of label maps {self.folder} does not exist')
        self.classes = CITYSCAPES_CLASSES
        self.card = dict(package=None, config=None, checkpoint=str(folder), sha256=None,
                         classes=list(CITYSCAPES_CLASSES), class_map=None)

    def forward(self, images: Tensor, keys: Sequence[str] | None = None) -> Tensor:
        """Label maps of the pictures with these keys: N,H,W int64 on the pictures' device.

        Args:
            images: N,3,H,W; only their size is looked at.
            keys: Paths of the pictures inside their folder, without the ending.

        Raises:
            BrokenImageError: No (readable) label map of this name.
            ValueError: A label map of another size, or with values that are no train ids.
        """
        _check_keys(images, keys, 'FolderSegmentationExpert')
        return torch.stack([self._read(key, tuple(images.shape[-2:])) for key in keys]).to(images.device)

    def _read(self, key: str, size: tuple[int, int]) -> Tensor:
        path = self.folder / f'{key}{self.extension}'
        label = read_image(str(path), 'label').astype(np.int64)
        if label.shape != size:
            raise ValueError(f'the label map {path} is {label.shape[0]}x{label.shape[1]} (height x width), the image '
                             f'is {size[0]}x{size[1]}')
        wrong = np.setdiff1d(label, [*range(len(CITYSCAPES_CLASSES)), UNLABELLED])
        if wrong.size:
            raise ValueError(f'the label map {path} holds {wrong[:8].tolist()}: Cityscapes train ids are 0 to 18, and '
                             '255 where unlabelled (labelIds of Cityscapes must be converted)')
        return torch.from_numpy(label)


@MODELS.register_module()
class FolderDetectionExpert(nn.Module):
    """Boxes found by another program, in one JSON file of COCO's form (:class:`~nightgen.structures.coco.CocoFile`).

    ``score`` is 1 where it is missing. ``tools/pseudo_label/detect.py`` writes such a file.

    Args:
        file: The JSON file.
        class_map: From its category names to Cityscapes train ids, as for models; ``cityscapes`` unless given. None
            keeps the numbers of the categories.

    Raises:
        FileNotFoundError, ValueError: No such file, or another form.
    """

    def __init__(self, file: str | Path, class_map: str | Path | Mapping[str, int | None] | None = 'cityscapes'):
        super().__init__()
        path = Path(file).expanduser()
        if not path.is_file():
            raise FileNotFoundError(f'the file of boxes {path} does not exist')
        content = CocoFile(path.read_text(), path)
        names = list(content.categories.values())
        self.classes = CITYSCAPES_CLASSES if class_map is not None else tuple(names)
        self.file = path
        self.boxes = self._by_key(content, content.labels(class_map))
        self.card = dict(package=None, config=None, checkpoint=str(file), sha256=None, classes=names,
                         class_map=class_map if isinstance(class_map, str) or class_map is None else str(class_map))

    @staticmethod
    def _by_key(content: CocoFile, labels: Mapping[Any, int]) -> dict[str, list[tuple]]:
        boxes: dict[str, list[tuple]] = {key: [] for key in content.keys.values()}
        for box in content.boxes:
            if labels[box.category] != UNLABELLED:
                boxes[content.keys[box.image]].append((box.score, labels[box.category], *box.corners))
        return boxes

    def forward(self, images: Tensor, keys: Sequence[str] | None = None) -> list[dict[str, Tensor]]:
        """Boxes of the pictures with these keys, in the form of :class:`DetectionExpert`.

        Raises:
            KeyError: The file does not list a picture of this name.
        """
        _check_keys(images, keys, 'FolderDetectionExpert')
        missing = [key for key in keys if key not in self.boxes]
        if missing:
            raise KeyError(f'{self.file} lists no image {missing[0]}; it has {len(self.boxes)}, e.g. '
                           f'{next(iter(self.boxes), None)}')
        return [self._tensors(self.boxes[key], images.device) for key in keys]

    @staticmethod
    def _tensors(found: list[tuple], device: Any) -> dict[str, Tensor]:
        table = torch.tensor(sorted(found, key=lambda box: -box[0]), dtype=torch.float64).reshape(-1, 6)
        return dict(bboxes=table[:, 2:].float().to(device), scores=table[:, 0].float().to(device),
                    labels=table[:, 1].long().to(device))
