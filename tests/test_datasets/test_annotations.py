"""Label maps and boxes of an evaluation set, by key."""

import json

import numpy as np
import pytest
import torch

from nightgen.datasets.annotations import BoxFile, LabelFolder
from nightgen.registry import DATASETS
from nightgen.testing import write_pictures
from nightgen.utils.images import write_image


def box_file(path, **changes):
    content = dict(
        images=[dict(id=7, file_name='cam/a.png'), dict(id=9, file_name='b.jpg')],
        categories=[dict(id=1, name='person'), dict(id=2, name='car')],
        annotations=[dict(image_id=7, category_id=2, bbox=[1, 2, 10, 20]),
                     dict(image_id=7, category_id=1, bbox=[0, 0, 3, 4], ignore=1),
                     dict(image_id=7, category_id=1, bbox=[5, 5, 1, 1], iscrowd=1)])
    path.write_text(json.dumps(dict(content, **changes)))
    return str(path)


def test_boxes_become_corners_and_train_ids(tmp_path):
    boxes = BoxFile(box_file(tmp_path / 'boxes.json'))
    found = boxes.read('cam/a')
    assert found['bboxes'].tolist() == [[1, 2, 11, 22], [0, 0, 3, 4], [5, 5, 6, 6]]
    assert found['labels'].tolist() == [13, 11, 11] and found['ignore'].tolist() == [False, True, True]
    assert found['crowd'].tolist() == [False, False, True]
    empty = boxes.read('b')
    assert empty['bboxes'].shape == (0, 4) and empty['labels'].dtype == torch.int64
    assert BoxFile(boxes.file, class_map=None).read('cam/a')['labels'].tolist() == [2, 1, 1]
    assert BoxFile(boxes.file, class_map=dict(person=None, car=13)).read('cam/a')['labels'].tolist() == [13]


def test_bad_box_files(tmp_path):
    with pytest.raises(FileNotFoundError, match='none.json'):
        BoxFile(str(tmp_path / 'none.json'))
    with pytest.raises(ValueError, match='lists images, annotations, categories'):
        BoxFile(box_file(tmp_path / 'a.json', categories={}))
    with pytest.raises(ValueError, match='does not list: '):
        BoxFile(box_file(tmp_path / 'b.json', annotations=[dict(image_id=1, category_id=1, bbox=[0, 0, 1, 1])]))
    with pytest.raises(KeyError, match='zebra'):
        BoxFile(box_file(tmp_path / 'c.json', categories=[dict(id=1, name='zebra'), dict(id=2, name='car')]))


def test_single_domain_dataset_carries_both(tmp_path):
    pipeline = [dict(type='LoadImage'), dict(type='PackTranslationInputs')]
    write_pictures(tmp_path / 'night', names=['b.png', 'cam/a.png'], size=(6, 8))
    label = np.arange(48, dtype=np.uint8).reshape(6, 8) % 19
    for name in ('b', 'cam/a'):
        (tmp_path / 'label' / name).parent.mkdir(parents=True, exist_ok=True)
        write_image(str(tmp_path / 'label' / f'{name}_ids.png'), label)
    config = dict(type='SingleDomainDataset', domain='night',
                  label=dict(folder=str(tmp_path / 'label'), suffix='_ids.png'),
                  boxes=box_file(tmp_path / 'boxes.json'), dataset=dict(
                      type='ImageFolderDataset', data_root=str(tmp_path / 'night'), pipeline=pipeline))
    dataset = DATASETS.build(config)
    samples = {dataset[index]['data_samples'].key: dataset[index] for index in range(2)}
    assert list(samples['cam/a']['inputs']) == ['real_night']
    np.testing.assert_array_equal(samples['cam/a']['data_samples'].label.numpy(), label)
    assert len(samples['cam/a']['data_samples'].boxes['labels']) == 3
    assert len(samples['b']['data_samples'].boxes['labels']) == 0
    with pytest.raises(FileNotFoundError, match='2 of 2 images have no label map'):
        len(DATASETS.build(dict(config, label=str(tmp_path / 'label'))))
    write_pictures(tmp_path / 'night', names=['c.png'])
    with pytest.raises(ValueError, match='does not list 1 of 3 images; the first is c'):
        len(DATASETS.build({key: value for key, value in config.items() if key != 'label'}))


def test_label_folder_reads_what_is_stored(tmp_path):
    label = np.array([[0, 255], [18, 3]], np.uint8)
    write_image(str(tmp_path / 'x.png'), label)
    folder = LabelFolder(str(tmp_path))
    folder.check(['x'])
    assert folder.read('x').tolist() == label.tolist()
