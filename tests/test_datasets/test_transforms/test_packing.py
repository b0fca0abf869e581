"""The packed sample."""

import numpy as np
import pytest
import torch

from nightgen.datasets.transforms import PackTranslationInputs
from nightgen.structures import TranslationSample


def results():
    image = np.arange(24, dtype=np.uint8).reshape(2, 4, 3)
    return dict(img=image[:, ::-1], edges=image[..., :1], gt_seg_map=image[..., 0], img_fields=['img', 'edges'],
                img_path='a.png', ori_shape=(2, 4), key='a', sample_idx=3, weather='rainy')


def test_names_shapes_and_integers():
    packed = PackTranslationInputs()(results())
    inputs = packed['inputs']
    assert {name: tuple(value.shape) for name, value in inputs.items()} == dict(real=(3, 2, 4), edges=(1, 2, 4),
                                                                               label=(2, 4))
    assert all(value.dtype == torch.uint8 and value.is_contiguous() for value in inputs.values())
    np.testing.assert_array_equal(inputs['real'].numpy(), results()['img'].transpose(2, 0, 1))
    assert isinstance(packed['data_samples'], TranslationSample)
    assert packed['data_samples'].metainfo == dict(img_path='a.png', ori_shape=(2, 4), key='a', sample_idx=3)


def test_more_entries_on_request():
    packed = PackTranslationInputs(keys=('reference',), meta_keys=('weather',))(
        dict(results(), reference=np.ones((2, 4, 3), np.uint16)))
    assert packed['inputs']['reference'].shape == (3, 2, 4) and packed['inputs']['reference'].dtype == torch.uint16
    assert packed['data_samples'].weather == 'rainy'


def test_grey_image_gets_its_channel():
    assert PackTranslationInputs()(dict(img=np.zeros((2, 4), np.uint8)))['inputs']['real'].shape == (1, 2, 4)


def test_missing_entries_are_named():
    with pytest.raises(KeyError, match=r"\['edges_2', 'camera'\] not in the sample"):
        PackTranslationInputs(keys=('edges_2',), meta_keys=('camera',))(results())
