"""Resizing, cropping and boxes that go with them."""

import cv2
import numpy as np
import pytest

from nightgen.datasets.preparation import ResizeCrop, coco_content, keep_visible
from nightgen.testing import random_picture


def test_boxes_land_where_their_picture_lands():
    picture = np.zeros((512, 640, 3), np.uint8)
    picture[200:300, 256:384] = 255
    rule = ResizeCrop()
    boxes, visible = rule.boxes(np.array([[256, 200, 384, 300]]), 640, 512)
    assert boxes.tolist() == [[256 * 0.78125 - 70, 200 * 0.78125 - 56, 384 * 0.78125 - 70, 300 * 0.78125 - 56]]
    assert visible.tolist() == [1.0]
    rows, columns = np.nonzero(rule.picture(picture)[..., 0] > 127)
    found = [columns.min(), rows.min(), columns.max() + 1, rows.max() + 1]
    assert np.abs(np.array(found) - boxes[0]).max() <= 1


def test_without_resizing_the_centre_is_cut_out():
    picture = random_picture(512, 640)
    assert np.array_equal(ResizeCrop(resize=None).picture(picture), picture[112:400, 140:500])
    boxes, _ = ResizeCrop(resize=None).boxes([[150, 120, 200, 220]], 640, 512)
    assert boxes.tolist() == [[10, 8, 60, 108]]


def test_resizing_smooths_like_pillow():
    image = pytest.importorskip('PIL.Image')
    picture = random_picture(128, 160)
    ours = ResizeCrop(resize=(125, 100), crop=(125, 100)).picture(picture).astype(int)
    theirs = np.asarray(image.fromarray(picture).resize((125, 100), image.Resampling.BICUBIC)).astype(int)
    assert np.abs(ours - theirs).max() <= 1
    area = ResizeCrop(resize=(80, 64), crop=(80, 64), interpolation='area').picture(picture).astype(int)
    assert np.abs(area - cv2.resize(picture, (80, 64), interpolation=cv2.INTER_AREA)).max() <= 1
    assert ResizeCrop().picture(random_picture(512, 640, channels=1)).shape == (288, 360)


def test_boxes_outside_go_and_boxes_at_the_edge_are_clipped():
    rule = ResizeCrop(resize=None, crop=(100, 100))  # cuts 50..150 out of 200x200
    boxes, visible = rule.boxes([[0, 0, 40, 40], [40, 60, 60, 80], [45, 60, 65, 80], [60, 60, 60, 80]], 200, 200)
    assert visible.tolist() == [0, 0.5, 0.75, 0]
    assert boxes[1].tolist() == [0, 10, 10, 30]
    kept = keep_visible(rule, [('a', [0, 0, 40, 40]), ('b', [45, 60, 65, 80])], 200, 200, 0.6)
    assert [(name, box.tolist()) for name, box in kept] == [('b', [0, 10, 15, 30])]
    assert keep_visible(rule, [], 200, 200, 0.6) == []


def test_too_small_pictures_are_refused():
    with pytest.raises(ValueError, match='300x300 is smaller than the crop 360x288'):
        ResizeCrop(resize=None).picture(random_picture(300, 300))


def test_coco_content():
    content = coco_content([('a.png', 360, 288), ('b.png', 360, 288)], {'a.png': [('car', (1, 2, 11, 7))]},
                           ['car', 'person'], source='x')
    assert [image['id'] for image in content['images']] == [1, 2] and content['info'] == dict(source='x')
    assert content['annotations'] == [dict(id=1, image_id=1, category_id=1, bbox=[1, 2, 10, 5], area=50, iscrowd=0,
                                           ignore=0)]
