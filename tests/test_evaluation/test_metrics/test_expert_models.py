"""Metrics on models of mmseg and mmdet: their answers are asked once a batch, by themselves they give the same."""

import copy

import numpy as np
import pytest

from nightgen.evaluation.functional import class_iou, confusion_matrix, mean_iou
from nightgen.evaluation.timing import made_samples
from nightgen.registry import METRICS, MODELS
from nightgen.testing import run_metric
from nightgen.testing.experts import save_tiny_weights, tiny_detector, tiny_segmentor

CLASSES = ('road', 'person', 'car')


@pytest.fixture(scope='module')
def experts(tmp_path_factory) -> dict[str, dict]:
    pytest.importorskip('mmcv._ext', reason='mmcv has no compiled operators')
    pytest.importorskip('mmseg', reason='mmseg is not installed')
    pytest.importorskip('mmdet', reason='mmdet is not installed')
    folder, found = tmp_path_factory.mktemp('experts'), {}
    for kind, config in (('SegmentationExpert', tiny_segmentor(3)), ('DetectionExpert', tiny_detector(3))):
        path = save_tiny_weights(config, folder / f'{kind}.pth', CLASSES, seed=3)
        found[kind] = dict(type=kind, config=copy.deepcopy(config), checkpoint=str(path), class_map='cityscapes')
    return found


def test_segmentation_is_that_of_the_experts_maps(experts):
    samples = made_samples(5, 48, 64)
    metric = METRICS.build(dict(type='SegmentationConsistency', expert=experts['SegmentationExpert'], batch_size=2))
    result = run_metric(metric, samples, batch_size=3)
    expert, total = MODELS.build(experts['SegmentationExpert']), 0
    for sample in samples:
        total = total + confusion_matrix(sample['label'].numpy(), expert(sample['fake'][None])[0].numpy())
    assert result['mIoU'] == pytest.approx(100 * mean_iou(class_iou(total)), abs=1e-6)
    assert metric.details['expert']['sha256'] and metric.details['expert']['classes'] == list(CLASSES)
    alone = METRICS.build(dict(type='SegmentationConsistency', expert=experts['SegmentationExpert']))
    np.testing.assert_equal(sum(alone.values(sample)['confusion'] for sample in samples), total)


def test_detection_counts_the_experts_boxes(experts):
    samples = made_samples(4, 48, 64)
    expert = MODELS.build(experts['DetectionExpert'])
    for sample in samples:  # what it finds is the truth
        found = expert(sample['fake'][None])[0]
        sample['boxes'] = dict(bboxes=found['bboxes'], labels=found['labels'])
        assert len(found['labels'])
    config = dict(type='DetectionConsistency', expert=experts['DetectionExpert'], rule='all', confidence=0.0)
    result = run_metric(config, samples)
    assert result['mAP'] == pytest.approx(100) and result['recall'] == pytest.approx(100)


def test_distance_on_the_segmentors_features_is_named_after_it(experts):
    extractor = dict(type='SegmentorFeatures', expert=experts['SegmentationExpert'], name='tiny')
    metric = METRICS.build(dict(type='FrechetInceptionDistance', extractor=extractor, real='truth'))
    samples = made_samples(6, 48, 64)
    result = run_metric(metric, samples, batch_size=6)
    assert list(result) == ['FD_tiny'] and result['FD_tiny'] > 0
    assert metric.details['network']['sha256'] == MODELS.build(experts['SegmentationExpert']).card['sha256']
    equal = [dict(sample, fake=sample['truth']) for sample in samples]
    assert run_metric(metric, equal, batch_size=6)['FD_tiny'] == pytest.approx(0, abs=1e-6)


def test_rows_share_the_network(experts):
    table = METRICS.build(dict(type='BaselineTable', baselines=('true_day', 'night_input'), metrics=[
        dict(type='SegmentationConsistency', expert=experts['SegmentationExpert'])]))
    first, second = (table.rows[name][0].expert for name in ('true_day', 'night_input'))
    assert first is not second and first.network is second.network
    table.process(None, made_samples(2, 48, 64))
    assert set(name.split('/')[0] for name in table.evaluate(2)) == {'true_day', 'night_input'}
    assert not any(parameter.requires_grad for parameter in first.network.parameters())
