"""Experts whose answers lie in files."""

import json

import numpy as np
import pytest
import torch

from nightgen.models.experts import FolderDetectionExpert, FolderSegmentationExpert
from nightgen.registry import MODELS
from nightgen.utils.images import BrokenImageError, write_image


def test_label_maps_are_found_by_name(tmp_path):
    labels = {name: np.random.default_rng(index).choice([0, 7, 18, 255], (6, 8)).astype(np.uint8)
              for index, name in enumerate(('cam1/a', 'b'))}
    (tmp_path / 'cam1').mkdir()
    for name, label in labels.items():
        write_image(str(tmp_path / f'{name}.png'), label)
    expert = MODELS.build(dict(type='FolderSegmentationExpert', folder=str(tmp_path)))
    found = expert(torch.zeros(2, 3, 6, 8), ['b', 'cam1/a'])
    assert found.dtype == torch.int64
    assert np.array_equal(found[0], labels['b']) and np.array_equal(found[1], labels['cam1/a'])
    assert not expert.state_dict() and expert.card['checkpoint'] == str(tmp_path)


def test_wrong_label_maps_are_named(tmp_path):
    write_image(str(tmp_path / 'small.png'), np.zeros((4, 4), np.uint8))
    write_image(str(tmp_path / 'ids.png'), np.full((6, 8), 33, np.uint8))
    expert, images = FolderSegmentationExpert(tmp_path), torch.zeros(1, 3, 6, 8)
    with pytest.raises(ValueError, match='small.png is 4x4.*6x8'):
        expert(images, ['small'])
    with pytest.raises(ValueError, match=r'ids.png holds \[33\].*labelIds'):
        expert(images, ['ids'])
    with pytest.raises(BrokenImageError, match='gone.png'):
        expert(images, ['gone'])
    with pytest.raises(ValueError, match='give the keys of the 1 images'):
        expert(images)
    with pytest.raises(FileNotFoundError, match='nowhere'):
        FolderSegmentationExpert(tmp_path / 'nowhere')


def _boxes(path, **changes):
    content = dict(
        images=[dict(id=5, file_name='night/a.png'), dict(id=6, file_name='b.png')],
        categories=[dict(id=1, name='person'), dict(id=3, name='car'), dict(id=9, name='dog')],
        annotations=[dict(image_id=5, category_id=3, bbox=[1, 2, 10, 20], score=0.25),
                     dict(image_id=5, category_id=1, bbox=[0, 0, 4, 4.5], score=0.75),
                     dict(image_id=5, category_id=9, bbox=[0, 0, 4, 4], score=0.9)])
    path.write_text(json.dumps({**content, **changes}))
    return path


def test_boxes_are_found_by_name_and_sorted_by_score(tmp_path):
    table = dict(person=11, car=13, dog=None)
    expert = FolderDetectionExpert(_boxes(tmp_path / 'boxes.json'), class_map=table)
    first, second = expert(torch.zeros(2, 3, 32, 32), ['night/a', 'b'])
    assert first['labels'].tolist() == [11, 13] and first['scores'].tolist() == [0.75, 0.25]
    assert first['bboxes'].tolist() == [[0, 0, 4, 4.5], [1, 2, 11, 22]]
    assert second['bboxes'].shape == (0, 4) and second['labels'].dtype == torch.int64
    own = FolderDetectionExpert(_boxes(tmp_path / 'boxes.json'), class_map=None)
    assert own(torch.zeros(1, 3, 8, 8), ['night/a'])[0]['labels'].tolist() == [9, 1, 3]


def test_wrong_box_files_are_named(tmp_path):
    path = _boxes(tmp_path / 'boxes.json')
    with pytest.raises(KeyError, match='dog'):
        FolderDetectionExpert(path)
    with pytest.raises(KeyError, match='lists no image c'):
        FolderDetectionExpert(path, class_map=None)(torch.zeros(1, 3, 8, 8), ['c'])
    with pytest.raises(ValueError, match='annotation 0'):
        FolderDetectionExpert(_boxes(path, images=[]), class_map=None)
    path.write_text('[]')
    with pytest.raises(ValueError, match='no file of boxes'):
        FolderDetectionExpert(path)
    with pytest.raises(FileNotFoundError, match='nothing.json'):
        FolderDetectionExpert(tmp_path / 'nothing.json')
