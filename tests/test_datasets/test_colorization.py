"""Colour pictures as their own truth: what a sample holds, and what the network is not shown."""

from pathlib import Path

import numpy as np
import pytest
import torch

from nightgen.datasets import ColorizationDataset, NightscapeDataset
from nightgen.registry import DATASETS
from nightgen.testing import write_pictures
from nightgen.utils.images import read_image

PIPELINE = [dict(type='LoadImage'), dict(type='ResizeImages', size=(16, 24), interpolation='nearest'),
            dict(type='PackTranslationInputs')]


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    write_pictures(tmp_path / 'photos', names=['b.png', 'a.jpg', 'sub/c.png'])
    return tmp_path / 'photos'


def folder(photos: Path, pipeline: list = PIPELINE, **settings) -> dict:
    return dict(type='ImageFolderDataset', data_root=str(photos), pipeline=pipeline, **settings)


def test_a_picture_is_its_own_truth(photos: Path):
    dataset = DATASETS.build(dict(type='ColorizationDataset', dataset=folder(photos)))
    assert len(dataset) == 3
    sample = dataset[1]
    assert list(sample['inputs']) == ['real_color']
    assert torch.equal(sample['data_samples'].truth, sample['inputs']['real_color'])
    expected = read_image(str(photos / 'b.png'))[
        np.ix_((np.arange(16) * 24 / 16).astype(int), (np.arange(24) * 32 / 24).astype(int))]
    assert np.array_equal(sample['inputs']['real_color'].permute(1, 2, 0), expected)  # nearest, aspect ignored
    assert (sample['data_samples'].domain, sample['data_samples'].sample_idx) == ('color', 1)


def test_to_train_the_truth_does_not_travel(photos: Path):
    sample = ColorizationDataset(folder(photos), truth=False)[0]
    assert 'truth' not in sample['data_samples'] and list(sample['inputs']) == ['real_color']


def test_with_lab_from_the_worker_there_is_no_rgb_among_the_inputs(photos: Path):
    steps = [*PIPELINE[:2], dict(type='RGBToLab'), PIPELINE[2]]
    sample = ColorizationDataset(folder(photos, steps))[2]
    assert {name: (value.dtype, tuple(value.shape)) for name, value in sample['inputs'].items()} == dict(
        luma=(torch.float32, (1, 16, 24)), real_chroma=(torch.float32, (2, 16, 24)))
    assert sample['data_samples'].truth.dtype == torch.uint8


def test_nightscape_days_and_unreadable_photos(photos: Path, tmp_path: Path):
    with pytest.raises(FileNotFoundError, match='render the data'):
        len(ColorizationDataset(dict(type=NightscapeDataset, data_root=str(tmp_path), rendering='day')))
    (photos / 'cut.png').write_bytes((photos / 'b.png').read_bytes()[:100])
    dataset = ColorizationDataset(folder(photos), on_broken='skip')
    assert len(dataset) == 3 and dataset.metainfo['skipped'] == [str(photos / 'cut.png')]


def test_truth_is_a_yes_or_no(photos: Path):
    with pytest.raises(TypeError, match='SingleDomainDataset'):
        ColorizationDataset(folder(photos), truth=folder(photos))
