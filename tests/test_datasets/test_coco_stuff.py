"""COCO-Stuff as it is downloaded, its numbers read as PASCAL-Context's classes."""

from pathlib import Path

import numpy as np
import pytest

from nightgen.registry import DATASETS
from nightgen.structures.label_sets import load_label_set
from nightgen.testing import write_pictures
from nightgen.utils.images import write_image


def test_pictures_and_labels(tmp_path: Path):
    write_pictures(tmp_path / 'images/val2017', names=['000000000139.jpg'], size=(2, 3))
    (tmp_path / 'annotations/val2017').mkdir(parents=True)
    stored = np.array([[0, 2, 156], [123, 12, 255]], np.uint8)
    write_image(str(tmp_path / 'annotations/val2017/000000000139.png'), stored)
    dataset = DATASETS.build(dict(
        type='COCOStuffDataset', data_root=str(tmp_path), inputs=('label',),
        pipeline=[dict(type='LoadImage'), dict(type='LoadBeside'), dict(type='PackTranslationInputs')]))
    classes = load_label_set('pascal_context').classes
    found = [[classes[number] for number in row] for row in dataset[0]['inputs']['label'].tolist()]
    assert found == [['person', 'car', 'sky'], ['grass', 'sign', 'background']]
    assert dataset.label_folder() == str(tmp_path / 'annotations/val2017')
    with pytest.raises(ValueError, match='split must be of'):
        DATASETS.build(dict(type='COCOStuffDataset', data_root=str(tmp_path), split='val'))
