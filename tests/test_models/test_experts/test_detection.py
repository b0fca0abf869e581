"""Detection experts against mmdet's own inference, and what goes wrong."""

import copy

import numpy as np
import pytest
import torch

from nightgen.models.experts import DetectionExpert
from nightgen.testing import random_picture


def pictures(number=3, size=(50, 70)):
    return torch.stack([torch.from_numpy(random_picture(*size, seed=seed)).permute(2, 0, 1) for seed in range(number)])


def detector(tiny, **kwargs):
    config, checkpoint = tiny['detector']
    return DetectionExpert(config, checkpoint, **{'class_map': 'coco', **kwargs})


def test_boxes_are_those_of_mmdet_in_pixels_of_the_picture(tiny):
    from mmdet.apis import inference_detector, init_detector
    from mmengine.config import Config
    from mmengine.registry import DefaultScope
    config, checkpoint = tiny['detector']
    images = pictures()
    # Nothing is suppressed: which of two equal boxes of a random network goes depends on the last bit.
    found = detector(tiny, cfg_options={'model.test_cfg.nms.iou_threshold': 1.0})(images)
    with DefaultScope.overwrite_default_scope('mmdet'):
        plain = Config(copy.deepcopy(config))
        plain.model.backbone.init_cfg = None
        plain.model.test_cfg.nms.iou_threshold = 1.0
        plain.test_dataloader = dict(dataset=dict(pipeline=plain.test_pipeline))
        model = init_detector(plain, str(checkpoint), device='cpu', palette='random')
        arrays = [np.ascontiguousarray(image.permute(1, 2, 0).numpy()[..., ::-1]) for image in images]
        expected = inference_detector(model, arrays)
    for boxes, sample in zip(found, expected, strict=True):
        reference = sample.pred_instances
        assert boxes['bboxes'].shape == reference.bboxes.shape and len(boxes['bboxes']) == 20
        torch.testing.assert_close(boxes['scores'], reference.scores, atol=2e-3, rtol=0)  # resized bytes are rounded
        assert boxes['bboxes'][:, 0::2].max() <= 70 and boxes['bboxes'][:, 1::2].max() <= 50


def test_without_resizing_the_boxes_are_exactly_those_of_mmdet(tiny):
    from mmdet.structures import DetDataSample
    images = pictures(2, (64, 96))
    expert = detector(tiny, class_map=None, input_size=None)
    meta = dict(ori_shape=(64, 96), img_shape=(64, 96), scale_factor=(1.0, 1.0), img_id=0)
    data = dict(inputs=[image.flip(0) for image in images], data_samples=[DetDataSample(metainfo=meta)] * 2)
    for boxes, sample in zip(expert(images), expert.network.test_step(data), strict=True):
        assert torch.equal(boxes['bboxes'], sample.pred_instances.bboxes)
        assert torch.equal(boxes['labels'], sample.pred_instances.labels)


def test_labels_are_train_ids_and_unmapped_classes_are_dropped(tiny):
    images = pictures()
    own = detector(tiny, class_map=None)(images)
    mapped = detector(tiny)(images)
    lookup = torch.tensor([11, 18, 13])  # person, bicycle, car
    for before, after in zip(own, mapped, strict=True):
        assert torch.equal(lookup[before['labels']], after['labels'])
    persons = detector(tiny, class_map=dict(person=11, bicycle=None, car=None))(images)
    for before, after in zip(own, persons, strict=True):
        assert torch.equal(after['scores'], before['scores'][before['labels'] == 0])


def test_scores_fall_and_the_threshold_cuts(tiny):
    images = pictures()
    full = detector(tiny)(images)[0]['scores']
    assert (full[:-1] >= full[1:]).all()
    threshold = float(full[5])
    cut = detector(tiny, score_threshold=threshold)(images)[0]['scores']
    assert torch.equal(cut, full[full >= threshold])


def test_batches_and_precision(tiny):
    images = pictures(5)
    whole, parts = detector(tiny, batch_size=5)(images), detector(tiny, batch_size=2)(images)
    for one, other in zip(whole, parts, strict=True):
        torch.testing.assert_close(one['bboxes'], other['bboxes'], atol=1e-3, rtol=1e-4)
    low = detector(tiny, autocast='bf16')(images)
    assert len(low) == 5 and all(boxes['bboxes'].dtype == torch.float32 for boxes in low)


def test_options_reach_the_models_own_config(tiny):
    few = detector(tiny, cfg_options={'model.test_cfg.max_per_img': 4})(pictures(1))
    assert len(few[0]['scores']) == 4


def test_a_segmentor_is_no_detector(tiny):
    with pytest.raises(TypeError, match='EncoderDecoder is of mmseg'):
        DetectionExpert(*tiny['segmentor'], input_size=None)
