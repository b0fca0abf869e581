"""Evaluation of folders of pictures, whichever program made them."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from mmengine.evaluator import BaseMetric

from nightgen.datasets.annotations import BoxFile, LabelFolder
from nightgen.evaluation.metrics.per_image import add_numbers
from nightgen.structures import TranslationSample
from nightgen.utils.counts import check_numbers
from nightgen.utils.images import image_to_tensor, read_image, to_uint8
from nightgen.utils.ranges import Range

from .files import find_pictures


def picture_files(folder: str | Path) -> dict[str, Path]:
    """Pictures of a folder and its sub-folders by key (path inside the folder without the ending), in natural order.

    Raises:
        FileNotFoundError: no such folder, or no picture in it.
        ValueError: two pictures share a key.
    """
    folder = Path(folder).expanduser()
    if not folder.is_dir():
        raise FileNotFoundError(f'the folder {folder} does not exist')
    files: dict[str, Path] = {}
    for path, name in find_pictures(folder):
        key = os.path.splitext(name)[0]
        if key in files:
            raise ValueError(f'two images share the name {key}: {files[key]} and {path}')
        files[key] = path
    return files


class FolderSamples:
    """Outputs in a folder beside what they belong to, as the samples that metrics read.

    Args:
        generated: Folder of outputs; each needs a partner of its name in every other folder that is given.
        source: Folder of what they were made from.
        truth: Folder of the pictures that they should be.
        labels: Folder of label maps (``<name>.png``).
        boxes: COCO file of true boxes.
        class_map: From the categories of ``boxes`` to train ids; see :class:`~nightgen.datasets.annotations.BoxFile`.
        source_range: Which numbers of the sources are black and white, as they were translated
            (:func:`~nightgen.utils.ranges.to_range`).

    Attributes:
        left_over: Names of sources and truths without an output: what was evaluated is not the whole set.

    Raises:
        FileNotFoundError: An output has no partner; says how many and which is the first.
    """

    def __init__(self, generated: str | Path, source: str | Path | None = None, truth: str | Path | None = None,
                 labels: str | Path | None = None, boxes: str | Path | None = None,
                 class_map: str | Mapping | None = 'cityscapes', source_range: Range = 'full'):
        self.ranges = dict(source=source_range)
        self.files = dict(fake=picture_files(generated))
        for field, folder in (('source', source), ('truth', truth)):
            if folder is not None:
                self.files[field] = picture_files(folder)
        check_numbers(list(self.files.get('source', {}).values()), str(source), source_range)
        self.keys = list(self.files['fake'])
        left_over: dict[str, None] = {}
        for field, files in self.files.items():
            missing = [key for key in self.keys if key not in files]
            if missing:
                raise FileNotFoundError(f'{len(missing)} of the {len(self.keys)} images of {generated} have no '
                                        f'{field} of the same name; the first is {missing[0]}')
            left_over.update(dict.fromkeys(key for key in files if key not in self.files['fake']))
        self.left_over = list(left_over)
        self.label = None if labels is None else LabelFolder(str(labels))
        self.boxes = None if boxes is None else BoxFile(str(boxes), class_map)
        for known in filter(None, (self.label, self.boxes)):
            known.check(self.keys)

    def __len__(self) -> int:
        return len(self.keys)

    def __iter__(self) -> Iterator[dict[str, Any]]:
        for index, key in enumerate(self.keys):
            sample = TranslationSample(metainfo=dict(img_path=str(self.files['fake'][key]), key=key, sample_idx=index))
            for field, files in self.files.items():
                picture = read_image(str(files[key]), value_range=self.ranges.get(field, 'full'))
                setattr(sample, field, image_to_tensor(to_uint8(picture)))
            if self.label is not None:
                sample.label = self.label.read(key)
            if self.boxes is not None:
                sample.boxes = self.boxes.read(key)
            yield sample.to_dict()


def evaluate_samples(metrics: Sequence[BaseMetric], samples: FolderSamples, batch_size: int = 8,
                     progress: Any = None) -> dict[str, float]:
    """Runs metrics over samples, as an evaluator does over a data loader.

    Args:
        metrics: Built metrics.
        samples: What to evaluate.
        batch_size: Samples that a metric sees at a time.
        progress: Called after each batch with the number of its samples.

    Raises:
        ValueError: Two metrics give a number of one name.
    """
    batch: list[dict] = []

    def flush() -> None:
        for metric in metrics:
            metric.process(None, batch)
        if progress is not None and batch:
            progress(len(batch))
        batch.clear()

    for sample in samples:
        batch.append(sample)
        if len(batch) == batch_size:
            flush()
    flush()
    numbers: dict[str, float] = {}
    for metric in metrics:
        add_numbers(numbers, metric.evaluate(len(samples)), type(metric).__name__)
    return numbers
