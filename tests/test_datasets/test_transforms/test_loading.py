"""Loading of single files in a pipeline."""

import numpy as np
import pytest

from nightgen.datasets.transforms import LoadImage
from nightgen.registry import TRANSFORMS
from nightgen.testing import random_picture, write_pictures
from nightgen.utils.images import BrokenImageError, write_image


def test_the_image_comes_with_its_sizes(tmp_path):
    path, = write_pictures(tmp_path, number=1, size=(13, 17))
    results = TRANSFORMS.build(dict(type='LoadImage'))(dict(img_path=str(path)))
    np.testing.assert_array_equal(results['img'], random_picture(13, 17, seed=0))
    assert results['ori_shape'] == results['img_shape'] == (13, 17) and results['img_fields'] == ['img']


def test_further_pictures_have_their_own_names(tmp_path):
    write_image(str(tmp_path / 'edges.png'), random_picture(5, 6, channels=1))
    write_image(str(tmp_path / 'label.png'), np.eye(5, 6, dtype=np.uint8))
    results = dict(edges_path=str(tmp_path / 'edges.png'), where=str(tmp_path / 'label.png'))
    results = LoadImage(key='label', path_key='where', mode='label')(LoadImage(key='edges', mode='grey')(results))
    assert results['edges'].shape == (5, 6, 1) and results['label'].shape == (5, 6)
    assert results['img_fields'] == ['edges', 'label'] and 'ori_shape' not in results


def test_errors_name_file_and_entry(tmp_path):
    with pytest.raises(BrokenImageError, match='gone.png'):
        LoadImage()(dict(img_path=str(tmp_path / 'gone.png')))
    with pytest.raises(KeyError, match="reads the path from 'edges_path', the data set gives"):
        LoadImage(key='edges')(dict(img_path='x'))
    with pytest.raises(ValueError, match="unknown mode 'gray'"):
        LoadImage(mode='gray')


def test_a_range_is_of_the_image_and_not_of_a_label(tmp_path):
    counts = np.array([[100, 200], [300, 500]], np.uint16)
    write_image(str(tmp_path / 'counts.png'), counts)
    path = str(tmp_path / 'counts.png')
    stretched = np.rint((counts - 100) / 400 * 65535)
    for step, state in ((LoadImage(range=(100, 500)), {}), (LoadImage(), dict(range='minmax'))):
        np.testing.assert_array_equal(step(dict(img_path=path, **state))['img'][..., 0], stretched)
    beside = LoadImage(key='edges', mode='grey')(dict(edges_path=path, range='minmax'))
    np.testing.assert_array_equal(beside['edges'][..., 0], counts)  # what the data set states is of its pictures
    with pytest.raises(ValueError, match='without a range'):
        LoadImage(key='label', mode='label', range='minmax')
    with pytest.raises(ValueError, match='range is one of'):
        LoadImage(range='loud')
