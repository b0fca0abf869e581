"""The tables from a model's classes to Cityscapes train ids."""

import json

import pytest

from nightgen.models.experts import CITYSCAPES_CLASSES, class_map_names, load_class_map, train_id_lookup


def test_every_shipped_table_loads():
    assert class_map_names() == ['cityscapes', 'coco', 'coco_panoptic', 'pascal_context']
    assert [len(load_class_map(name)) for name in class_map_names()] == [19, 80, 133, 60]


def test_cityscapes_is_the_identity():
    assert load_class_map('cityscapes') == {name: number for number, name in enumerate(CITYSCAPES_CLASSES)}


def test_coco_follows_the_table_of_the_spec():
    things, panoptic = load_class_map('coco'), load_class_map('coco_panoptic')
    wanted = {'person': 11, 'bicycle': 18, 'car': 13, 'motorcycle': 17, 'bus': 15, 'train': 16, 'truck': 14,
              'traffic light': 6, 'stop sign': 7}
    assert {name: number for name, number in things.items() if number is not None} == wanted
    assert {name: panoptic[name] for name in things} == things
    stuff = {name: number for name, number in panoptic.items() if number is not None and name not in things}
    assert stuff == {'building-other-merged': 2, 'house': 2, 'tree-merged': 8, 'grass-merged': 9,
                     'sky-other-merged': 10, 'road': 0, 'pavement-merged': 1, 'fence-merged': 4, 'wall-brick': 3,
                     'wall-stone': 3, 'wall-tile': 3, 'wall-wood': 3, 'wall-other-merged': 3}


def test_the_tables_have_the_classes_of_the_datasets_in_their_order():
    datasets = pytest.importorskip('mmdet.datasets', reason='mmdet is not installed')
    segmentation = pytest.importorskip('mmseg.datasets', reason='mmseg is not installed')
    for table, dataset in (('coco', datasets.CocoDataset), ('coco_panoptic', datasets.CocoPanopticDataset),
                           ('cityscapes', segmentation.CityscapesDataset),
                           ('pascal_context', segmentation.PascalContextDataset)):
        assert tuple(load_class_map(table)) == tuple(dataset.METAINFO['classes'])


def test_lookup_maps_and_leaves_unlabelled():
    assert train_id_lookup(['car', 'dog'], {'dog': None, 'car': 13, 'road': 0}) == [13, 255]


def test_a_class_that_the_table_forgot_is_named():
    with pytest.raises(KeyError, match='lacks 1 of the 2 classes.*zebra'):
        train_id_lookup(['car', 'zebra'], load_class_map('cityscapes'))


def test_own_tables(tmp_path):
    path = tmp_path / 'mine.json'
    path.write_text(json.dumps(dict(train_ids=dict(auto=13))))
    assert load_class_map(path) == dict(auto=13)
    assert load_class_map(dict(auto=13)) == dict(auto=13)
    path.write_text(json.dumps(dict(auto=13)))
    with pytest.raises(ValueError, match="'train_ids'"):
        load_class_map(path)
    with pytest.raises(ValueError, match='0 to 18.*19'):
        load_class_map(dict(auto=19))
    with pytest.raises(FileNotFoundError, match='cityscapes, coco'):
        load_class_map('ade20k')
