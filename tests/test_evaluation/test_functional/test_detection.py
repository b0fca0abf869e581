"""Average precision against pycocotools, against cases by hand, and against the definitions spelt out."""

import contextlib
import io

import numpy as np
import pytest

from nightgen.evaluation.functional import (
    at_confidence,
    average_precision,
    box_iou,
    match_boxes,
    precision_recall,
)


def scene(seed: int, pictures: int = 6) -> list[dict]:
    """True boxes (some to be ignored, as crowds) and found ones that miss, double and hallucinate."""
    rng, scenes = np.random.default_rng(seed), []
    for _ in range(pictures):
        number = rng.integers(0, 6)
        corner, size = rng.uniform(0, 80, (number, 2)), rng.uniform(5, 40, (number, 2))
        truth = np.concatenate([corner, corner + size], 1)
        repeated = truth[rng.integers(0, number, rng.integers(0, 9))] if number else np.zeros((0, 4))
        extra = rng.uniform(0, 60, (rng.integers(0, 3), 2))
        boxes = np.concatenate([repeated + rng.normal(0, 3, repeated.shape), np.concatenate([extra, extra + 20], 1)])
        boxes[:, 2:] = np.maximum(boxes[:, 2:], boxes[:, :2] + 1)
        scores = np.sort(np.round(rng.random(len(boxes)), 2))[::-1]
        scenes.append(dict(truth=truth, crowd=rng.random(number) < 0.2, boxes=boxes[rng.permutation(len(boxes))],
                           scores=scores))
    return scenes


def pooled(scenes: list[dict], threshold: float, rule: str) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    states = [match_boxes(s['boxes'], s['truth'], s['crowd'], s['crowd'], threshold, rule) for s in scenes]
    return precision_recall(np.concatenate([s['scores'] for s in scenes]), np.concatenate(states),
                            sum(int(np.sum(~s['crowd'])) for s in scenes))


@pytest.mark.parametrize('seed', range(8))
def test_coco_is_pycocotools(seed):
    coco_module, evaluation = pytest.importorskip('pycocotools.coco'), pytest.importorskip('pycocotools.cocoeval')
    scenes, truth, found = scene(seed), [], []
    for number, s in enumerate(scenes, 1):
        for box, crowd in zip(s['truth'], s['crowd'], strict=True):
            left, top, right, bottom = box.tolist()
            truth.append(dict(id=len(truth) + 1, image_id=number, category_id=1, iscrowd=int(crowd), area=(
                right - left) * (bottom - top), bbox=[left, top, right - left, bottom - top]))
        for (left, top, right, bottom), score in zip(s['boxes'].tolist(), s['scores'].tolist(), strict=True):
            box = [left, top, right - left, bottom - top]
            found.append(dict(image_id=number, category_id=1, score=score, bbox=box))
    with contextlib.redirect_stdout(io.StringIO()):
        coco = coco_module.COCO()
        coco.dataset = dict(images=[dict(id=number + 1) for number in range(len(scenes))], annotations=truth, info={},
                            categories=[dict(id=1, name='thing')])
        coco.createIndex()
        judge = evaluation.COCOeval(coco, coco.loadRes(found), 'bbox')
        judge.evaluate()
        judge.accumulate()
        judge.summarize()
    ours = [average_precision(*pooled(scenes, threshold, 'coco')[:2], 'coco') for threshold in judge.params.iouThrs]
    assert np.mean(ours) == pytest.approx(judge.stats[0], abs=1e-12)
    assert ours[0] == pytest.approx(judge.stats[1], abs=1e-12) and ours[0] > 0


def test_iou_by_hand():
    iou = box_iou([[0, 0, 4, 4], [10, 10, 10, 12]], [[2, 2, 6, 6], [0, 0, 4, 4], [8, 8, 12, 12]])
    np.testing.assert_allclose(iou, [[4 / 28, 1, 0], [0, 0, 0]])
    np.testing.assert_allclose(box_iou([[0, 0, 4, 4]], [[2, 2, 6, 6]], [True]), [[4 / 16]])
    assert box_iou([], [[0, 0, 1, 1]]).shape == (0, 1)


def test_best_rule_gives_no_second_choice():
    truth = [[0, 0, 10, 10], [0, 2, 10, 12]]
    boxes = [[0, 0, 10, 10], [0, 0.5, 10, 10.5], [0, 2, 10, 12], [50, 50, 60, 60]]
    np.testing.assert_array_equal(match_boxes(boxes, truth), [1, 0, 1, 0])
    np.testing.assert_array_equal(match_boxes(boxes, truth, rule='coco'), [1, 1, 0, 0])  # the second takes what is free
    np.testing.assert_array_equal(match_boxes(boxes, truth, ignore=[True, False]), [-1, -1, 1, 0])


def test_threshold_itself_counts_for_coco_only():
    half = [[0, 0, 10, 5]]
    assert match_boxes(half, [[0, 0, 10, 10]]).tolist() == [0]
    assert match_boxes(half, [[0, 0, 10, 10]], rule='coco').tolist() == [1]
    assert match_boxes(half, []).tolist() == [0] and match_boxes([], half).tolist() == []


def test_curve_by_hand():
    # scores 0.9 right, 0.8 wrong, 0.7 not counted, 0.6 right, 0.5 wrong; four true boxes
    precision, recall, scores = precision_recall([0.6, 0.9, 0.5, 0.8, 0.7], [1, 1, 0, 0, -1], 4)
    np.testing.assert_allclose(precision, [1, 1 / 2, 2 / 3, 1 / 2])
    np.testing.assert_allclose(recall, [1 / 4, 1 / 4, 1 / 2, 1 / 2])
    np.testing.assert_allclose(scores, [0.9, 0.8, 0.6, 0.5])
    assert average_precision(precision, recall, 'all') == pytest.approx(1 / 4 * 1 + 1 / 4 * 2 / 3)
    assert average_precision(precision, recall, 'voc11') == pytest.approx((3 * 1 + 3 * 2 / 3) / 11)
    assert average_precision(precision, recall, 'coco') == pytest.approx((26 * 1 + 25 * 2 / 3) / 101)
    assert at_confidence(precision, recall, scores, 0.7) == pytest.approx(((1 / 2 + 2 / 3) / 2, 3 / 8))
    assert at_confidence(precision, recall, scores, 0.1) == (0.5, 0.5)


def test_the_specs_101_points_by_hand():
    # one right box of two true ones: 1 up to recall 0.5, down to 0 at 0.501, 0 after
    assert average_precision([1.0], [0.5]) == pytest.approx(50 * 0.01 + 0.01 / 2)
    # all found: the last point is (1, 0), so that the last trapezoid is halved
    assert average_precision([1.0, 1.0], [0.5, 1.0]) == pytest.approx(0.995)
    # precision 1 to recall 0.2, then on a line to 0.5 at 0.6
    precision, recall = [1.0, 0.4, 0.5], [0.2, 0.2, 0.6]
    grid = np.arange(101) / 100
    curve = np.where(grid <= 0.2, 1, np.where(grid <= 0.6, 0.5, 0))
    curve = np.where(np.isclose(grid, 0.2), [np.interp(0.2, [0, 0.2, 0.2, 0.6], [1, 1, 0.5, 0.5])], curve)
    expected = np.sum((curve[1:] + curve[:-1]) / 2) / 100
    assert average_precision(precision, recall) == pytest.approx(expected, abs=1e-9)


def test_the_101_points_are_the_reference_formula():
    for seed in range(5):
        precision, recall, _ = pooled(scene(seed), 0.5, 'best')
        points = np.concatenate(([0.0], recall, [min(recall[-1] + 1e-3, 1.0)]))
        values = np.concatenate(([0.0], precision, [0.0]))
        values = np.flip(np.maximum.accumulate(np.flip(values)))
        grid = np.linspace(0, 1, 101)
        expected = np.trapezoid(np.interp(grid, points, values), grid)
        assert average_precision(precision, recall) == pytest.approx(expected, abs=1e-12)


def test_nothing_found():
    precision, recall, scores = precision_recall([], [], 3)
    assert [average_precision(precision, recall, rule) for rule in ('101', 'voc11', 'all', 'coco')] == [0, 0, 0, 0]
    assert np.isnan(at_confidence(precision, recall, scores, 0.1)[0])
    with pytest.raises(ValueError, match='rules'):
        average_precision(precision, recall, '11points')
    with pytest.raises(ValueError, match="'best' or 'coco'"):
        match_boxes([], [], rule='voc')
