"""Cityscapes: its layout and its label ids."""

import numpy as np
import pytest

from nightgen.datasets import CityscapesDayDataset
from nightgen.datasets.cityscapes import TRAIN_IDS, label_ids_to_train_ids
from nightgen.testing import write_pictures
from nightgen.utils.images import write_image


def make(root):
    names = ['aachen/aachen_000000_000019', 'zurich/zurich_000001_000019']
    write_pictures(root, names=[f'leftImg8bit/train/{name}_leftImg8bit.png' for name in names], size=(6, 34))
    for name in names:
        path = root / 'gtFine/train' / f'{name}_gtFine_labelIds.png'
        path.parent.mkdir(parents=True)
        write_image(str(path), np.tile(np.arange(34, dtype=np.uint8), (6, 1)))
    return names


def test_frames_and_label_maps(tmp_path):
    names = make(tmp_path)
    pipeline = [dict(type='LoadImage'), dict(type='LoadImage', key='label', mode='label'),
                dict(type='LabelIdsToTrainIds'), dict(type='PackTranslationInputs')]
    dataset = CityscapesDayDataset(data_root=str(tmp_path), pipeline=pipeline)
    assert [dataset.get_data_info(i)['key'] for i in range(2)] == names
    sample = dataset[0]
    label = sample['inputs']['label'][0]
    assert sample['data_samples'].domain == 'day'
    assert {number: int(value) for number, value in enumerate(label) if value != 255} == TRAIN_IDS
    assert len(CityscapesDayDataset(data_root=str(tmp_path), cities=('zurich',))) == 1
    asked = [pipeline[0], dict(type='LoadBeside'), *pipeline[2:]]
    beside = CityscapesDayDataset(data_root=str(tmp_path), pipeline=asked, inputs=('label',))
    assert beside[0]['inputs']['label'].equal(sample['inputs']['label'])


def test_train_ids_are_those_of_mmseg():
    assert list(TRAIN_IDS.values()) == list(range(19))
    assert label_ids_to_train_ids(np.array([[7, 33, 0, 10]])).tolist() == [[0, 18, 255, 255]]


def test_mistakes(tmp_path):
    make(tmp_path)
    with pytest.raises(FileNotFoundError, match='leftImg8bit.png of bonn'):
        CityscapesDayDataset(data_root=str(tmp_path), cities=('bonn',))
    with pytest.raises(ValueError, match="got 'night'"):
        CityscapesDayDataset(data_root=str(tmp_path), split='night')
    with pytest.raises(ValueError, match='x.png holds 255'):
        label_ids_to_train_ids(np.array([[255]], np.uint8), 'x.png')
