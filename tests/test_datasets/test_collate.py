"""Collating in the worker."""

import pytest
import torch
from mmengine.dataset import pseudo_collate
from mmengine.registry import FUNCTIONS
from torch.utils.data import DataLoader

from nightgen.datasets import ImageFolderDataset, stack_collate
from nightgen.models.data_preprocessor import TranslationDataPreprocessor
from nightgen.testing import random_picture, write_pictures
from nightgen.utils.images import write_image

WHOLE = [dict(type='LoadImage'), dict(type='PackTranslationInputs')]


@pytest.mark.parametrize('workers', [0, 1])
def test_stacked_batches_give_what_lists_give(tmp_path, workers):
    write_pictures(tmp_path, number=4)
    dataset = ImageFolderDataset(data_root=str(tmp_path), pipeline=WHOLE)
    stacked, lists = (list(DataLoader(dataset, 3, num_workers=workers, collate_fn=collate))
                      for collate in (FUNCTIONS.get('stack_collate'), pseudo_collate))
    preprocessor = TranslationDataPreprocessor()
    for first, second in zip(stacked, lists, strict=True):
        assert isinstance(first['inputs']['real'], torch.Tensor) and isinstance(second['inputs']['real'], list)
        assert preprocessor(first)['inputs']['real'].equal(preprocessor(second)['inputs']['real'])
        assert [sample.img_path for sample in first['data_samples']] == [
            sample.img_path for sample in second['data_samples']]


def test_16_bits_are_stacked_and_unequal_sizes_stay_lists_for_the_preprocessor_to_refuse(tmp_path):
    for index, size in enumerate([(8, 9), (8, 9), (8, 10)]):
        write_image(str(tmp_path / f'{index}.png'), random_picture(*size, dtype='uint16'))
    dataset = ImageFolderDataset(data_root=str(tmp_path), pipeline=WHOLE)
    batch = stack_collate([dataset[0], dataset[1]])
    assert batch['inputs']['real'].shape == (2, 3, 8, 9) and batch['inputs']['real'].dtype == torch.uint16
    with pytest.raises(ValueError, match=r'\(3, 8, 10\).*2.png'):
        TranslationDataPreprocessor()(stack_collate([dataset[0], dataset[2]]))


@pytest.mark.parametrize('name', ['list_collate', 'stack_collate'])
def test_the_scope_that_mmengine_adds_to_an_inherited_config_changes_nothing(tmp_path, name):
    for index, size in enumerate([(8, 9), (8, 10)]):
        write_image(str(tmp_path / f'{index}.png'), random_picture(*size))
    dataset = ImageFolderDataset(data_root=str(tmp_path), pipeline=WHOLE)
    samples, collate = [dataset[0], dataset[1]], FUNCTIONS.get(name)
    batch, expected = collate(samples, _scope_='nightgen'), pseudo_collate(samples)
    assert all(map(torch.equal, batch['inputs']['real'], expected['inputs']['real']))
    assert batch['data_samples'] == expected['data_samples']
