"""configs/morngan/nightscape_small.py, narrow, with short stages: a run through all, and resumes at borders."""

import json
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from mmengine.config import Config, ConfigDict
from mmengine.runner import Runner

from nightgen.apis import init_model
from nightgen.checkpoint import load_checkpoint
from nightgen.datasets import thermal
from nightgen.datasets.splits import split_names
from nightgen.evaluation.functional import apce, edge_recall
from nightgen.testing import write_pictures
from nightgen.utils.images import image_to_tensor, read_image, write_image
from tests.conftest import clear_global_state
from tests.test_data_configs import make_data
from tests.test_engine.test_hooks.test_resume import differences, scramble

SHORTER = {50: 1, 60: 2, 200: 4, 500: 7, 900: 11}  # iterations at which terms and stages begin
BORDERS, ITERATIONS = (2, 4, 7, 11), 16


def narrow(model: ConfigDict) -> None:
    """Two channels and a block."""
    model.generator.encoder.update(base=2, num_blocks=1)
    model.generator.decoder.update(base=2, num_blocks=1, groups=1)
    model.discriminator.update(base=2, num_layers=3)
    model.segmentor.update(backbone=dict(type='CoordinateResNet', base=2, num_blocks=1),
                           head=dict(type='ASPPHead', in_channels=2, base=2))


def config(configs_dir: Path, folder: Path, name: str, **settings) -> Config:
    config = Config.fromfile(configs_dir / 'morngan/nightscape_small.py')
    model = config.model
    narrow(model)
    for scheduled in (*model.losses, model.players.segmentor, config.custom_hooks[-1]):
        for border in ('begin', 'end'):
            if border in scheduled:
                scheduled[border] = SHORTER[scheduled[border]]
    config.train_dataloader.update(num_workers=0, persistent_workers=False)
    config.train_dataloader.dataset.pairing.delay = 1
    config.train_cfg.update(max_iters=ITERATIONS, val_interval=10**6)
    config.param_scheduler.update(begin=ITERATIONS // 2, end=ITERATIONS)
    for part in ('val_dataloader', 'val_cfg', 'val_evaluator', 'test_dataloader', 'test_cfg', 'test_evaluator'):
        config[part] = None
    config.default_hooks.checkpoint = dict(type=config.default_hooks.checkpoint.type, interval=1)
    config.update(work_dir=str(folder / name), experiment_name=name, randomness=dict(seed=3), **settings)
    return config


def write_world(folder: Path) -> Path:
    """Pictures and label maps of all classes, where ``nightscape_small.py`` looks for them."""
    make_data(folder / 'data/nightscape_small', 'nightscape_small')
    classes = (np.arange(160) // 8 % 19).astype(np.uint8)[None].repeat(128, 0)
    for path in (folder / 'data/nightscape_small_pseudo/label_day').iterdir():
        write_image(str(path), classes)
    return folder


def train(*args, **settings) -> Runner:
    clear_global_state()
    runner = Runner.from_cfg(config(*args, **settings))
    runner.train()
    return runner


@pytest.fixture(scope='module')
def folder(tmp_path_factory: pytest.TempPathFactory, configs_dir: Path) -> Path:
    """Data, and the checkpoints of a whole run, one an iteration."""
    folder = write_world(tmp_path_factory.mktemp('morngan'))
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        train(configs_dir, folder, 'whole')
    return folder


def moved(folder: Path, before: int, after: int) -> set[str]:
    """The groups of networks that differ between two checkpoints of the whole run."""
    a, b = (load_checkpoint(folder / f'whole/iter_{number}.pth')['state_dict'] for number in (before, after))
    return {key.split('.')[0] for key in a if not torch.equal(a[key], b[key])}


def test_every_stage_trains_what_it_says(folder: Path):
    always = {'generators', 'discriminators'}
    assert moved(folder, 1, BORDERS[0]) == moved(folder, BORDERS[-1], ITERATIONS) == always
    for before, after in zip(BORDERS, BORDERS[1:], strict=False):
        assert moved(folder, before, after) == always | {'segmentors'}
    weights = load_checkpoint(folder / f'whole/iter_{ITERATIONS}.pth')['state_dict']
    assert all(value.isfinite().all() for value in weights.values())


@pytest.mark.parametrize('stop', [BORDERS[0], BORDERS[-1]])
def test_a_resume_at_a_border_is_exact(folder: Path, configs_dir: Path, monkeypatch: pytest.MonkeyPatch, stop: int):
    monkeypatch.chdir(folder)
    scramble()
    train(configs_dir, folder, f'from_{stop}', resume=True, load_from=str(folder / f'whole/iter_{stop}.pth'))
    whole, resumed = (load_checkpoint(folder / f'{name}/iter_{ITERATIONS}.pth') for name in ('whole', f'from_{stop}'))
    assert differences(whole, resumed) == []


@pytest.mark.parametrize('name', ['flir', 'kaist'])
def test_on_a_data_set_that_it_was_not_trained_on(folder: Path, configs_dir: Path, monkeypatch: pytest.MonkeyPatch,
                                                  load_tool, tmp_path: Path, name: str):
    """Table 6: `tools/test.py` with the other data set's config and the checkpoint of the first."""
    names = split_names(name, 'test_night')[:2]
    monkeypatch.setattr(thermal, 'split_names', lambda *args: names)
    write_pictures(tmp_path / f'data/{name}/test/thermal', names=[f'{stem}.png' for stem in names], size=(64, 96))
    other = Config.fromfile(configs_dir / f'morngan/{name}.py')
    narrow(other.model)
    other.test_dataloader.update(num_workers=0, persistent_workers=False)
    other.test_dataloader.dataset.update(label=None, boxes=None)
    other.test_evaluator = [dict(type='StretchedOutput', metrics=[dict(type='APCE')])]
    other.dump(tmp_path / 'other.py')
    monkeypatch.chdir(tmp_path)
    checkpoint = folder / f'whole/iter_{ITERATIONS}.pth'
    monkeypatch.setattr(sys, 'argv', ['test.py', 'other.py', str(checkpoint), '--out-dir', 'out'])
    load_tool('tools/test.py').main()
    found = json.loads((tmp_path / 'out/metrics.json').read_text())
    model = init_model(other, checkpoint)
    recalls = []
    for stem in names:
        thermal_image = read_image(str(tmp_path / f'data/{name}/test/thermal/{stem}.png'))
        real = image_to_tensor(thermal_image)[None] / 127.5 - 1
        made = model.translate(real)[0]
        stretched = (made - made.min()) / (made.max() - made.min())
        picture = (stretched * 255).round().byte().permute(1, 2, 0).numpy()
        recalls.append(edge_recall(picture, thermal_image))
    assert found['images'] == 2
    assert found['metrics']['SplitGenerator']['APCE'] == pytest.approx(apce(np.stack(recalls)), abs=2e-3)
