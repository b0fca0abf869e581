"""SegmentationConsistency with experts that answer from a table or a folder."""

import numpy as np
import pytest
import torch

from nightgen.evaluation.functional import class_iou, confusion_matrix, mean_iou
from nightgen.models.experts import CITYSCAPES_CLASSES
from nightgen.registry import METRICS
from nightgen.testing import metric_sample, random_picture, run_metric
from nightgen.utils.images import write_image

PERSON, RIDER, CAR = 11, 12, 13


class Brightness(torch.nn.Module):
    """Says road where it is dark, person where it is bright, and remembers how it was asked."""

    classes = CITYSCAPES_CLASSES
    card = dict(checkpoint='brightness', sha256=None, extra=torch.float32)

    def __init__(self):
        super().__init__()
        self.asked = []

    def forward(self, images, keys=None):
        assert images.dtype == torch.uint8 and images.shape[1] == 3
        self.asked.append(list(keys))
        return torch.where(images.float().mean(dim=1) > 127, PERSON, 0)


def samples(count=5, sizes=((20, 24),)):
    made = []
    for index in range(count):
        size, rng = sizes[index % len(sizes)], np.random.default_rng(index)
        label = rng.choice([0, PERSON, RIDER, 255], size).astype(np.uint8)
        made.append(metric_sample(index, fake=random_picture(*size, seed=index), label=label))
    return made


def reference(made, merge):
    total = 0
    for sample in made:
        predicted = np.where(sample['fake'].float().mean(dim=0).numpy() > 127, PERSON, 0)
        label = sample['label'].numpy()
        total = total + confusion_matrix(np.where(label == RIDER, PERSON, label) if merge else label, predicted)
    return class_iou(total) * 100


def test_numbers_are_of_one_confusion_over_all_pictures():
    metric = METRICS.build(dict(type='SegmentationConsistency', expert=Brightness(), small=('person', 'rider'),
                                moving=('person', 'car')))
    iou = reference(samples(), merge=False)
    result = run_metric(metric, samples())
    assert result['mIoU'] == pytest.approx(mean_iou(iou)) and result['IoU_road'] == pytest.approx(iou[0])
    assert result['IoU_rider'] == 0 and np.isnan(result['IoU_traffic_light'])
    assert result['mIoU_small'] == pytest.approx(iou[PERSON] / 2)
    assert result['mIoU_moving'] == pytest.approx(iou[PERSON])  # no label has a car
    assert metric.details['expert'] == dict(checkpoint='brightness', sha256=None, extra='torch.float32')
    assert 'car' in metric.details['without_label'] and metric.details['pictures'] == 5
    assert metric.expert.asked == [['000000', '000001'], ['000002', '000003'], ['000004']]


def test_riders_as_persons():
    metric = METRICS.build(dict(type='SegmentationConsistency', expert=Brightness(),
                                classes=('road', 'person', 'rider'),
                                rider='person', per_class=False, prefix='day'))
    result, merged, apart = run_metric(metric, samples()), reference(samples(), True), reference(samples(), False)
    assert result == {'day/mIoU': pytest.approx((merged[0] + merged[PERSON]) / 2),
                      'day/mIoU_rider_apart': pytest.approx((apart[0] + apart[PERSON]) / 3)}
    assert set(metric.details['iou']) == {'IoU_road', 'IoU_person'}


def test_pictures_of_several_sizes_are_asked_apart():
    metric = METRICS.build(dict(type='SegmentationConsistency', expert=Brightness()))
    made = samples(6, ((20, 24), (20, 24), (16, 16)))
    assert run_metric(metric, made, batch_size=6)['mIoU'] == pytest.approx(mean_iou(reference(made, False)))
    assert [len(keys) for keys in metric.expert.asked] == [2, 1, 2, 1]


def test_true_maps_give_a_hundred(tmp_path):
    made = samples()
    for sample in made:
        write_image(str(tmp_path / f'{sample["key"]}.png'), sample['label'].numpy())
    result = run_metric(dict(type='SegmentationConsistency', per_class=False,
                             expert=dict(type='FolderSegmentationExpert', folder=str(tmp_path))), made)
    assert result == {'mIoU': 100}


def test_bad_input():
    metric = METRICS.build(dict(type='SegmentationConsistency', expert=Brightness()))
    with pytest.raises(ValueError, match='needs `label` of 000000.png.*SingleDomainDataset'):
        run_metric(metric, [metric_sample(0, fake=random_picture(8, 8))])
    with pytest.raises(ValueError, match=r'000000.png: .*true one is \(8, 9\), the predicted one \(8, 8\)'):
        run_metric(metric, [metric_sample(0, fake=random_picture(8, 8), label=np.zeros((8, 9), np.uint8))])
    with pytest.raises(ValueError, match=r'true label map holds \[26\]'):
        run_metric(metric, [metric_sample(0, fake=random_picture(8, 8), label=np.full((8, 8), 26, np.uint8))])
    with pytest.raises(ValueError, match="no classes .'cat'"):
        METRICS.build(dict(type='SegmentationConsistency', expert=Brightness(), classes=('road', 'cat')))
    with pytest.raises(ValueError, match='rider'):
        METRICS.build(dict(type='SegmentationConsistency', expert=Brightness(), rider='merge'))


def test_no_label_at_all_is_nan():
    made = [metric_sample(0, fake=random_picture(8, 8), label=np.full((8, 8), 255, np.uint8))]
    assert np.isnan(run_metric(dict(type='SegmentationConsistency', expert=Brightness()), made)['mIoU'])
