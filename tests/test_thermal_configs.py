"""configs/_base_/datasets/{flir,kaist}.py: they build on prepared data of the published lists."""

import json

import numpy as np
import pytest
import torch
from mmengine.config import Config
from mmengine.registry import init_default_scope

from nightgen.datasets import thermal
from nightgen.datasets.preparation import coco_content
from nightgen.datasets.splits import split_names
from nightgen.registry import DATASETS
from nightgen.testing import write_pictures
from nightgen.utils.images import write_image


@pytest.mark.parametrize('name', ['flir', 'kaist'])
def test_training_pairs_and_test_pictures_with_labels_and_boxes(name, configs_dir, tmp_path, monkeypatch):
    monkeypatch.setattr(thermal, 'split_names', lambda *args: split_names(*args)[:2])
    root = tmp_path / 'data' / name
    folders = dict(train_day='train/day', train_night='train/thermal', test_night='test/thermal')
    for listed, folder in folders.items():
        write_pictures(root / folder, names=[f'{stem}.png' for stem in split_names(name, listed)[:2]], size=(288, 360))
    tested = [f'{stem}.png' for stem in split_names(name, 'test_night')[:2]]
    (root / 'test/label').mkdir()
    for file in tested:
        write_image(str(root / 'test/label' / file), np.full((288, 360), 11, np.uint8))
    boxes = coco_content([(file, 360, 288) for file in tested], {tested[0]: [('person', (1, 2, 30, 40))]}, ['person'])
    (root / 'test/boxes_thermal.json').write_text(json.dumps(boxes))
    monkeypatch.chdir(tmp_path)
    init_default_scope('nightgen')
    config = Config.fromfile(configs_dir / f'_base_/datasets/{name}.py')
    pair = DATASETS.build(config.train_dataloader.dataset)[0]
    assert pair['inputs']['real_day'].shape == pair['inputs']['real_thermal'].shape == (3, 256, 256)
    sample = DATASETS.build(config.test_dataloader.dataset)[0]
    assert sample['inputs']['real_thermal'].shape == (3, 288, 360)
    assert (sample['data_samples'].label == 11).all()
    assert sample['data_samples'].boxes['bboxes'].tolist() == [[1, 2, 30, 40]]


@pytest.mark.parametrize('name', ['flir', 'kaist'])
def test_edges_and_label_maps_beside_the_training_pictures(name, configs_dir, tmp_path, monkeypatch):
    monkeypatch.setattr(thermal, 'split_names', lambda *args: split_names(*args)[:2])
    root = tmp_path / 'data' / name
    for listed, folder in dict(train_day='train/day', train_night='train/thermal').items():
        write_pictures(root / folder, names=[f'{stem}.png' for stem in split_names(name, listed)[:2]], size=(288, 360))
    monkeypatch.chdir(tmp_path)
    init_default_scope('nightgen')
    edges = Config.fromfile(configs_dir / f'_base_/datasets/{name}_edges.py').train_dataloader.dataset
    pair = DATASETS.build(edges)[0]['inputs']
    assert {key: tuple(value.shape) for key, value in pair.items()} == dict(
        real_day=(3, 256, 256), edges_day=(1, 256, 256), real_thermal=(3, 256, 256), edges_thermal=(1, 256, 256))
    assert set(pair['edges_thermal'].unique().tolist()) == {0, 255}

    labels = Config.fromfile(configs_dir / f'_base_/datasets/{name}_edges_labels.py').train_dataloader.dataset
    with pytest.raises(FileNotFoundError, match=r"2 of 2 pictures have no 'label' .*tools/pseudo_label/segment.py"):
        DATASETS.build(labels).full_init()
    for stem in split_names(name, 'train_day')[:2]:
        write_image(str(root / 'train/label_day' / f'{stem}.png'), np.full((288, 360), 17, np.uint8))
    pair = DATASETS.build(labels)[0]['inputs']
    assert pair['label_day'].equal(torch.full((256, 256), 17, dtype=torch.uint8)) and 'label_thermal' not in pair
    assert pair['edges_day'].shape == pair['edges_thermal'].shape == (1, 256, 256)
