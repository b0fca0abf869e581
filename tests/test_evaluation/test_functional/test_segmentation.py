"""Confusion and IoU against counts by hand."""

import numpy as np
import pytest

from nightgen.evaluation.functional import class_iou, confusion_matrix, mean_iou, merge_classes


def test_confusion_by_hand():
    label = np.array([[0, 0, 1], [1, 2, 255]], np.uint8)
    predicted = np.array([[0, 1, 1], [255, 2, 0]])
    np.testing.assert_array_equal(confusion_matrix(label, predicted, 3), [[1, 1, 0, 0], [0, 1, 0, 1], [0, 0, 1, 0]])


def test_iou_by_hand_and_by_sets():
    rng = np.random.default_rng(0)
    maps = [(rng.integers(0, 5, (9, 11)), rng.integers(0, 6, (9, 11))) for _ in range(3)]
    for label, predicted in maps:
        label[rng.random(label.shape) < 0.1] = 255
        predicted[rng.random(label.shape) < 0.1] = 255
    iou = class_iou(sum(confusion_matrix(label, predicted, 6) for label, predicted in maps))
    label, predicted = (np.concatenate([pair[index] for pair in maps]) for index in (0, 1))
    for number in range(5):
        truth, found = label == number, (predicted == number) & (label != 255)
        assert iou[number] == pytest.approx(np.sum(truth & found) / np.sum(truth | found))
    assert np.isnan(iou[5])  # predicted, but never true
    assert mean_iou(iou) == pytest.approx(np.mean(iou[:5]))
    assert mean_iou(iou, [1, 3, 5]) == pytest.approx((iou[1] + iou[3]) / 2)
    assert np.isnan(mean_iou(iou, [5]))


def test_merging_is_relabelling():
    rng = np.random.default_rng(1)
    label, predicted = rng.integers(0, 4, (8, 8)), rng.integers(0, 4, (8, 8))
    expected = confusion_matrix(np.where(label == 3, 1, label), np.where(predicted == 3, 1, predicted), 4)
    np.testing.assert_array_equal(merge_classes(confusion_matrix(label, predicted, 4), {3: 1}), expected)


def test_other_sizes_and_unknown_values():
    with pytest.raises(ValueError, match=r'true one is \(2, 3\), the predicted one \(3, 2\)'):
        confusion_matrix(np.zeros((2, 3)), np.zeros((3, 2)))
    with pytest.raises(ValueError, match=r'true label map holds \[19, 33\]'):
        confusion_matrix(np.array([[19, 33, 0]]), np.zeros((1, 3)))
    with pytest.raises(ValueError, match=r'predicted label map holds \[-1\]'):
        confusion_matrix(np.zeros((1, 3)), np.array([[0, -1, 255]]))
