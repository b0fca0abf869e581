"""DetectionConsistency with an expert that answers from a file of boxes, and with pycocotools as the judge."""

import contextlib
import io
import json

import numpy as np
import pytest
import torch

from nightgen.evaluation.functional import average_precision, match_boxes, precision_recall
from nightgen.models.experts import CITYSCAPES_CLASSES
from nightgen.registry import METRICS
from nightgen.testing import metric_sample, random_picture, run_metric

PERSON, CAR = 11, 13


def boxes(rng, number):
    corner = rng.uniform(0, 60, (number, 2))
    return np.concatenate([corner, corner + rng.uniform(8, 40, (number, 2))], 1).astype(np.float32)


def make(count=6, seed=0, decimals=3):
    """Samples with true boxes, and what is found in each: shifted copies and inventions; few decimals give ties."""
    rng, samples, found = np.random.default_rng(seed), [], {}
    for index in range(count):
        number = int(rng.integers(1, 6))
        truth, labels = boxes(rng, number), rng.choice([PERSON, CAR], number)
        crowd = rng.random(number) < 0.2
        samples.append(metric_sample(index, fake=random_picture(12, 16, seed=index), boxes=dict(
            bboxes=torch.from_numpy(truth), labels=torch.from_numpy(labels), ignore=torch.from_numpy(crowd),
            crowd=torch.from_numpy(crowd))))
        picked = rng.integers(0, number, 5)
        places = np.concatenate([truth[picked] + rng.normal(0, 2, (5, 4)), boxes(rng, 2)]).astype(np.float32)
        found[f'{index:06d}'] = dict(
            bboxes=torch.from_numpy(places),
            scores=torch.from_numpy(np.round(rng.random(7), decimals).astype(np.float32)),
            labels=torch.from_numpy(np.concatenate([labels[picked], [PERSON, CAR]])))
    return samples, found


class Table(torch.nn.Module):
    """Answers by key."""

    classes = CITYSCAPES_CLASSES
    card = dict(checkpoint='table')

    def __init__(self, found):
        super().__init__()
        self.found = found

    def forward(self, images, keys=None):
        return [self.found[key] for key in keys]


def test_numbers_are_the_functional_ones():
    samples, found = make()
    metric = METRICS.build(dict(type='DetectionConsistency', expert=Table(found), classes=('person', 'car', 'bus'),
                                confidence=0.4))
    result, expected = run_metric(metric, samples), {}
    for number in (PERSON, CAR):
        scores, states, count = [], [], 0
        for key, sample in zip(found, samples, strict=True):
            mine = np.flatnonzero(found[key]['labels'] == number)
            mine = mine[np.argsort(-found[key]['scores'][mine].numpy(), kind='stable')]
            true = (sample['boxes']['labels'] == number).numpy()
            ignore = sample['boxes']['ignore'].numpy()[true]
            states.append(match_boxes(found[key]['bboxes'][mine], sample['boxes']['bboxes'].numpy()[true], ignore))
            scores.append(found[key]['scores'][mine].numpy())
            count += int(np.sum(~ignore))
        expected[number] = precision_recall(np.concatenate(scores), np.concatenate(states), count)
    areas = [100 * average_precision(*expected[number][:2]) for number in (PERSON, CAR)]
    assert result['mAP'] == pytest.approx(np.mean(areas)) and np.isnan(result['AP_bus'])
    assert [result['AP_person'], result['AP_car']] == pytest.approx(areas) and 10 < result['mAP'] < 99
    recalls = [100 * np.interp(-0.4, -scores, recall) for _, recall, scores in expected.values()]
    assert result['recall'] == pytest.approx(np.mean(recalls))
    assert metric.details['without_boxes'] == ['bus'] and set(metric.details['classes']) == {'person', 'car'}
    assert metric.details['rule'] == '101' and metric.details['expert'] == dict(checkpoint='table')


@pytest.mark.parametrize('count, decimals', [(8, 3), (23, 0)])  # of 23 pictures 0 or 1: ties across 10 and 2
@pytest.mark.parametrize('seed', range(3))
def test_coco_rule_is_pycocotools(seed, count, decimals):
    coco_module, evaluation = pytest.importorskip('pycocotools.coco'), pytest.importorskip('pycocotools.cocoeval')
    samples, found = make(count, seed, decimals)
    truth, answers = [], []
    for index, (sample, answer) in enumerate(zip(samples, found.values(), strict=True), 1):
        known = sample['boxes']
        for (left, top, right, bottom), label, crowd in zip(known['bboxes'].double().tolist(), known['labels'].tolist(),
                                                            known['crowd'].tolist(), strict=True):
            truth.append(dict(id=len(truth) + 1, image_id=index, category_id=label, iscrowd=int(crowd), area=1000,
                              bbox=[left, top, right - left, bottom - top]))
        scores = answer['scores'].tolist()
        for (left, top, right, bottom), score, label in zip(answer['bboxes'].double().tolist(), scores,
                                                            answer['labels'].tolist(), strict=True):
            answers.append(dict(image_id=index, category_id=label, score=score,
                                bbox=[left, top, right - left, bottom - top]))
    with contextlib.redirect_stdout(io.StringIO()):
        coco = coco_module.COCO()
        coco.dataset = dict(images=[dict(id=index + 1) for index in range(count)], annotations=truth, info={},
                            categories=[dict(id=PERSON, name='person'), dict(id=CAR, name='car')])
        coco.createIndex()
        judge = evaluation.COCOeval(coco, coco.loadRes(answers), 'bbox')
        judge.evaluate()
        judge.accumulate()
        judge.summarize()
    config = dict(type='DetectionConsistency', expert=Table(found), classes=('person', 'car'), rule='coco')
    assert run_metric(dict(config, iou=judge.params.iouThrs.tolist()), samples)['mAP'] == \
        pytest.approx(100 * judge.stats[0], abs=1e-9)
    assert run_metric(config, samples)['mAP'] == pytest.approx(100 * judge.stats[1], abs=1e-9)


def test_folder_expert_and_perfect_boxes(tmp_path):
    samples, _ = make(3)
    content = dict(images=[], annotations=[], categories=[dict(id=1, name='person'), dict(id=2, name='car')])
    for index, sample in enumerate(samples):
        content['images'].append(dict(id=index, file_name=f'{sample["key"]}.png'))
        known = sample['boxes']
        for (left, top, right, bottom), label in zip(known['bboxes'].tolist(), known['labels'].tolist(), strict=True):
            content['annotations'].append(dict(image_id=index, category_id=1 if label == PERSON else 2,
                                               bbox=[left, top, right - left, bottom - top]))
    (tmp_path / 'boxes.json').write_text(json.dumps(content))
    expert = dict(type='FolderDetectionExpert', file=str(tmp_path / 'boxes.json'))
    result = run_metric(dict(type='DetectionConsistency', expert=expert, rule='all'), samples)
    assert result == {'mAP': 100, 'precision': 100, 'recall': 100, 'AP_person': 100, 'AP_car': 100}
    result = run_metric(dict(type='DetectionConsistency', expert=expert, prefix='d'), samples)
    assert result['d/mAP'] == pytest.approx(99.5)  # the reference's trapezoid


def test_only_the_best_boxes_count():
    samples, found = make(1)
    answer = next(iter(found.values()))
    order = answer['scores'].argsort(descending=True)
    best = {'000000': {name: value[order[:2]] for name, value in answer.items()}}
    for rule in ('101', 'all'):
        limited = run_metric(dict(type='DetectionConsistency', expert=Table(found), rule=rule, max_boxes=2), samples)
        np.testing.assert_equal(limited, run_metric(dict(type='DetectionConsistency', expert=Table(best), rule=rule),
                                                    samples))


def test_class_never_found_and_no_true_box():
    nothing = dict(bboxes=torch.zeros(0, 4), scores=torch.zeros(0), labels=torch.zeros(0, dtype=torch.long))
    samples, _ = make(2)
    expert = Table({key: nothing for key in ('000000', '000001')})
    result = run_metric(dict(type='DetectionConsistency', expert=expert, classes=('person', 'car')), samples)
    assert result['mAP'] == 0 and result['recall'] == 0 and np.isnan(result['precision'])
    empty = [dict(sample, boxes=dict(bboxes=torch.zeros(0, 4), labels=torch.zeros(0))) for sample in samples]
    assert np.isnan(run_metric(dict(type='DetectionConsistency', expert=expert), empty)['mAP'])


def test_bad_input():
    samples, found = make(1)
    with pytest.raises(ValueError, match='needs `boxes` of 000000.png'):
        run_metric(dict(type='DetectionConsistency', expert=Table(found)),
                   [metric_sample(0, fake=random_picture(8, 8))])
    wrong = dict(samples[0], boxes=dict(bboxes=torch.zeros(1, 4), labels=torch.tensor([90])))
    with pytest.raises(ValueError, match=r'classes \[90\]'):
        run_metric(dict(type='DetectionConsistency', expert=Table(found)), [wrong])
    with pytest.raises(ValueError, match='rules are 101'):
        METRICS.build(dict(type='DetectionConsistency', expert=Table(found), rule='11points'))
