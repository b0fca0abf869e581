"""Average precision of boxes: matching, curves and the rules by which an area is taken under them."""

import numpy as np

RULES = ('101', 'voc11', 'all', 'coco')
"""What :func:`average_precision` knows."""

_COCO_RECALLS = np.linspace(0, 1, 101)


def box_iou(first: np.ndarray, second: np.ndarray, over_first: np.ndarray | None = None) -> np.ndarray:
    """Intersection over union of boxes in continuous coordinates (no +1 pixel).

    Args:
        first, second: N,4 and M,4, (left, top, right, bottom).
        over_first: bool M: where set, the intersection is divided by the area of the first box alone (COCO's crowds).

    Returns:
        float64 N,M; 0 where the areas are 0.
    """
    first, second = (np.asarray(boxes, np.float64).reshape(-1, 4) for boxes in (first, second))
    lower = np.maximum(first[:, None, :2], second[None, :, :2])
    upper = np.minimum(first[:, None, 2:], second[None, :, 2:])
    shared = (upper - lower).clip(min=0).prod(axis=2)
    areas = [(boxes[:, 2:] - boxes[:, :2]).clip(min=0).prod(axis=1) for boxes in (first, second)]
    total = areas[0][:, None] + areas[1][None] - shared
    if over_first is not None:
        total = np.where(np.asarray(over_first, bool)[None], areas[0][:, None], total)
    return np.divide(shared, total, out=np.zeros_like(shared), where=total > 0)


def match_boxes(boxes: np.ndarray, truth: np.ndarray, ignore: np.ndarray | None = None,
                crowd: np.ndarray | None = None, threshold: float = 0.5, rule: str = 'best') -> np.ndarray:
    """Which boxes found in one picture, of one class, are right.

    Args:
        boxes: N,4, best score first.
        truth: M,4.
        ignore: bool M: true boxes that need not be found; a box that matches one does not count.
        crowd: bool M, some of ``ignore``: groups that may be matched many times (``coco`` only).
        threshold: of the IoU.
        rule: ``best``, of YOLOv4's and VOC's evaluation: a box belongs to the true box with which its IoU is largest,
            and is right if that exceeds the threshold and no better box was; it gets no second choice. ``coco``: it
            belongs to the best true box that is still free, one not to be ignored first; an IoU that equals the
            threshold suffices.

    Returns:
        int8 N: 1 right, 0 wrong, -1 does not count.
    """
    if rule not in ('best', 'coco'):
        raise ValueError(f"matching is 'best' or 'coco', got {rule!r}")
    boxes, truth = (np.asarray(values, np.float64).reshape(-1, 4) for values in (boxes, truth))
    crowd = np.zeros(len(truth), bool) if crowd is None else np.asarray(crowd, bool)
    ignore = (np.zeros(len(truth), bool) if ignore is None else np.asarray(ignore, bool)) | crowd
    states = np.zeros(len(boxes), np.int8)
    if not len(truth):
        return states
    iou = box_iou(boxes, truth, crowd if rule == 'coco' else None)
    taken = np.zeros(len(truth), bool)
    for index in range(len(boxes)):
        match = _best(iou[index], threshold) if rule == 'best' else \
            _best_free(iou[index], ignore, taken & ~crowd, threshold)
        if match is None:
            continue
        if ignore[match]:
            states[index] = -1
        elif not taken[match]:
            states[index] = 1
        taken[match] = True
    return states


def _best(iou: np.ndarray, threshold: float) -> int | None:
    match = int(iou.argmax())
    return match if iou[match] > threshold else None


def _best_free(iou: np.ndarray, ignore: np.ndarray, taken: np.ndarray, threshold: float) -> int | None:
    for group in (~ignore & ~taken, ignore & ~taken):
        allowed = np.where(group, iou, -1)
        match = len(allowed) - 1 - int(allowed[::-1].argmax())  # the last of equals, as pycocotools has it
        if allowed[match] >= min(threshold, 1 - 1e-10):
            return match
    return None


def precision_recall(scores: np.ndarray, states: np.ndarray, num_truth: int
                     ) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Precision and recall as the score falls, over all pictures, of one class.

    Args:
        scores: N.
        states: N, of :func:`match_boxes`.
        num_truth: true boxes that do not have to be ignored.

    Returns:
        Precision, recall and score after each box that counts, best score first; equal scores keep their order.
    """
    scores, states = np.asarray(scores, np.float64), np.asarray(states)
    order = np.argsort(-scores, kind='stable')
    order = order[states[order] >= 0]
    right = np.cumsum(states[order] == 1)
    return right / np.arange(1, len(order) + 1), right / max(num_truth, 1), scores[order]


def average_precision(precision: np.ndarray, recall: np.ndarray, rule: str = '101') -> float:
    """Area under a precision-recall curve whose precision is first made to fall (its envelope).

    Args:
        precision, recall: of :func:`precision_recall`.
        rule: ``101``: YOLOv4's, specs/morngan 5.3: linear between the curve's points, of which (0, 0) and
            (min(last recall + 0.001, 1), 0) are the first and the last, at 101 recalls, trapezoids; a perfect detector
            gets 0.995. ``voc11``: mean of the precision at 11 recalls. ``all``: exact area of the steps (VOC 2010).
            ``coco``: mean of the precision at 101 recalls.

    Returns:
        In [0, 1]; 0 for no box.
    """
    if rule not in RULES:
        raise ValueError(f'average precision has the rules {", ".join(RULES)}, got {rule!r}')
    if not len(precision):
        return 0.0
    envelope = np.maximum.accumulate(np.asarray(precision, np.float64)[::-1])[::-1]
    recall = np.asarray(recall, np.float64)
    if rule == '101':
        points = np.concatenate([[0], recall, [min(recall[-1] + 1e-3, 1)]])
        values = np.interp(_COCO_RECALLS, points, np.concatenate([envelope[:1], envelope, [0]]))
        return float(np.sum((values[1:] + values[:-1]) / 2 * np.diff(_COCO_RECALLS)))
    if rule == 'all':
        return float(np.sum(np.diff(np.concatenate([[0], recall])) * envelope))
    wanted = np.linspace(0, 1, 11) if rule == 'voc11' else _COCO_RECALLS
    where = np.searchsorted(recall, wanted, side='left')
    return float(np.mean(np.concatenate([envelope, [0]])[where]))


def at_confidence(precision: np.ndarray, recall: np.ndarray, scores: np.ndarray, confidence: float
                  ) -> tuple[float, float]:
    """Precision and recall of a class at a confidence, linear between the scores that occur.

    Returns:
        Precision (NaN where no box reaches the confidence) and recall (then 0).
    """
    if not len(scores) or scores[0] < confidence:
        return float('nan'), 0.0
    return (float(np.interp(-confidence, -scores, precision)), float(np.interp(-confidence, -scores, recall)))
