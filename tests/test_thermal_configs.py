"""configs/_base_/datasets/{flir,kaist}.py: they build on prepared data of the published lists."""

import json

import cv2
import numpy as np
import pytest
import torch
from mmengine.config import Config
from mmengine.registry import init_default_scope

from nightgen.datasets import thermal
from nightgen.datasets.nightscape import NIGHTSCAPE_VERSION
from nightgen.datasets.preparation import coco_content
from nightgen.datasets.splits import split_names
from nightgen.functional import canny_edges, matlab_grey
from nightgen.registry import DATASETS
from nightgen.testing import write_pictures
from nightgen.utils.images import read_image, write_image


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


def write_training(root, name):
    """Two days and two thermal nights of a published list."""
    for seed, (listed, folder) in enumerate(dict(train_day='train/day', train_night='train/thermal').items()):
        write_pictures(root / folder, names=[f'{stem}.png' for stem in split_names(name, listed)[:2]], size=(288, 360),
                       seed=seed)


@pytest.mark.parametrize('name', ['flir', 'kaist'])
def test_label_maps_beside_the_training_pictures(name, configs_dir, tmp_path, monkeypatch):
    monkeypatch.setattr(thermal, 'split_names', lambda *args: split_names(*args)[:2])
    root = tmp_path / 'data' / name
    write_training(root, name)
    monkeypatch.chdir(tmp_path)
    init_default_scope('nightgen')
    config = Config.fromfile(configs_dir / f'todaygan/{name}_ntir.py').train_dataloader.dataset
    with pytest.raises(FileNotFoundError, match=rf"2 of 2 images have no 'label' .* `python tools/pseudo_label/"
                       rf'segment.py nightgen::_base_/experts/ocrnet\S+ data/{name}/train/day '
                       rf'data/{name}/train/label_day`'):
        DATASETS.build(config).full_init()
    for stem in split_names(name, 'train_day')[:2]:
        write_image(str(root / 'train/label_day' / f'{stem}.png'), np.full((288, 360), 17, np.uint8))
    pair = DATASETS.build(config)[0]['inputs']
    assert {key: tuple(value.shape) for key, value in pair.items()} == dict(
        real_day=(3, 256, 256), edges_day=(1, 256, 256), label_day=(256, 256), real_thermal=(3, 256, 256),
        edges_thermal=(1, 256, 256))
    assert pair['label_day'].equal(torch.full((256, 256), 17, dtype=torch.uint8))
    config.day.variants = dict(label='fused')
    with pytest.raises(FileNotFoundError, match=r"2 of 2 images have no 'label' .*train/label_day_fused"):
        DATASETS.build(config).full_init()
    for stem in split_names(name, 'train_day')[:2]:
        write_image(str(root / 'train/label_day_fused' / f'{stem}.png'), np.full((288, 360), 3, np.uint8))
    assert DATASETS.build(config)[0]['inputs']['label_day'].unique().tolist() == [3]
    config.day.variants = dict(edges='fused')
    with pytest.raises(ValueError, match=r"variants of \['edges'\] would do nothing"):
        DATASETS.build(config)


@pytest.mark.parametrize('name', ['flir', 'kaist', 'nightscape', 'nightscape_small'])
def test_edges_of_each_domain_are_those_of_its_detector(name, configs_dir, tmp_path, monkeypatch):
    """Days as they are, thermal pictures after a Gaussian of one pixel; found in the whole picture, then cropped."""
    monkeypatch.setattr(thermal, 'split_names', lambda *args: split_names(*args)[:2])
    root = tmp_path / 'data' / name
    if name.startswith('nightscape'):
        for seed, rendering in enumerate(('day', 'thermal')):
            write_pictures(root / 'train' / rendering, 2, size=(288, 360), seed=seed)
        (root / 'manifest.json').write_text(json.dumps(dict(version=NIGHTSCAPE_VERSION)))
    else:
        write_training(root, name)
    monkeypatch.chdir(tmp_path)
    init_default_scope('nightgen')
    dataset = DATASETS.build(Config.fromfile(configs_dir / f'pearlgan/{name}.py').train_dataloader.dataset)
    for index in range(2):
        sample = dataset[index]
        for domain, blur in dict(day=None, thermal=1.0).items():
            grey = matlab_grey(read_image(sample['data_samples'].img_path[domain])).astype(float)
            blurred = cv2.GaussianBlur(grey, (0, 0), 1.0, borderType=cv2.BORDER_REPLICATE)
            right, wrong = (blurred, grey) if blur else (grey, blurred)
            edges = sample['inputs'][f'edges_{domain}'][0].numpy() // 255
            np.testing.assert_array_equal(edges, cropped(canny_edges(right), sample, domain))
            assert (edges != cropped(canny_edges(wrong), sample, domain)).any()


def cropped(picture, sample, domain):
    """The window of a picture that a sample has of it."""
    top, left, rows, columns = sample['data_samples'].crop_box[domain]
    window = picture[top:top + rows, left:left + columns]
    return window[:, ::-1] if sample['data_samples'].flip[domain][0] else window
