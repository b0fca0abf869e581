"""ResumableEpochLoop: epochs, and runs resumed anywhere in them that equal undisturbed ones."""

import random
from pathlib import Path

import numpy as np
import pytest
import torch
from mmengine.runner import Runner

from nightgen.checkpoint import load_checkpoint
from nightgen.datasets import UnpairedDataset
from nightgen.testing import small_run

SIZE, BATCH, PER_EPOCH = 9, 2, 5
EPOCHS = {'train_cfg': dict(_delete_=True, type='ResumableEpochLoop', max_epochs=3, val_interval=2),
          'param_scheduler': dict(_delete_=True, type='LinearLR', start_factor=1.0, end_factor=0.1, end=3),
          'default_hooks.checkpoint.interval': 1}


@pytest.fixture
def loaded(monkeypatch: pytest.MonkeyPatch) -> list:
    """Indices and draws that the training set was asked for, as they come."""
    seen = []
    original = UnpairedDataset.__getitem__

    def recording(self, idx):
        seen.append((int(idx), idx.draw))
        return original(self, idx)

    monkeypatch.setattr(UnpairedDataset, '__getitem__', recording)
    return seen


def equal(a, b) -> bool:
    if isinstance(a, dict):
        return isinstance(b, dict) and a.keys() == b.keys() and all(equal(a[key], b[key]) for key in a)
    if isinstance(a, list | tuple):
        return len(a) == len(b) and all(equal(*pair) for pair in zip(a, b, strict=True))
    return torch.equal(a, b) if isinstance(a, torch.Tensor) else a == b


def test_an_epoch_is_a_pass_over_the_data(train, loaded: list):
    runner = train('run', **EPOCHS)
    assert runner.iter == 3 * PER_EPOCH and runner.epoch == 3 and runner.max_iters == 15
    assert not runner.train_dataloader.sampler.infinite and runner.train_dataloader.sampler.seed == 3
    assert [draw for _, draw in loaded] == list(range(3 * SIZE))
    for epoch in range(3):
        assert sorted(index for index, _ in loaded[epoch * SIZE:(epoch + 1) * SIZE]) == list(range(SIZE))
    rate = runner.optim_wrapper['generator'].optimizer.param_groups[0]['lr']
    assert rate == pytest.approx(1e-3 * 0.1)  # stepped after each of three epochs, not after each iteration


@pytest.mark.parametrize(('workers', 'iteration'), [(0, 7), (2, 7), (0, 10), (2, 10)])
def test_resumed_inside_and_at_the_end_of_an_epoch(train, tmp_path: Path, workers: int, iteration: int):
    """After iteration 10 two epochs are over, and what follows an epoch is still to come."""
    train('whole', workers=workers, **EPOCHS)
    random.seed(99)
    np.random.seed(99)
    torch.manual_seed(99)
    train('resumed', workers=workers, **EPOCHS, resume=True, load_from=str(tmp_path / f'whole/iter_{iteration}.pth'))
    start, whole, resumed = (load_checkpoint(tmp_path / path) for path in (
        f'whole/iter_{iteration}.pth', 'whole/iter_15.pth', 'resumed/iter_15.pth'))
    for key in ('state_dict', 'optimizer', 'ema', 'run_state', 'param_schedulers'):
        assert equal(whole[key], resumed[key]), key
    assert not equal(whole['state_dict'], start['state_dict'])
    assert start['meta']['nightgen']['draws'] == {7: SIZE + 4, 10: 2 * SIZE}[iteration]


def test_a_checkpoint_that_a_validation_writes_stands_before_the_next_epoch(train, tmp_path: Path):
    settings = {**EPOCHS, 'train_cfg.val_interval': 1, 'default_hooks.checkpoint.save_best': 'PSNR',
                'default_hooks.checkpoint.rule': 'greater'}
    train('whole', **settings)
    start = load_checkpoint(tmp_path / 'whole/iter_5.pth')  # the first validation is always the best so far
    assert (start['meta']['epoch'], start['meta']['iter'], start['meta']['nightgen']['draws']) == (1, 5, SIZE)
    train('resumed', **settings, resume=True, load_from=str(tmp_path / 'whole/iter_5.pth'))
    whole, resumed = (load_checkpoint(tmp_path / f'{name}/iter_15.pth') for name in ('whole', 'resumed'))
    for key in ('state_dict', 'optimizer', 'ema', 'run_state', 'param_schedulers'):
        assert equal(whole[key], resumed[key]), key


def test_a_resume_loads_only_what_is_left(train, tmp_path: Path, loaded: list):
    train('whole', **EPOCHS)
    whole, loaded[:] = list(loaded), []
    train('resumed', **EPOCHS, resume=True, load_from=str(tmp_path / 'whole/iter_7.pth'))
    assert loaded == whole[SIZE + 4:]


def test_another_batch_size_goes_on_after_what_was_drawn(train, tmp_path: Path, loaded: list):
    train('first', **EPOCHS)
    loaded.clear()
    train('second', **{**EPOCHS, 'train_dataloader.batch_size': 4}, resume=True,
          load_from=str(tmp_path / 'first/iter_7.pth'))
    assert [draw for _, draw in loaded] == list(range(SIZE + 4, 3 * SIZE))


def test_terms_may_count_epochs(train):
    late = [dict(type='PixelLoss', kind='l2', reads=dict(pred='fake_day', target='real_night')),
            dict(type='TotalVariationLoss', reads=dict(image='fake_day'), begin=1, end=2),
            dict(type='AdversarialLoss', mode='lsgan', reads=dict(real='real_*', fake='fake_*'))]
    runner = train('run', **EPOCHS, **{'model.losses': late})
    values = runner.message_hub.get_scalar('train/loss_total_variation')._log_history
    assert [value != 0 for value in values] == [False] * 5 + [True] * 5 + [False] * 5


@pytest.mark.parametrize(('settings', 'words'), [
    ({'train_dataloader.sampler.infinite': True}, 'has no end'),
    ({'train_dataloader.batch_size': 20, 'train_dataloader.drop_last': True}, 'gives no batch')])
def test_data_without_end_or_batch(data_root: Path, tmp_path: Path, settings: dict, words: str):
    runner = Runner.from_cfg(small_run(data_root, tmp_path / 'run', **EPOCHS, **settings))
    with pytest.raises(ValueError, match=words):
        runner.train()
