"""A resumed run equals the undisturbed one, bit for bit."""

import random
from pathlib import Path

import numpy as np
import pytest
import torch

from nightgen.checkpoint import load_checkpoint

# What a run writes about itself, or about time, or about what it had written before. mmengine's version carries the
# commit of the working directory, which may change between two runs.
OF_ITS_OWN = ('mmengine_version', 'meta.cfg', 'meta.time', 'meta.experiment_name', 'runtime_info.cfg',
              'runtime_info.experiment_name',
              'runtime_info.eta', 'runtime_info.last_ckpt', 'train/time', 'train/data_time', 'val/', 'resumed_keys')


def differences(a, b, path: str = '') -> list[str]:
    """Paths at which two nested structures differ; tensors bit for bit."""
    if any(part in path for part in OF_ITS_OWN):
        return []
    if isinstance(a, dict) and isinstance(b, dict):
        own = [key for key in set(a) ^ set(b) if differences(1, 2, f'{path}.{key}')]
        return [f'{path}: keys {own}'] * bool(own) + [
            found for key in a if key in b for found in differences(a[key], b[key], f'{path}.{key}')]
    if isinstance(a, list | tuple) and isinstance(b, list | tuple) and len(a) == len(b):
        return [found for i, pair in enumerate(zip(a, b, strict=True)) for found in differences(*pair, f'{path}[{i}]')]
    if isinstance(a, torch.Tensor) and isinstance(b, torch.Tensor):
        return [] if a.dtype == b.dtype and torch.equal(a, b) else [path]
    return [] if a == b else [path]


def scramble() -> None:
    random.seed(99)
    np.random.seed(99)
    torch.manual_seed(99)


@pytest.mark.parametrize('workers,accumulate', [(0, 1), (0, 2), (2, 2)])
def test_ten_iterations_equal_five_and_five(train, tmp_path: Path, workers: int, accumulate: int):
    # With accumulate=2 the checkpoint after five iterations lies inside a window.
    settings = {'max_iters': 10, 'workers': workers, 'accumulate': accumulate, 'train_cfg.val_interval': 5,
                'default_hooks.checkpoint.interval': 5}
    train('whole', **settings)
    scramble()
    train('resumed', **settings, resume=True, load_from=str(tmp_path / 'whole/iter_5.pth'))
    half = load_checkpoint(tmp_path / 'whole/iter_5.pth')
    whole = load_checkpoint(tmp_path / 'whole/iter_10.pth')
    resumed = load_checkpoint(tmp_path / 'resumed/iter_10.pth')
    assert differences(whole, resumed) == []
    # the test would see a difference, and there is something to carry
    assert any('state_dict' in path for path in differences(whole, half))
    assert any('.ema' in path for path in differences(whole, half))
    assert len(whole['run_state'][0]['modules']['losses.1.pool']['images']) == 3
    gradients = half['run_state'][0]['optim_wrapper']['gradients']['generator']
    assert all((g is None) == (accumulate == 1) for g in gradients)
    assert whole['meta']['nightgen'] == dict(world_size=1, draws=20, sampler_seed=3, dataset_size=9)


def test_a_two_sided_method_resumes(train, tmp_path: Path):
    """A pool for each domain, two discriminators with the vectors of their spectral norm, fused optimizers."""
    losses = [
        dict(type='AdversarialLoss', mode='relativistic_lsgan', scale_reduction='progressive', pool=3,
             reads=dict(real='real_*', fake='fake_*'), discriminator_weight=0.5),
        dict(type='PixelLoss', kind='smooth_l1', reads=dict(pred='rec_*', target='real_*'), name='loss_cycle'),
        dict(type='SSIMLoss', window_size=3, reads=dict(pred='rec_*', target='real_*'), begin=4, by_epoch=False)]
    optimizer = dict(optimizer=dict(type='Adam', lr=1e-3, betas=(0.5, 0.999), fused=True))
    settings = {
        'max_iters': 6, 'default_hooks.checkpoint.interval': 3,
        'model': dict(
            _delete_=True, type='CycleTranslator', domains=('night', 'day'), losses=losses,
            generator=dict(type='SplitGenerator', encoder=dict(type='ResNetEncoder', base=4, num_blocks=1),
                           decoder=dict(type='ResNetDecoder', base=4, num_blocks=1, up_norm='group', groups=2)),
            discriminator=dict(type='ThreeViewDiscriminator', base=2, num_layers=2)),
        'optim_wrapper': dict(_delete_=True, constructor='PlayerOptimWrapperConstructor', generator=optimizer,
                              discriminator=optimizer)}
    train('whole', **settings)
    scramble()
    train('resumed', **settings, resume=True, load_from=str(tmp_path / 'whole/iter_3.pth'))
    half, whole, resumed = (load_checkpoint(tmp_path / path) for path in (
        'whole/iter_3.pth', 'whole/iter_6.pth', 'resumed/iter_6.pth'))
    assert differences(whole, resumed) == []
    modules = half['run_state'][0]['modules']
    assert [len(modules[f'losses.{index}.pool']['images']) for index in (0, 1)] == [3, 3]
    vectors = [name for name in half['state_dict'] if name.endswith('.u')]
    assert len(vectors) == 2 * (4 + 4 + 3)  # of two discriminators, in three views
    moved = [name for name in vectors if len(half['state_dict'][name]) > 1]  # the others are -1 or 1
    assert not any(torch.equal(half['state_dict'][name], whole['state_dict'][name]) for name in moved)


@pytest.mark.parametrize('workers', [0, 2])
def test_four_epochs_equal_two_and_two(train, tmp_path: Path, workers: int):
    settings = {'workers': workers, 'randomness.seed': None,
                'train_cfg': dict(_delete_=True, type='EpochBasedTrainLoop', max_epochs=4, val_interval=1),
                'train_dataloader.sampler.infinite': False, 'default_hooks.checkpoint.by_epoch': True,
                'default_hooks.checkpoint.interval': 2}
    train('whole', **settings)
    scramble()
    train('resumed', **settings, resume=True, load_from=str(tmp_path / 'whole/epoch_2.pth'))
    whole, resumed = (load_checkpoint(tmp_path / f'{name}/epoch_4.pth') for name in ('whole', 'resumed'))
    assert whole['meta']['iter'] == 20 and differences(whole, resumed) == []


def test_writing_checkpoints_and_validating_change_nothing(train, tmp_path: Path):
    train('quiet', max_iters=6)
    train('busy', **{'max_iters': 6, 'train_cfg.val_interval': 2, 'default_hooks.checkpoint.interval': 1,
                     'default_hooks.checkpoint.save_best': 'PSNR', 'default_hooks.checkpoint.rule': 'greater'})
    quiet, busy = (load_checkpoint(tmp_path / f'{name}/iter_6.pth') for name in ('quiet', 'busy'))
    for key in ('state_dict', 'optimizer', 'ema', 'run_state', 'param_schedulers'):
        assert differences(quiet[key], busy[key], key) == []


def test_a_resume_without_a_seed_in_the_config_keeps_the_data_order(train, tmp_path: Path):
    settings = {'max_iters': 4, 'randomness.seed': None, 'default_hooks.checkpoint.interval': 2}
    train('whole', **settings)
    train('resumed', **settings, resume=True, load_from=str(tmp_path / 'whole/iter_2.pth'))
    whole, resumed = (load_checkpoint(tmp_path / f'{name}/iter_4.pth') for name in ('whole', 'resumed'))
    assert differences(whole['state_dict'], resumed['state_dict']) == []


def test_loading_to_fine_tune_starts_anew(train, tmp_path: Path):
    train('first', max_iters=2)
    runner = train('second', max_iters=2, load_from=str(tmp_path / 'first/iter_2.pth'))
    assert runner.iter == 2
    facts = load_checkpoint(tmp_path / 'second/iter_2.pth')['meta']['nightgen']
    assert facts['draws'] == 4  # its own, not those of the first run


def test_a_checkpoint_without_run_state_goes_on_with_a_warning(train, tmp_path: Path, caplog: pytest.LogCaptureFixture):
    train('first', max_iters=2)
    stripped = load_checkpoint(tmp_path / 'first/iter_2.pth')
    del stripped['run_state'], stripped['ema']
    torch.save(stripped, tmp_path / 'stripped.pth')
    runner = train('second', max_iters=3, resume=True, load_from=str(tmp_path / 'stripped.pth'))
    assert runner.iter == 3
    log = next((tmp_path / 'second').glob('*/*.log')).read_text()
    assert 'holds no run state' in log and 'averaging starts anew' in log
