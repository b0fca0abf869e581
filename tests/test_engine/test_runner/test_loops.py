"""ResumableTrainLoop: where it starts, and what it does not load."""

import multiprocessing
from pathlib import Path

import pytest
import torch
from mmengine.dataset import DefaultSampler
from mmengine.runner import Runner

from nightgen.checkpoint import load_checkpoint
from nightgen.datasets import UnpairedDataset
from nightgen.engine.runner import ResumableTrainLoop
from nightgen.testing import small_run


@pytest.fixture
def loaded(monkeypatch: pytest.MonkeyPatch) -> list:
    """Indices that the training set was asked for, as they come."""
    seen = []
    original = UnpairedDataset.__getitem__

    def recording(self, idx):
        seen.append((int(idx), getattr(idx, 'draw', None), getattr(idx, 'seed', None)))
        return original(self, idx)

    monkeypatch.setattr(UnpairedDataset, '__getitem__', recording)
    return seen


def test_a_resume_loads_nothing_that_was_seen(train, tmp_path: Path, loaded: list):
    train('whole', **{'max_iters': 6, 'default_hooks.checkpoint.interval': 4})
    whole, loaded[:] = list(loaded), []
    train('resumed', max_iters=6, resume=True, load_from=str(tmp_path / 'whole/iter_4.pth'))
    assert [draw for _, draw, _ in whole] == list(range(12))
    assert loaded == whole[8:]


def test_another_batch_size_goes_on_after_what_was_drawn(train, tmp_path: Path, loaded: list):
    train('first', max_iters=3)
    loaded.clear()
    train('second', **{'max_iters': 5, 'train_dataloader.batch_size': 3, 'resume': True,
                       'load_from': str(tmp_path / 'first/iter_3.pth'), 'default_hooks.checkpoint.interval': 5})
    assert [draw for _, draw, _ in loaded] == list(range(6, 12))
    assert load_checkpoint(tmp_path / 'second/iter_5.pth')['meta']['nightgen']['draws'] == 12


def test_a_sampler_that_cannot_jump_is_advanced_with_a_warning(train, tmp_path: Path, loaded: list):
    sampler = dict(type='InfiniteSampler', shuffle=True)
    settings = {'max_iters': 4, 'train_dataloader.sampler': sampler, 'default_hooks.checkpoint.interval': 2}
    train('whole', **settings)
    whole, loaded[:] = [index for index, _, _ in loaded], []
    train('resumed', **settings, resume=True, load_from=str(tmp_path / 'whole/iter_2.pth'))
    assert [index for index, _, _ in loaded] == whole
    assert 'InfiniteSampler cannot be told where to start' in next((tmp_path / 'resumed').glob('*/*.log')).read_text()


def test_a_finite_sampler_starts_over_with_its_next_epoch(train, loaded: list):
    runner = train('run', **{'max_iters': 6, 'train_dataloader.sampler': dict(type='DefaultSampler', shuffle=True)})
    assert isinstance(runner.train_dataloader.sampler, DefaultSampler) and runner.train_dataloader.sampler.epoch == 1
    first, second = [index for index, _, _ in loaded[:9]], [index for index, _, _ in loaded[9:]]
    assert sorted(first) == list(range(9)) and second != first[:len(second)]


def test_the_seed_of_the_run_reaches_the_sampler(data_root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    def sampler_seed(**settings) -> int:
        return Runner.from_cfg(small_run(data_root, tmp_path / 'run', **settings)).train_loop.sampler.seed

    assert sampler_seed() == 3
    assert sampler_seed(**{'randomness.seed': 8}) == 8
    assert sampler_seed(**{'randomness.diff_rank_seed': False}) == 3
    assert sampler_seed(**{'train_dataloader.sampler.seed': 5}) == 5
    monkeypatch.setattr('nightgen.engine.runner.loops.get_rank', lambda: 2)  # the run's seed is 3 + 2 on this rank
    monkeypatch.setattr('mmengine.runner.utils.get_rank', lambda: 2)
    assert sampler_seed() == 3


def test_validation_times(train):
    from mmengine.hooks import Hook
    from mmengine.registry import HOOKS

    @HOOKS.register_module(force=True)
    class CountsValidations(Hook):
        at: list = []

        def before_val(self, runner: Runner) -> None:
            self.at.append(runner.iter)

    train('run', **{'max_iters': 7, 'train_cfg.val_interval': 2, 'train_cfg.val_begin': 3,
                    'custom_hooks': [dict(type='CountsValidations')]})
    assert CountsValidations.at == [4, 6, 7]


EPOCHS = {'train_cfg': dict(_delete_=True, type='ResumableEpochLoop', max_epochs=1)}


@pytest.mark.parametrize('loop', [dict(max_iters=2), EPOCHS])
def test_data_workers_are_gone_after_training(train, monkeypatch: pytest.MonkeyPatch, loop: dict):
    started = []
    start = multiprocessing.process.BaseProcess.start
    monkeypatch.setattr(multiprocessing.process.BaseProcess, 'start', lambda self: (start(self), started.append(self)))
    train('run', workers=2, **loop)
    assert len(started) == 2 and not any(worker.is_alive() for worker in started)


@pytest.mark.parametrize('max_iters', [0, 2.5])
def test_max_iters(data_root: Path, tmp_path: Path, max_iters: float):
    runner = Runner.from_cfg(small_run(data_root, tmp_path / 'run'))
    with pytest.raises(ValueError, match='max_iters must be a whole number'):
        ResumableTrainLoop(runner, torch.utils.data.DataLoader([1]), max_iters)


def test_no_batch_at_all(train):
    with pytest.raises(RuntimeError, match='gives no batch'):
        train('run', **{'max_iters': 1, 'train_dataloader.batch_size': 20, 'train_dataloader.drop_last': True,
                        'train_dataloader.sampler': dict(type='DefaultSampler')})
