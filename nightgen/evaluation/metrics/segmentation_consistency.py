"""Does a segmentor see in the output what is in the scene?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from mmengine.logging import print_log
from torch import Tensor, nn

from nightgen.evaluation.functional import class_iou, confusion_matrix, mean_iou, merge_classes
from nightgen.registry import METRICS

from .expert_metric import ExpertMetric, known

_PERSON, _RIDER = 'person', 'rider'


@METRICS.register_module()
class SegmentationConsistency(ExpertMetric):
    """IoU in percent between an expert's label map of ``fake`` and ``label``, from one confusion over the whole set.

    Keys: ``mIoU`` over ``classes``; ``IoU_<class>``; ``mIoU_small`` over ``small``; ``mIoU_moving`` over ``moving``;
    with riders as persons also ``mIoU_rider_apart``. A class that no label has is NaN and left out of the means; it is
    named in the log. Pixels labelled 255 do not count, whatever is predicted there (specs/morngan 5.2).

    Args:
        expert: Config of a ``SegmentationExpert``, a ``FolderSegmentationExpert``, or the expert.
        classes: Names or numbers of the classes of the mean; all of the expert's by default.
        small: Those of the second mean (sign, person, motorcycle, truck, bus in MornGAN); none by default.
        moving: Those of a third mean, the foreground of a fixed camera: who paints only the empty street has none of
            them. None by default.
        rider: ``apart``, or ``person``: riders count as persons in labels and predictions, as where labels merge them.
        per_class: Whether the IoU of each class is among the numbers (it is in ``details`` anyway).
        batch_size, prefix: See :class:`ExpertMetric`.

    Raises:
        ValueError: No label map, one of another size or with numbers that are no class; from ``process``.
    """

    def __init__(self, expert: Mapping | nn.Module, classes: Sequence[str | int] | None = None,
                 small: Sequence[str | int] = (), moving: Sequence[str | int] = (), rider: str = 'apart',
                 per_class: bool = True, batch_size: int = 8, prefix: str | None = None):
        super().__init__(expert, classes, batch_size, prefix)
        if rider not in ('apart', 'person'):
            raise ValueError(f"SegmentationConsistency: rider is 'apart' or 'person', got {rider!r}")
        self.merge = {}
        if rider == 'person':
            person, gone = self.class_numbers([_PERSON, _RIDER])
            self.merge = {gone: person}
        self.groups = dict(small=self.class_numbers(small), moving=self.class_numbers(moving))
        self.per_class = per_class

    def compare(self, sample: dict, found: Tensor) -> dict[str, np.ndarray]:
        label = known(sample, 'label', 'SegmentationConsistency')
        label = label.cpu().numpy() if isinstance(label, Tensor) else np.asarray(label)
        try:
            return dict(confusion=confusion_matrix(label, found.cpu().numpy(), len(self.names)))
        except ValueError as error:
            raise ValueError(f'SegmentationConsistency: {sample.get("img_path")}: {error}') from error

    def compute_metrics(self, results: list[dict[str, np.ndarray]]) -> dict[str, float]:
        confusion = np.sum([item['confusion'] for item in results], axis=0)
        iou = 100 * class_iou(merge_classes(confusion, self.merge))
        classes = [number for number in self.classes if number not in self.merge]
        absent = [self.names[number] for number in classes if np.isnan(iou[number])]
        if absent:
            print_log(f'SegmentationConsistency: no label has {", ".join(absent)}: NaN, and left out of the mean',
                      logger='current', level=30)
        numbers = dict(mIoU=mean_iou(iou, classes))
        numbers.update({f'mIoU_{name}': mean_iou(iou, group) for name, group in self.groups.items() if group})
        if self.merge:
            numbers['mIoU_rider_apart'] = mean_iou(100 * class_iou(confusion), self.classes)
        per_class = {self.key_of(number, 'IoU'): float(iou[number]) for number in classes}
        if self.per_class:
            numbers.update(per_class)
        self.details: dict[str, Any] = dict(
            expert=self.card(), pictures=len(results), confusion=confusion.tolist(), without_label=absent,
            iou={name: None if np.isnan(value) else value for name, value in per_class.items()})
        return numbers
