"""configs/_base_/datasets and configs/_base_/evaluators: they build, and keep the rules that runs rely on."""

import json

import pytest
import torch
from mmengine.config import Config
from mmengine.evaluator import Evaluator
from mmengine.registry import init_default_scope
from mmengine.runner import Runner

from nightgen.datasets.nightscape import NIGHTSCAPE_VERSION
from nightgen.models.data_preprocessor import TranslationDataPreprocessor
from nightgen.testing import write_pictures

DATASETS = ['bdd100k', 'dark_zurich', 'image_folders', 'nightscape', 'nightscape_small']
EVALUATORS = ['nightscape', 'nightscape_small', 'paired', 'unpaired']


def load(configs_dir, kind, name, root):
    """The config with every data root replaced, as a user's override would."""
    init_default_scope('nightgen')
    config = Config.fromfile(configs_dir / '_base_' / kind / f'{name}.py')

    def replace(value):
        if isinstance(value, dict):
            if 'data_root' in value:
                value['data_root'] = str(root)
            for item in value.values():
                replace(item)
        elif isinstance(value, list):
            for item in value:
                replace(item)
    replace(config._cfg_dict)
    return config


def make_data(root, name):
    """A folder in the layout of the data set, with pictures just large enough for the crops."""
    size = (128, 160) if name == 'nightscape_small' else (256, 272)
    if name.startswith('nightscape'):
        (root / 'manifest.json').write_text(json.dumps(dict(version=NIGHTSCAPE_VERSION)))
        for split, stems in dict(train=None, val=['7.png', '8.png'], test=['9.png', '5.png']).items():
            for seed, rendering in enumerate(('night', 'day')):
                own = [f'{seed}{index}.png' for index in range(4)]
                write_pictures(root / split / rendering, size=size, seed=seed, names=stems or own)
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
    loaders = {key: value for key, value in config.items() if key.endswith('_dataloader')}
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
            assert ('truth' in batch['data_samples'][0]) == name.startswith('nightscape')
            assert len({path for sample in built.dataset for path in [sample['data_samples'].img_path]}) == len(
                built.dataset)


@pytest.mark.parametrize('name', EVALUATORS)
def test_evaluators_build_and_yield_what_chooses_the_best(configs_dir, tmp_path, name):
    make_data(tmp_path, 'nightscape')
    config = load(configs_dir, 'evaluators', name, tmp_path)
    for key in ('val_evaluator', 'test_evaluator'):
        evaluator = Evaluator(config[key])
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
