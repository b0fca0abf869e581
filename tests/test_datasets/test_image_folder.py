"""One domain as a folder."""

import logging

import numpy as np
import pytest
from mmengine.registry import DefaultScope

from nightgen.datasets import ImageFolderDataset
from nightgen.registry import DATASETS
from nightgen.testing import random_picture, write_pictures
from nightgen.utils.images import BrokenImageError, write_image
from nightgen.utils.seeding import Draw

PIPELINE = [dict(type='LoadImage'), dict(type='RandomCropImages', crop_size=8), dict(type='RandomFlipTranspose'),
            dict(type='PackTranslationInputs')]
WHOLE = [dict(type='LoadImage'), dict(type='PackTranslationInputs')]


def truncate(path):
    path.write_bytes(path.read_bytes()[:-20])


def keys(dataset):
    return [dataset.get_data_info(index)['key'] for index in range(len(dataset))]


def test_takes_pictures_in_natural_order_from_sub_folders_too(tmp_path):
    write_pictures(tmp_path, names=['f10.png', 'f9.PNG', 'a/f2.jpg', 'f1.png'])
    (tmp_path / 'notes.txt').write_text('x')
    (tmp_path / '.hidden.png').write_text('x')
    assert keys(ImageFolderDataset(data_root=str(tmp_path))) == ['a/f2', 'f1', 'f9', 'f10']
    assert keys(ImageFolderDataset(data_root=str(tmp_path), recursive=False)) == ['f1', 'f9', 'f10']
    assert keys(ImageFolderDataset(data_root=str(tmp_path), extensions=('.jpg',))) == ['a/f2']


def test_prefix_and_list(tmp_path):
    write_pictures(tmp_path / 'night', names=['a.png', 'b.png', 'c.png'])
    (tmp_path / 'list.txt').write_text('# chosen\nc.png\n\na.png\n')
    dataset = ImageFolderDataset(data_root=str(tmp_path), data_prefix=dict(img='night'), ann_file='list.txt')
    assert keys(dataset) == ['c', 'a']


def test_builds_from_a_config_with_and_without_a_default_scope(tmp_path):
    write_pictures(tmp_path)
    config = dict(type='ImageFolderDataset', data_root=str(tmp_path), pipeline=WHOLE, domain='night')
    sample = DATASETS.build(config)[2]
    assert sample['inputs']['real'].shape == (3, 24, 32)
    assert sample['data_samples'].img_path == str(tmp_path / '000002.png')
    assert sample['data_samples'].domain == 'night' and sample['data_samples'].ori_shape == (24, 32)
    DefaultScope.get_instance('scope', scope_name='nightgen')
    assert DATASETS.build(config)[2]['inputs']['real'].equal(sample['inputs']['real'])


def test_missing_and_empty_folders_are_named(tmp_path):
    with pytest.raises(FileNotFoundError, match=f"domain 'night': the image folder {tmp_path}/gone does not exist"):
        ImageFolderDataset(data_root=str(tmp_path), data_prefix=dict(img='gone'), domain='night')
    (tmp_path / 'empty' / 'deeper').mkdir(parents=True)
    with pytest.raises(FileNotFoundError, match=rf'no image in {tmp_path}/empty; looked for files ending in \.png'):
        ImageFolderDataset(data_root=str(tmp_path / 'empty'))
    write_pictures(tmp_path / 'empty' / 'deeper')
    with pytest.raises(FileNotFoundError, match='sub-folders are not searched'):
        ImageFolderDataset(data_root=str(tmp_path / 'empty'), recursive=False)


def test_faulty_lists_are_named(tmp_path):
    write_pictures(tmp_path, names=['a.png'])
    with pytest.raises(FileNotFoundError, match='gone.txt does not exist'):
        ImageFolderDataset(data_root=str(tmp_path), ann_file='gone.txt')
    (tmp_path / 'list.txt').write_text('a.png\nb.png\nc.png\n')
    with pytest.raises(FileNotFoundError, match='2 of the 3 files listed in .*list.txt.*the first is b.png'):
        ImageFolderDataset(data_root=str(tmp_path), ann_file='list.txt')
    (tmp_path / 'list.txt').write_text('# nothing\n')
    with pytest.raises(FileNotFoundError, match='is empty'):
        ImageFolderDataset(data_root=str(tmp_path), ann_file='list.txt')


@pytest.mark.parametrize('test_mode', [False, True])
def test_unreadable_pictures_are_errors_that_name_them(tmp_path, test_mode):
    paths = write_pictures(tmp_path, number=3)
    truncate(paths[1])
    dataset = ImageFolderDataset(data_root=str(tmp_path), pipeline=WHOLE, test_mode=test_mode)
    with pytest.raises(BrokenImageError, match='000001.png: PNG truncated'):
        dataset[1]
    assert dataset[2]['inputs']['real'].shape == (3, 24, 32)


def test_skipping_counts_and_names(tmp_path, caplog):
    paths = write_pictures(tmp_path, number=5)
    truncate(paths[1])
    paths[3].write_text('no image')
    with caplog.at_level(logging.WARNING):
        dataset = ImageFolderDataset(data_root=str(tmp_path), pipeline=WHOLE, test_mode=True, on_broken='skip')
    assert keys(dataset) == ['000000', '000002', '000004']
    assert dataset.skipped == dataset.metainfo['skipped'] == [str(paths[1]), str(paths[3])]
    assert len([dataset[index] for index in range(3)]) == 3


def test_skipping_everything_or_while_training_is_an_error(tmp_path):
    for path in write_pictures(tmp_path, number=2):
        truncate(path)
    with pytest.raises(FileNotFoundError, match='none of the 2 images can be read'):
        ImageFolderDataset(data_root=str(tmp_path), test_mode=True, on_broken='skip')
    with pytest.raises(ValueError, match='must be fixed'):
        ImageFolderDataset(data_root=str(tmp_path), on_broken='skip')
    with pytest.raises(ValueError, match="'error' or 'skip'"):
        ImageFolderDataset(data_root=str(tmp_path), on_broken='ignore')


def test_a_pipeline_that_drops_a_sample_is_an_error(tmp_path):
    write_pictures(tmp_path)
    dataset = ImageFolderDataset(data_root=str(tmp_path), pipeline=[lambda results: None])
    with pytest.raises(Exception, match='valid image'):
        dataset[0]


def test_image_smaller_than_the_crop_names_file_size_and_crop(tmp_path):
    write_pictures(tmp_path, size=(7, 32))
    dataset = ImageFolderDataset(data_root=str(tmp_path), pipeline=PIPELINE)
    with pytest.raises(ValueError, match=r'000000.png is 7x32 \(height x width\), smaller than the crop 8x8'):
        dataset[0]


@pytest.mark.parametrize('name,picture', [
    ('grey.png', random_picture(13, 17, channels=1)),
    ('grey16.png', random_picture(13, 17, channels=1, dtype=np.uint16)),
    ('deep.tiff', random_picture(13, 17, dtype=np.uint16)), ('odd.jpg', random_picture(13, 17))])
def test_every_kind_of_picture_becomes_three_channels(tmp_path, name, picture):
    write_image(str(tmp_path / name), picture)
    real = ImageFolderDataset(data_root=str(tmp_path), pipeline=WHOLE)[0]['inputs']['real']
    assert real.shape == (3, 13, 17) and str(real.dtype) == f'torch.{picture.dtype}'


def test_a_draw_fixes_the_sample(tmp_path):
    write_pictures(tmp_path)
    dataset = ImageFolderDataset(data_root=str(tmp_path), pipeline=PIPELINE)
    first = dataset[Draw(1, 7, 0)]
    np.random.rand()
    again, other = dataset[Draw(1, 7, 0)], dataset[Draw(1, 8, 0)]
    assert first['inputs']['real'].equal(again['inputs']['real'])
    assert not first['inputs']['real'].equal(other['inputs']['real'])
    assert first['data_samples'].sample_idx == 1 and type(first['data_samples'].sample_idx) is int


def test_data_stay_serialized_and_subsets_work(tmp_path):
    write_pictures(tmp_path, number=6)
    dataset = ImageFolderDataset(data_root=str(tmp_path), pipeline=WHOLE, indices=4)
    assert len(dataset) == 4 and dataset.data_bytes.dtype == np.uint8 and not dataset.data_list
    assert keys(dataset.get_subset([3, 1])) == ['000003', '000001']


def test_prefix_without_img_is_an_error():
    with pytest.raises(ValueError, match="needs the entry 'img'"):
        ImageFolderDataset(data_prefix=dict(img_path='x'))


def test_pictures_beside_are_found_by_key(tmp_path):
    write_pictures(tmp_path / 'night', names=['a/x.jpg', 'b.png'], size=(24, 32))
    for name in ('a/x.png', 'b.png'):
        write_image(str(tmp_path / 'labels' / name), np.full((24, 32), 7, np.uint8))
    pipeline = [dict(type='LoadImage'), dict(type='LoadImage', key='label', mode='label'), *PIPELINE[1:]]
    config = dict(data_root=str(tmp_path), data_prefix=dict(img='night'), pipeline=pipeline)
    dataset = ImageFolderDataset(**config, beside=dict(label='labels'))
    assert dataset.get_data_info(0)['label_path'] == str(tmp_path / 'labels/a/x.png')
    assert dataset[0]['inputs']['label'].shape == (8, 8) and (dataset[1]['inputs']['label'] == 7).all()
    (tmp_path / 'labels/b.png').unlink()
    with pytest.raises(FileNotFoundError, match=r"1 of 2 images have no 'label' beside them .*first is b.png"):
        ImageFolderDataset(**config, beside=dict(label='labels'))


def test_a_picture_beside_of_another_size_is_an_error(tmp_path):
    write_pictures(tmp_path / 'night', names=['b.png'], size=(24, 32))
    write_image(str(tmp_path / 'labels/b.png'), np.zeros((24, 30), np.uint8))
    pipeline = [dict(type='LoadImage'), dict(type='LoadImage', key='label', mode='label'), *PIPELINE[1:]]
    dataset = ImageFolderDataset(data_root=str(tmp_path), data_prefix=dict(img='night'), beside=dict(label='labels'),
                                 pipeline=pipeline)
    with pytest.raises(ValueError, match='differ in size'):
        dataset[0]
