"""configs/_base_/datasets and configs/_base_/evaluators: they build, and keep the rules that runs rely on."""

import json

import numpy as np
import pytest
import torch
from mmengine.config import Config
from mmengine.evaluator import Evaluator
from mmengine.registry import init_default_scope
from mmengine.runner import Runner

from nightgen.datasets.nightscape import NIGHTSCAPE_VERSION
from nightgen.datasets.preparation import coco_content
from nightgen.models.data_preprocessor import TranslationDataPreprocessor
from nightgen.registry import DATASETS as DATASET_REGISTRY
from nightgen.testing import write_pictures
from nightgen.utils.cli import load_config
from nightgen.utils.images import write_image
from nightgen.utils.settings import settle

DATASETS = ['bdd100k', 'dark_zurich', 'image_folders', 'nightscape', 'nightscape_small']
TWO_SIDED = ['cyclegan/nightscape', 'cyclegan/nightscape_night', 'cyclegan/nightscape_small', 'morngan/nightscape',
             'morngan/nightscape_small', 'pearlgan/nightscape', 'pearlgan/nightscape_small',
             'todaygan/nightscape_ntir', 'todaygan/nightscape_small_ntir']
EVALUATORS = ['nightscape', 'paired', 'unpaired']


def load(configs_dir, kind, name, root):
    """The config with another data root, as a user's override at the top level gives it."""
    init_default_scope('nightgen')
    config = Config.fromfile(configs_dir / '_base_' / kind / f'{name}.py')
    if 'data_root' in config:
        config.data_root = str(root)
        settle(config)
    return config


def make_data(root, name):
    """A folder in the layout of the data set, with pictures just large enough for the crops."""
    size = (128, 160) if 'small' in name else (256, 272)
    if name.startswith('nightscape'):
        root.mkdir(parents=True, exist_ok=True)
        (root / 'manifest.json').write_text(json.dumps(dict(version=NIGHTSCAPE_VERSION)))
        for split, stems in dict(train=None, val=['7.png', '8.png'], test=['9.png', '5.png']).items():
            for seed, rendering in enumerate(('night', 'day', 'thermal')):
                own = [f'{seed}{index}.png' for index in range(4)]
                write_pictures(root / split / rendering, size=size, seed=seed, names=stems or own)
        write_known(root, size)
    elif name == 'bdd100k':
        (root / 'lists').mkdir()
        for split, part in (('train', 'train_night'), ('train', 'train_day'), ('val', 'test_night')):
            names = [f'{part}{index}.jpg' for index in range(18)]
            write_pictures(root / 'images/100k' / split, size=size, names=names)
            (root / f'lists/{part}.txt').write_text('\n'.join(names))
    elif name == 'dark_zurich':
        for split in ('train', 'test'):
            write_pictures(root / f'rgb_anon/{split}/night', names=[f'GOPR1/{split}_rgb_anon.png'], size=(30, 31))
    else:
        for part in ('train/night', 'train/day', 'test/night'):
            write_pictures(root / part, number=17, size=size)


@pytest.mark.parametrize('name', DATASETS)
def test_data_loaders_give_batches(configs_dir, tmp_path, name):
    make_data(tmp_path, name)
    config = load(configs_dir, 'datasets', name, tmp_path)
    loaders = {key: value for key, value in config.items() if key.endswith('_dataloader') and value}
    assert set(loaders) == ({'test_dataloader'} if name == 'dark_zurich' else
                            {'train_dataloader', 'val_dataloader', 'test_dataloader'})
    for key, loader in loaders.items():
        assert loader.persistent_workers and loader.num_workers > 0
        loader.update(num_workers=0, persistent_workers=False)
        built = Runner.build_dataloader(loader, seed=0)
        batch = TranslationDataPreprocessor()(next(iter(built)))
        if key == 'train_dataloader':
            crop = 128 if name == 'nightscape_small' else 256
            expected = (loader.batch_size, 3, crop, crop)
            assert {entry: tuple(value.shape) for entry, value in batch['inputs'].items()} == dict(
                real_night=expected, real_day=expected)
            assert type(built.sampler).__name__ == 'ResumableSampler' and built.sampler.infinite
        else:
            assert list(batch['inputs']) == ['real_night'] and batch['inputs']['real_night'].shape[0] == 1
            assert not built.sampler.shuffle and not built.sampler.round_up and not built.drop_last
            nightscape = name.startswith('nightscape')
            assert ('truth' in batch['data_samples'][0]) == nightscape
            assert ('label' in batch['data_samples'][0]) == (nightscape and key == 'test_dataloader')
            assert len({path for sample in built.dataset for path in [sample['data_samples'].img_path]}) == len(
                built.dataset)


def write_known(root, size):
    """True label maps and boxes of the test pictures, and an expert's label maps of the training days."""
    for name in ('9.png', '5.png'):
        write_image(str(root / 'test/label' / name), np.full(size, 13, np.uint8))
    columns = np.arange(size[1], dtype=np.uint8)[None].repeat(size[0], 0)
    for name in (f'1{index}.png' for index in range(4)):
        write_image(str(root.with_name(f'{root.name}_pseudo') / 'label_day' / name), columns)
    for rendering, left in (('night', 1), ('thermal', 2)):
        content = coco_content([(name, size[1], size[0]) for name in ('9.png', '5.png')],
                               {'9.png': [('car', (left, 2, 30, 40))]}, ['car'])
        (root / f'test/boxes_{rendering}.json').write_text(json.dumps(content))


@pytest.mark.parametrize('name', TWO_SIDED)
def test_data_of_two_sided_methods(configs_dir, tmp_path, monkeypatch, name):
    """One image of each domain, what lies beside them, and test pictures with all that is known of their scene."""
    small, source = 'small' in name, 'night' if 'night' in name.split('_') else 'thermal'
    folder, crop = f'nightscape{"_small" if small else ""}', 128 if small else 256
    make_data(tmp_path / 'data' / folder, folder)
    monkeypatch.chdir(tmp_path)
    init_default_scope('nightgen')
    config = Config.fromfile(configs_dir / f'{name}.py')
    for loader in (config.train_dataloader, config.val_dataloader, config.test_dataloader):
        loader.update(num_workers=0, persistent_workers=False)

    loader = Runner.build_dataloader(config.train_dataloader, seed=0)
    batch = TranslationDataPreprocessor()(next(iter(loader)))
    expected = {f'real_{domain}': (1, 3, crop, crop) for domain in ('day', source)}
    if 'pearlgan' in name or 'ntir' in name or 'morngan' in name:
        expected |= {f'edges_{domain}': (1, 1, crop, crop) for domain in ('day', source)}
    if 'ntir' in name or 'morngan' in name:
        expected['label_day'] = (1, crop, crop)
    assert {entry: tuple(value.shape) for entry, value in batch['inputs'].items()} == expected
    for entry, value in batch['inputs'].items():
        if entry.startswith('edges'):
            assert set(value.unique().tolist()) == {0.0, 1.0}
        if entry == 'label_day':  # the columns' own numbers: cropped and flipped as one piece
            assert value.dtype == torch.int64 and (value[0] == value[0, 0]).all()
            assert (value[0, 0].diff() % 256).unique().tolist() in ([1], [255])
    paths = batch['data_samples'][0].img_path
    assert set(paths) == {'day', source} and all(f'{folder}/train/{key}/' in path for key, path in paths.items())

    for key, split in (('val_dataloader', 'val'), ('test_dataloader', 'test')):
        sample = next(iter(Runner.build_dataloader(config[key], seed=0)))['data_samples'][0]
        assert f'{folder}/{split}/{source}/' in sample.img_path and 'truth' in sample
        assert ('label' in sample) == ('boxes' in sample) == (split == 'test')
    samples = [known['data_samples'] for known in Runner.build_dataloader(config.test_dataloader, seed=0).dataset]
    assert {sample.key: sample.boxes['bboxes'].tolist() for sample in samples} == {
        '9': [[1.0 if source == 'night' else 2.0, 2, 30, 40]], '5': []}
    assert all((sample.label == 13).all() for sample in samples)


@pytest.mark.parametrize('name', ['cyclegan/nightscape', 'n2d_lpnet/nightscape_small', 'todaygan/nightscape_ntir'])
def test_another_data_root_moves_everything(configs_dir, tmp_path, monkeypatch, name):
    """Pictures, label maps, boxes and the sets of metrics; the old folder does not exist."""
    make_data(tmp_path / 'elsewhere/streets', name.split('/')[1])
    monkeypatch.chdir(tmp_path)
    init_default_scope('nightgen')
    config = load_config(str(configs_dir / f'{name}.py'), dict(data_root='elsewhere/streets'))
    assert not [place for place in strings(config.to_dict()) if place.startswith('data/')]
    assert DATASET_REGISTRY.build(config.train_dataloader.dataset)[0]['inputs']['real_day'].shape[0] == 3
    tested = DATASET_REGISTRY.build(config.test_dataloader.dataset)
    assert tested[0]['data_samples'].label[0, 0] == 13 and 'boxes' in tested[0]['data_samples']
    assert tested.metainfo['data_root'] == 'elsewhere/streets'


def strings(value):
    """All strings of a config."""
    if isinstance(value, str):
        return [value]
    items = value.values() if isinstance(value, dict) else value if isinstance(value, list | tuple) else ()
    return [found for item in items for found in strings(item)]


@pytest.mark.parametrize('name', EVALUATORS)
def test_evaluators_build_and_yield_what_chooses_the_best(configs_dir, tmp_path, name):
    make_data(tmp_path, 'nightscape')
    config = load(configs_dir, 'evaluators', name, tmp_path)
    for key in ('val_evaluator', 'test_evaluator'):
        evaluator = Evaluator(config[key])
        evaluator.dataset_meta = dict(data_root=str(tmp_path))
        picture = torch.randint(0, 256, (3, 16, 16), dtype=torch.uint8)
        sample = dict(fake=picture, truth=picture.flip(1), source=picture // 2, img_path='a.png', sample_idx=0)
        if name == 'unpaired':
            del sample['truth']
        evaluator.process([sample])
        metrics = evaluator.evaluate(1)
        best = config.get('best_checkpoint')
        assert (best is None) == (name == 'unpaired')
        if best is not None:
            assert best.save_best in metrics and best.rule == 'greater'
        rows = {metric.rpartition('/')[0] for metric in metrics}
        assert ('histogram_matching' in rows) == (name.startswith('nightscape') and key == 'test_evaluator')
