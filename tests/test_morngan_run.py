"""configs/morngan/nightscape_small.py, narrow, with short stages: a run through all, and resumes at borders."""

from pathlib import Path

import numpy as np
import pytest
import torch
from mmengine.config import Config
from mmengine.runner import Runner

from nightgen.checkpoint import load_checkpoint
from nightgen.utils.images import write_image
from tests.conftest import clear_global_state
from tests.test_data_configs import make_data
from tests.test_engine.test_hooks.test_resume import differences, scramble

SHORTER, ITERATIONS = 50, 24  # stages begin at 4, 6, 8 and 15
BORDERS = (4, 6, 8, 15)


def config(configs_dir: Path, folder: Path, name: str, **settings) -> Config:
    config = Config.fromfile(configs_dir / 'morngan/nightscape_small.py')
    model = config.model
    model.generator.encoder.update(base=2, num_blocks=1)
    model.generator.decoder.update(base=2, num_blocks=1, groups=1)
    model.discriminator.update(base=2, num_layers=3)
    model.segmentor.backbone.update(base=2, num_blocks=1)
    model.segmentor.head.update(in_channels=2, base=2)
    for scheduled in (*model.losses, model.players.segmentor, config.custom_hooks[-1]):
        for border in ('begin', 'end'):
            if border in scheduled:
                scheduled[border] //= SHORTER
    config.train_dataloader.update(num_workers=0, persistent_workers=False)
    config.train_dataloader.dataset.pairing.delay = 1
    config.train_cfg.update(max_iters=ITERATIONS, val_interval=10**6)
    config.param_scheduler.update(begin=ITERATIONS // 2, end=ITERATIONS)
    for part in ('val_dataloader', 'val_cfg', 'val_evaluator', 'test_dataloader', 'test_cfg', 'test_evaluator'):
        config[part] = None
    config.default_hooks.checkpoint = dict(type=config.default_hooks.checkpoint.type, interval=1)
    config.update(work_dir=str(folder / name), experiment_name=name, randomness=dict(seed=3), **settings)
    return config


def train(*args, **settings) -> Runner:
    clear_global_state()
    runner = Runner.from_cfg(config(*args, **settings))
    runner.train()
    return runner


@pytest.fixture(scope='module')
def folder(tmp_path_factory: pytest.TempPathFactory, configs_dir: Path) -> Path:
    """Data, and the checkpoints of a whole run, one an iteration."""
    folder = tmp_path_factory.mktemp('morngan')
    make_data(folder / 'data/nightscape_small', 'nightscape_small')
    classes = (np.arange(160) // 8 % 19).astype(np.uint8)[None].repeat(128, 0)
    for path in (folder / 'data/nightscape_small_pseudo/label_day').iterdir():
        write_image(str(path), classes)
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
    assert moved(folder, 1, 4) == moved(folder, 15, ITERATIONS) == always
    for before, after in zip(BORDERS, BORDERS[1:], strict=False):
        assert moved(folder, before, after) == always | {'segmentors'}
    weights = load_checkpoint(folder / f'whole/iter_{ITERATIONS}.pth')['state_dict']
    assert all(value.isfinite().all() for value in weights.values())


@pytest.mark.parametrize('stop', [4, 15])
def test_a_resume_at_a_border_is_exact(folder: Path, configs_dir: Path, monkeypatch: pytest.MonkeyPatch, stop: int):
    monkeypatch.chdir(folder)
    scramble()
    train(configs_dir, folder, f'from_{stop}', resume=True, load_from=str(folder / f'whole/iter_{stop}.pth'))
    whole, resumed = (load_checkpoint(folder / f'{name}/iter_{ITERATIONS}.pth') for name in ('whole', f'from_{stop}'))
    assert differences(whole, resumed) == []
