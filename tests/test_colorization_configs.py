"""Colorization configs end to end: their data on small trees, a run and its test, a photo through the checkpoint."""

import json
from pathlib import Path

import numpy as np
import pytest
import torch
from mmengine.config import Config
from mmengine.registry import init_default_scope
from mmengine.runner import Runner

from nightgen.apis import ColorizationInferencer
from nightgen.datasets import thermal
from nightgen.datasets.nightscape import NIGHTSCAPE_VERSION
from nightgen.datasets.preparation import coco_content
from nightgen.datasets.splits import split_names
from nightgen.models.data_preprocessor import TranslationDataPreprocessor
from nightgen.testing import random_picture, write_pictures
from nightgen.utils.images import write_image


def make_imagenet(root: Path) -> None:
    write_pictures(root / 'val', names=[f'ILSVRC2012_val_{index:08d}.JPEG' for index in range(16)], size=(40, 60))
    write_pictures(root / 'train', names=[f'n{number}/n{number}_1.JPEG' for number in range(2)], size=(60, 40))
    lists = dict(train=[f'ILSVRC2012_val_{index:08d}.JPEG' for index in range(16)],
                 test=['n0/n0_1.JPEG', 'n1/n1_1.JPEG'], val=['n0/n0_1.JPEG'])
    (root / 'lists').mkdir()
    for name, lines in lists.items():
        (root / f'lists/colorization_{name}.txt').write_text('\n'.join(lines))


def make_nightscape(root: Path, size: tuple[int, int]) -> None:
    root.mkdir(parents=True)
    (root / 'manifest.json').write_text(json.dumps(dict(version=NIGHTSCAPE_VERSION)))
    for split, count in dict(train=16, val=1, test=2).items():
        write_pictures(root / split / 'day', count, size)


def make_flir(root: Path) -> None:
    for listed, folder in dict(train_day='train/day', test_night='test/thermal').items():
        write_pictures(root / folder, names=[f'{stem}.png' for stem in split_names('flir', listed)[:16]],
                       size=(288, 360))
    tested = [f'{stem}.png' for stem in split_names('flir', 'test_night')[:16]]
    (root / 'test/label').mkdir()
    for file in tested:
        write_image(str(root / 'test/label' / file), np.full((288, 360), 11, np.uint8))
    boxes = coco_content([(file, 360, 288) for file in tested], {}, [])
    (root / 'test/boxes_thermal.json').write_text(json.dumps(boxes))


@pytest.mark.parametrize('name,batch,side,tested', [
    ('imagenet_bn', 16, 256, (3, 256, 256)), ('nightscape', 16, 256, (3, 260, 300)),
    ('nightscape_small', 8, 128, (3, 130, 150)), ('flir_thermal', 16, 256, (3, 288, 360))])
def test_data(configs_dir: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, batch: int, side: int,
              tested: tuple):
    monkeypatch.setattr(thermal, 'split_names', lambda *args: split_names(*args)[:16])
    if name == 'imagenet_bn':
        make_imagenet(tmp_path / 'data/imagenet')
    elif name == 'flir_thermal':
        make_flir(tmp_path / 'data/flir')
    else:
        make_nightscape(tmp_path / 'data' / name, tested[1:])
    monkeypatch.chdir(tmp_path)
    init_default_scope('nightgen')
    config = Config.fromfile(configs_dir / f'cgan_colorization/{name}.py')
    for key in ('train', 'val', 'test'):
        loader = config[f'{key}_dataloader']
        loader.update(num_workers=0, persistent_workers=False)
        built = Runner.build_dataloader(loader, seed=0)
        data = next(iter(built))
        inputs = TranslationDataPreprocessor()(data)['inputs']
        if key == 'train':
            assert {entry: tuple(value.shape) for entry, value in inputs.items()} == dict(
                real_color=(batch, 3, side, side))
            assert built.sampler.infinite and 'truth' not in data['data_samples'][0]
        else:
            entry = 'real_thermal' if name == 'flir_thermal' else 'real_color'
            assert list(inputs) == [entry] and tuple(inputs[entry].shape[1:]) == tested
            assert not built.sampler.shuffle and not built.sampler.round_up and not built.drop_last
            sample = data['data_samples'][0]
            assert ('truth' in sample) == (name != 'flir_thermal') and ('label' in sample) == (name == 'flir_thermal')
            if name != 'flir_thermal':
                assert torch.equal(sample.truth, data['inputs'][entry][0])


def test_a_run_its_numbers_and_photos(configs_dir: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Two iterations of the small setting, narrow; the numbers of the untouched truth; then a grey photo."""
    make_nightscape(tmp_path / 'data/nightscape_small', (128, 256))
    monkeypatch.chdir(tmp_path)
    config = Config.fromfile(configs_dir / 'cgan_colorization/nightscape_small.py')
    config.merge_from_dict({
        'model.generator.base': 2, 'model.discriminator.base': 2, 'train_cfg.max_iters': 2, 'train_cfg.val_interval': 2,
        'param_scheduler.begin': 0, 'param_scheduler.end': 2, 'train_dataloader.batch_size': 2,
        'default_hooks.checkpoint.interval': 2, 'default_hooks.logger.interval': 1,
        'work_dir': 'run', 'log_level': 'WARNING'})
    for key in ('train', 'val', 'test'):
        config[f'{key}_dataloader'].update(num_workers=0, persistent_workers=False)
    config.test_evaluator = [
        dict(type='BaselineTable', metrics=config.val_evaluator, baselines=('true_day', 'grey_input')),
        *config.val_evaluator]
    runner = Runner.from_cfg(config)
    runner.train()
    scalars = next(Path('run').glob('*/vis_data/scalars.json')).read_text()
    assert all(key in scalars for key in ('loss_adversarial_discriminator', 'loss_l1_chroma', 'ChromaIntersection'))
    numbers = runner.test()
    assert numbers['true_day/ChromaError'] == 0 and numbers['true_day/ChromaIntersection'] == 1
    assert numbers['true_day/PSNR_ab'] == float('inf')  # identical pictures
    assert numbers['grey_input/Colourfulness'] == 0 < numbers['true_day/Colourfulness']
    assert numbers['ChromaError'] > 0 and numbers['ChromaDivergence'] > 0

    photo = random_picture(90, 140, channels=1)
    inferencer = ColorizationInferencer(config, 'run/iter_2.pth', device='cpu')
    assert inferencer.translation.size == (128, 256)
    assert inferencer(photo)['predictions'][0].shape == (90, 140, 3)
