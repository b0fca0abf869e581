"""Pixel values, sizes and padding of what experts are given."""

import cv2
import numpy as np
import pytest
import torch

from nightgen.models.experts.inputs import InputRule, input_rule, to_pixels
from nightgen.testing import random_picture


def test_both_ranges_become_the_same_pixels():
    pixels = torch.arange(256, dtype=torch.uint8).reshape(1, 1, 16, 16).repeat(1, 3, 1, 1)
    assert torch.equal(to_pixels(pixels), pixels.float())
    torch.testing.assert_close(to_pixels(pixels.float() / 127.5 - 1), pixels.float(), atol=1e-4, rtol=0)


@pytest.mark.parametrize('images, error, message', [
    (torch.zeros(1, 3, 4, 4).int(), TypeError, 'int32'),
    (torch.zeros(3, 4, 4), ValueError, r'\(3, 4, 4\)'),
    (torch.zeros(1, 1, 4, 4), ValueError, 'N,3,H,W'),
    (torch.full((1, 3, 4, 4), 200.0), ValueError, 'reach from 200 to 200')])
def test_other_pictures_are_refused(images, error, message):
    with pytest.raises(error, match=message):
        to_pixels(images)


def test_resizing_is_that_of_mmcv_up_to_rounding():
    mmcv = pytest.importorskip('mmcv')
    picture = random_picture(37, 53)
    expected = mmcv.imrescale(picture, (96, 64))
    resized, size = InputRule((96, 64)).apply(torch.from_numpy(picture).permute(2, 0, 1)[None].float())
    assert size == expected.shape[:2]
    assert np.abs(resized[0].permute(1, 2, 0).numpy() - expected).max() <= 1
    exact, size = InputRule((40, 60), keep_ratio=False).apply(torch.zeros(1, 3, 37, 53))
    assert size == (60, 40) == cv2.resize(picture, (40, 60)).shape[:2]


def test_padding_is_at_the_bottom_and_the_right():
    padded, size = InputRule(divisor=32, value=114.0).apply(torch.zeros(2, 3, 30, 40))
    assert size == (30, 40) and padded.shape == (2, 3, 32, 64)
    assert padded[..., :30, :40].abs().sum() == 0
    assert (padded[..., 30:, :] == 114).all() and (padded[..., 40:] == 114).all()
    assert InputRule((64, 64), divisor=32, square=True).apply(torch.zeros(1, 3, 30, 60))[0].shape == (1, 3, 64, 64)


def test_the_rule_is_read_from_the_test_pipeline():
    yolox = [dict(type='LoadImageFromFile'), dict(type='Resize', scale=(640, 640), keep_ratio=True),
             dict(type='Pad', pad_to_square=True, pad_val=dict(img=(114.0, 114.0, 114.0))), dict(type='PackDetInputs')]
    rule = input_rule(dict(test_pipeline=yolox), 'config', 32)
    assert rule == InputRule((640, 640), True, 32, True, 114.0)
    nested = dict(test_dataloader=dict(dataset=dict(type='RepeatDataset', dataset=dict(pipeline=yolox))))
    assert input_rule(nested, 'config', 32) == rule
    assert input_rule(nested, None) == InputRule(None, value=114.0)
    assert input_rule({}, (288, 360)) == InputRule((360, 288))
    with pytest.raises(ValueError, match='needs a Resize'):
        input_rule({}, 'config')
    with pytest.raises(ValueError, match="'big'"):
        input_rule({}, 'big')
