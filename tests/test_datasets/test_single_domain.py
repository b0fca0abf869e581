"""The evaluation view."""

import pytest
import torch
from mmengine.evaluator import Evaluator

from nightgen.datasets import ImageFolderDataset, SingleDomainDataset
from nightgen.registry import DATASETS
from nightgen.testing import write_pictures

WHOLE = [dict(type='LoadImage'), dict(type='PackTranslationInputs')]


def folder(path, **more):
    return dict(type='ImageFolderDataset', data_root=str(path), pipeline=WHOLE, test_mode=True, **more)


def truncate(path):
    path.write_bytes(path.read_bytes()[:-20])


def test_truth_is_matched_by_stem_and_never_an_input(tmp_path):
    write_pictures(tmp_path / 'night', names=['b.png', 'a.png', 'cam/1.png'], seed=1)
    write_pictures(tmp_path / 'day', names=['cam/1.jpg', 'a.jpg', 'b.jpg', 'more.jpg'], seed=2)
    dataset = DATASETS.build(dict(type='SingleDomainDataset', domain='night', dataset=folder(tmp_path / 'night'),
                                  truth=folder(tmp_path / 'day')))
    truth = ImageFolderDataset(data_root=str(tmp_path / 'day'), pipeline=WHOLE)
    by_key = {truth[index]['data_samples'].key: truth[index]['inputs']['real'] for index in range(4)}
    assert len(dataset) == 3
    for index in range(3):
        sample = dataset[index]
        record = sample['data_samples']
        assert list(sample['inputs']) == ['real_night'] and record.domain == 'night' and record.sample_idx == index
        assert record.truth.equal(by_key[record.key]) and record.truth.dtype == torch.uint8
    assert dataset.get_data_info(0)['key'] == 'a'


def test_picture_without_truth_is_an_error(tmp_path):
    write_pictures(tmp_path / 'night', names=['a.png', 'b.png', 'c.png'])
    write_pictures(tmp_path / 'day', names=['a.png'])
    dataset = SingleDomainDataset('night', folder(tmp_path / 'night'), folder(tmp_path / 'day'))
    with pytest.raises(FileNotFoundError, match='2 of 3 images have no truth .* in .*day/?; the first is .*b.png'):
        len(dataset)


def test_two_truths_of_one_stem_are_an_error(tmp_path):
    write_pictures(tmp_path / 'night', names=['a.png'])
    write_pictures(tmp_path / 'day', names=['a.png', 'a.jpg'])
    with pytest.raises(ValueError, match="share the stem 'a'"):
        len(SingleDomainDataset('night', folder(tmp_path / 'night'), folder(tmp_path / 'day')))


def test_without_truth_there_is_none(tmp_path):
    write_pictures(tmp_path / 'night', number=2)
    sample = SingleDomainDataset('night', folder(tmp_path / 'night'))[1]
    assert 'truth' not in sample['data_samples'] and sample['inputs']['real_night'].shape == (3, 24, 32)


def test_skipping_leaves_out_a_picture_whose_truth_is_broken(tmp_path):
    nights, days = write_pictures(tmp_path / 'night', number=5), write_pictures(tmp_path / 'day', number=5)
    truncate(nights[1]), truncate(days[3])
    dataset = SingleDomainDataset('night', folder(tmp_path / 'night'), folder(tmp_path / 'day'), on_broken='skip')
    assert len(dataset) == 3
    assert [dataset[index]['data_samples'].key for index in range(3)] == ['000000', '000002', '000004']
    assert dataset.metainfo['skipped'] == dataset.skipped == [str(nights[1]), str(nights[3])]
    evaluator = Evaluator([])
    evaluator.dataset_meta = dataset.metainfo  # as the loops do: the tool that prints the table can say what is missing
    assert len(evaluator.dataset_meta['skipped']) == 2


def test_on_broken_is_checked(tmp_path):
    with pytest.raises(ValueError, match="'error' or 'skip'"):
        SingleDomainDataset('night', folder(tmp_path), on_broken='hide')


def test_auto_asks_the_data_set_and_a_data_set_that_does_not_know_says_so(tmp_path):
    write_pictures(tmp_path / 'night', names=['a.png'])
    for name in ('label', 'boxes'):
        with pytest.raises(ValueError, match=rf"FolderDataset does not know where its .* in place of {name}='auto'"):
            SingleDomainDataset('night', folder(tmp_path / 'night'), **{name: 'auto'})
        with pytest.raises(ValueError, match=rf"list has no \w+\(\), which {name}='auto' asks; give a path, or None"):
            SingleDomainDataset('night', [], **{name: 'auto'})
    assert SingleDomainDataset('night', folder(tmp_path / 'night')).metainfo['data_root'] == str(tmp_path / 'night')
