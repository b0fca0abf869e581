"""Confusion matrices of label maps, and the IoU of classes."""

from collections.abc import Mapping, Sequence

import numpy as np

IGNORE = 255


def confusion_matrix(label: np.ndarray, predicted: np.ndarray, num_classes: int = 19) -> np.ndarray:
    """Counts pixels by true and predicted class; matrices of pictures add up.

    Args:
        label: H,W integers: 0 to ``num_classes - 1``, 255 where unlabelled (not counted).
        predicted: H,W integers of the same size; 255 where the predictor gives no class, which is never right.
        num_classes: C.

    Returns:
        int64 C,C+1: true class, predicted class; the last column counts pixels without a prediction.

    Raises:
        ValueError: maps of different size, or values that are no class.
    """
    label, predicted = np.asarray(label), np.asarray(predicted)
    if label.shape != predicted.shape or label.ndim != 2:
        raise ValueError(f'label maps H,W of one size are expected: the true one is {label.shape}, the predicted one '
                         f'{predicted.shape} (height, width)')
    label, predicted = label.astype(np.int64, copy=False).ravel(), predicted.astype(np.int64, copy=False).ravel()
    for what, values in (('true', label), ('predicted', predicted)):
        known = (values == IGNORE) | ((values >= 0) & (values < num_classes))
        if not known.all():
            raise ValueError(f'the {what} label map holds {np.unique(values[~known])[:8].tolist()}: classes are 0 to '
                             f'{num_classes - 1}, and {IGNORE} where unlabelled')
    counted = label != IGNORE
    predicted = np.where(predicted == IGNORE, num_classes, predicted)
    cells = label[counted] * (num_classes + 1) + predicted[counted]
    return np.bincount(cells, minlength=num_classes * (num_classes + 1)).reshape(num_classes, num_classes + 1)


def merge_classes(confusion: np.ndarray, merge: Mapping[int, int]) -> np.ndarray:
    """The matrix as it would be if some classes were others, in labels and predictions (riders as persons).

    Args:
        confusion: of :func:`confusion_matrix`.
        merge: class that vanishes -> class that takes its pixels.
    """
    merged = confusion.copy()
    for gone, taker in merge.items():
        merged[taker] += merged[gone]
        merged[gone] = 0
        merged[:, taker] += merged[:, gone]
        merged[:, gone] = 0
    return merged


def class_iou(confusion: np.ndarray) -> np.ndarray:
    """``TP / (TP + FP + FN)`` per class in [0, 1]; NaN for a class that no label has, which nothing can be said about.

    Args:
        confusion: of :func:`confusion_matrix`.
    """
    right, labelled = np.diagonal(confusion).astype(np.float64), confusion.sum(axis=1)
    union = labelled + confusion[:, :-1].sum(axis=0) - right
    return np.divide(right, union, out=np.full(len(right), np.nan), where=labelled > 0)


def mean_iou(iou: np.ndarray, classes: Sequence[int] | None = None) -> float:
    """Mean over some classes (all by default), those that are NaN left out; NaN where all are."""
    values = iou if classes is None else iou[list(classes)]
    values = values[~np.isnan(values)]
    return float(values.mean()) if len(values) else float('nan')
