"""Does a detector find in the output what is in the scene?"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from mmengine.logging import print_log
from torch import Tensor, nn

from nightgen.evaluation.functional import RULES, at_confidence, average_precision, match_boxes, precision_recall
from nightgen.registry import METRICS

from .expert_metric import ExpertMetric, known


def _array(value: Any, dtype: Any) -> np.ndarray:
    return (value.cpu().numpy() if isinstance(value, Tensor) else np.asarray(value)).astype(dtype)


def _mean(values: Sequence[float]) -> float:
    real = [value for value in values if not math.isnan(value)]
    return math.fsum(real) / len(real) if real else math.nan


@METRICS.register_module()
class DetectionConsistency(ExpertMetric):
    """Average precision in percent of an expert's boxes in ``fake`` against ``boxes``.

    Keys: ``mAP`` over classes (and IoU thresholds), ``AP_<class>``, ``precision`` and ``recall`` at a confidence (means
    over classes, at the first threshold). A class without true boxes is NaN and left out of the means; it is named in
    the log. A class that is never found has AP 0.

    Args:
        expert: Config of a ``DetectionExpert``, a ``FolderDetectionExpert``, or the expert.
        classes: Names or numbers of the classes; by default all that the expert knows, of which those without true
            boxes drop out.
        rule: ``101`` (YOLOv4's trapezoids, specs/morngan 5.3), ``voc11``, ``all`` or ``coco``; see
            :func:`~nightgen.evaluation.functional.average_precision`. ``coco`` also matches as COCO does.
        iou: Threshold, or several, over which AP is averaged (COCO: 0.5, 0.55, ... 0.95).
        confidence: Of precision and recall.
        max_boxes: Best boxes that count in a picture: of all classes together (300 by default), of each class under
            ``coco`` (100 by default).
        batch_size, prefix: See :class:`ExpertMetric`.

    Raises:
        ValueError: No boxes known, or boxes of numbers that are no class; from ``process``.
    """

    def __init__(self, expert: Mapping | nn.Module, classes: Sequence[str | int] | None = None, rule: str = '101',
                 iou: float | Sequence[float] = 0.5, confidence: float = 0.1, max_boxes: int | None = None,
                 batch_size: int = 8, prefix: str | None = None):
        super().__init__(expert, classes, batch_size, prefix)
        if rule not in RULES:
            raise ValueError(f'DetectionConsistency: rules are {", ".join(RULES)}, got {rule!r}')
        self.rule, self.confidence = rule, confidence
        self.thresholds = tuple(iou) if isinstance(iou, Sequence) else (iou,)
        self.max_boxes = max_boxes or (100 if rule == 'coco' else 300)
        self._chosen = classes is not None

    def compare(self, sample: dict, found: Mapping[str, Tensor]) -> dict[str, Any]:
        truth = known(sample, 'boxes', 'DetectionConsistency')
        labels, boxes = _array(truth['labels'], np.int64), _array(truth['bboxes'], np.float64).reshape(-1, 4)
        wrong = np.setdiff1d(labels, np.arange(len(self.names)))
        if wrong.size:
            raise ValueError(f'DetectionConsistency: the boxes of {sample.get("img_path")} have the classes '
                             f'{wrong[:8].tolist()}; the expert knows 0 to {len(self.names) - 1}')
        none = np.zeros(len(labels), bool)
        ignore, crowd = (_array(truth.get(name, none), bool) for name in ('ignore', 'crowd'))
        scores = _array(found['scores'], np.float64)
        order = np.argsort(-scores, kind='stable')
        if self.rule != 'coco':
            order = order[:self.max_boxes]
        classes, places = _array(found['labels'], np.int64)[order], _array(found['bboxes'], np.float64)[order]
        result = {}
        for number in self.classes:
            mine, true = np.flatnonzero(classes == number)[:self.max_boxes], labels == number
            states = [match_boxes(places[mine], boxes[true], ignore[true], crowd[true], threshold,
                                  'coco' if self.rule == 'coco' else 'best') for threshold in self.thresholds]
            result[number] = (scores[order][mine], np.stack(states), int(np.sum(true & ~ignore & ~crowd)))
        return result

    def compute_metrics(self, results: list[dict[int, tuple]]) -> dict[str, float]:
        area, precision, recall, absent = {}, {}, {}, []
        for number in self.classes:
            scores = np.concatenate([item[number][0] for item in results])
            states = np.concatenate([item[number][1] for item in results], axis=1)
            count = sum(item[number][2] for item in results)
            if count == 0:
                absent.append(self.names[number])
                area[number] = precision[number] = recall[number] = math.nan
                continue
            curves = [precision_recall(scores, row, count) for row in states]
            area[number] = 100 * _mean([average_precision(*curve[:2], self.rule) for curve in curves])
            precision[number], recall[number] = (100 * value for value in at_confidence(*curves[0], self.confidence))
        if absent and self._chosen:
            print_log(f'DetectionConsistency: no true box of {", ".join(absent)}: NaN, and left out of the mean',
                      logger='current', level=30)
        shown = [number for number in self.classes if self._chosen or self.names[number] not in absent]
        numbers = dict(mAP=_mean(list(area.values())), precision=_mean(list(precision.values())),
                       recall=_mean(list(recall.values())))
        numbers.update({self.key_of(number, 'AP'): area[number] for number in shown})
        self.details = dict(
            expert=self.card(), pictures=len(results), rule=self.rule, iou=list(self.thresholds),
            confidence=self.confidence, without_boxes=absent,
            classes={self.names[number]: dict(AP=area[number], precision=None if math.isnan(precision[number]) else
                                              precision[number], recall=recall[number])
                     for number in shown if not math.isnan(area[number])})
        return numbers
