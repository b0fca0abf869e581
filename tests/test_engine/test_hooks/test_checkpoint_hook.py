"""ResumableCheckpointHook: plain files, written whole or not at all."""

import errno
import os
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from mmengine.fileio import LocalBackend
from mmengine.hooks import Hook
from mmengine.registry import HOOKS
from mmengine.runner import Runner

from nightgen.checkpoint import CheckpointError, CheckpointMismatchError, UntrustedCheckpointError, load_checkpoint
from nightgen.testing import small_run
from nightgen.utils.plain import NotPlainError


@HOOKS.register_module(force=True)
class AddsToCheckpoint(Hook):
    """Puts something into every checkpoint."""

    priority = 'NORMAL'

    def __init__(self, late: bool = False):
        if late:
            self.priority = 'LOWEST'

    def before_save_checkpoint(self, runner: Runner, checkpoint: dict) -> None:
        checkpoint['mine'] = dict(value=range(3))


def test_every_file_loads_with_weights_only_and_mmengine_resumes_it(train, tmp_path: Path):
    train('run', **{'max_iters': 4, 'train_cfg.val_interval': 2, 'default_hooks.checkpoint.interval': 2,
                    'default_hooks.checkpoint.save_best': 'PSNR', 'default_hooks.checkpoint.rule': 'greater'})
    files = sorted(path.name for path in (tmp_path / 'run').glob('*.pth'))
    assert {'iter_2.pth', 'iter_4.pth'} < set(files) and any(name.startswith('best_PSNR_iter_') for name in files)
    for name in files:
        content = torch.load(tmp_path / 'run' / name, weights_only=True)
        assert isinstance(content['message_hub']['runtime_info']['best_score'], float) or name == 'iter_2.pth'
        assert ('run_state' in content) == name.startswith('iter')
        assert set(content['ema']) == {'generators'}
    assert (tmp_path / 'run/last_checkpoint').read_text() == str(tmp_path / 'run/iter_4.pth')
    assert not list((tmp_path / 'run').glob('.*'))


def test_what_cannot_be_plain_is_named(train):
    with pytest.raises(NotPlainError, match=r'mine\.value is a builtins\.range'):
        train('run', max_iters=1, custom_hooks=[dict(type='AddsToCheckpoint')])


def test_a_hook_that_adds_later_is_caught_before_the_file_has_its_name(train, tmp_path: Path):
    with pytest.raises(CheckpointError, match='would not load again'):
        train('run', max_iters=1, custom_hooks=[dict(type='AddsToCheckpoint', late=True)])
    assert not list((tmp_path / 'run').glob('*.pth')) and not (tmp_path / 'run/last_checkpoint').exists()


def test_old_checkpoints_go_only_when_the_new_one_is_there(train, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    seen = []
    put = LocalBackend.put

    def recording(self, obj, filepath):
        if str(filepath).endswith('.partial'):
            seen.append(sorted(path.name for path in (tmp_path / 'run').glob('iter_*.pth')))
        put(self, obj, filepath)

    monkeypatch.setattr(LocalBackend, 'put', recording)
    runner = train('run', **{'max_iters': 4, 'default_hooks.checkpoint.interval': 1,
                             'default_hooks.checkpoint.max_keep_ckpts': 2})
    assert seen == [[], ['iter_1.pth'], ['iter_1.pth', 'iter_2.pth'], ['iter_2.pth', 'iter_3.pth']]
    assert sorted(path.name for path in (tmp_path / 'run').glob('*.pth')) == ['iter_3.pth', 'iter_4.pth']
    assert runner.message_hub.get_info('keep_ckpt_ids') == [3, 4]
    assert load_checkpoint(tmp_path / 'run/iter_4.pth')['message_hub']['runtime_info']['keep_ckpt_ids'] == [3, 4]


@HOOKS.register_module(force=True)
class FillsTheDisk(Hook):
    """Makes the next checkpoint go to a device that is always full."""

    priority = 'NORMAL'

    def after_train_iter(self, runner: Runner, **kwargs) -> None:
        if runner.iter + 1 == 4:
            os.symlink('/dev/full', Path(runner.work_dir) / f'.iter_4.pth.{os.getpid()}.partial')


def check_last_good(work_dir: Path) -> None:
    """The second iteration's checkpoint is there, whole, and marked as the last."""
    assert sorted(path.name for path in work_dir.glob('*.pth')) == ['iter_2.pth']
    assert (work_dir / 'last_checkpoint').read_text() == str(work_dir / 'iter_2.pth')
    assert load_checkpoint(work_dir / 'iter_2.pth')['meta']['iter'] == 2


EVERY_2 = {'max_iters': 6, 'default_hooks.checkpoint.interval': 2, 'default_hooks.checkpoint.max_keep_ckpts': 1}


@pytest.mark.skipif(not Path('/dev/full').exists(), reason='no /dev/full on this system')
def test_a_full_disk_leaves_the_last_checkpoint(train, tmp_path: Path):
    with pytest.raises(OSError, match='iter_4.pth: the disk is full.*last good checkpoint is untouched') as caught:
        train('run', **EVERY_2, custom_hooks=[dict(type='FillsTheDisk')])
    assert caught.value.errno == errno.ENOSPC
    check_last_good(tmp_path / 'run')
    assert not list((tmp_path / 'run').glob('.*'))


@pytest.mark.parametrize('name', ['.iter_4.pth', '.last_checkpoint'])
def test_a_disk_that_fills_up_midway(train, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str):
    put, replace = LocalBackend.put, os.replace

    def half(self, obj, filepath):
        if Path(filepath).name.startswith('.iter_4.pth') and name.startswith('.iter'):
            put(self, obj[:len(obj) // 2], filepath)
            raise OSError(errno.ENOSPC, 'No space left on device')
        put(self, obj, filepath)

    def no_rename(source, target):
        if Path(source).name.startswith(name) and Path(tmp_path / 'run/iter_4.pth').exists():
            raise OSError(errno.ENOSPC, 'No space left on device')
        replace(source, target)

    monkeypatch.setattr(LocalBackend, 'put', half)
    monkeypatch.setattr(os, 'replace', no_rename)
    with pytest.raises(OSError, match='No space|disk is full'):
        train('run', **EVERY_2)
    if name.startswith('.iter'):
        check_last_good(tmp_path / 'run')
    else:  # the new file is whole, the old one and the mark on it are still there
        marked = Path((tmp_path / 'run/last_checkpoint').read_text())
        assert marked.name == 'iter_2.pth' and load_checkpoint(marked)['meta']['iter'] == 2
        assert load_checkpoint(tmp_path / 'run/iter_4.pth')['meta']['iter'] == 4


KILLED = '''
import os, signal, sys
from mmengine.config import Config
from mmengine.fileio import LocalBackend
from mmengine.runner import Runner

put = LocalBackend.put
def half_then_die(self, obj, filepath):
    if 'iter_4' in str(filepath):
        with open(filepath, 'wb') as file:
            file.write(obj[:len(obj) // 2])
        os.kill(os.getpid(), signal.SIGKILL)
    put(self, obj, filepath)
LocalBackend.put = half_then_die
Runner.from_cfg(Config.fromfile(sys.argv[1])).train()
'''


def test_kill_9_while_writing_leaves_the_last_checkpoint(data_root: Path, tmp_path: Path, tool_env: dict):
    work_dir = tmp_path / 'run'
    cfg = small_run(data_root, work_dir, **EVERY_2)
    cfg.dump(tmp_path / 'config.py')
    done = subprocess.run([sys.executable, '-c', KILLED, str(tmp_path / 'config.py')], env=tool_env,
                          capture_output=True, text=True, timeout=120)
    assert done.returncode == -9, done.stderr
    assert list(work_dir.glob('.iter_4.pth.*.partial'))
    check_last_good(work_dir)
    cfg.resume = True
    runner = Runner.from_cfg(cfg)
    runner.train()
    assert runner.iter == 6 and not list(work_dir.glob('.*'))
    assert sorted(path.name for path in work_dir.glob('*.pth')) == ['iter_6.pth']


def test_a_checkpoint_that_carries_code_stops_a_resume(train, tmp_path: Path):
    torch.save(dict(meta=dict(iter=1, epoch=0), state_dict={}, extra=print), tmp_path / 'evil.pth')
    with pytest.raises(UntrustedCheckpointError, match='builtins.print'):
        train('run', max_iters=2, resume=True, load_from=str(tmp_path / 'evil.pth'))


def test_a_checkpoint_of_another_network_is_refused_unless_told(train, tmp_path: Path):
    train('first', max_iters=1)
    other = {'model.generator.base': 8, 'max_iters': 1, 'load_from': str(tmp_path / 'first/iter_1.pth')}
    with pytest.raises(CheckpointMismatchError, match='of another network than OneSidedTranslator'):
        train('second', **other)
    fits = {'max_iters': 1, 'load_from': other['load_from'], 'default_hooks.checkpoint.strict': False,
            'model.discriminator.base': 8}
    train('third', **fits)


def test_a_new_run_from_weights_that_were_published_for_inference(train, tmp_path: Path,
                                                                  capfd: pytest.CaptureFixture):
    """Its generator is the published one, its discriminator new; other networks are refused as before."""
    train('first', max_iters=1)
    whole = load_checkpoint(tmp_path / 'first/iter_1.pth')['state_dict']
    published = {key: value for key, value in whole.items() if not key.startswith('discriminators.')}
    torch.save(dict(state_dict=published, meta=dict(inference_only=True)), tmp_path / 'small.pth')
    still = {'load_from': str(tmp_path / 'small.pth'), 'max_iters': 1, 'optim_wrapper.generator.optimizer.lr': 0.0,
             'optim_wrapper.discriminator.optimizer.lr': 0.0, 'log_level': 'INFO'}
    train('second', **still)
    tuned = load_checkpoint(tmp_path / 'second/iter_1.pth')['state_dict']
    assert all(tuned[key].equal(value) for key, value in published.items())
    assert not all(tuned[key].equal(whole[key]) for key in set(whole) - set(published))
    assert 'published for inference, without discriminators, which start anew' in capfd.readouterr().out
    with pytest.raises(CheckpointMismatchError, match='of another network'):
        train('third', **{'model.generator.base': 8, **still})


def test_best_checkpoints_of_several_metrics(train, tmp_path: Path):
    runner = train('run', **{
        'max_iters': 4, 'train_cfg.val_interval': 2, 'default_hooks.checkpoint.interval': 2,
        'val_evaluator': [dict(type='PSNR'), dict(type='SSIM')],
        'default_hooks.checkpoint.save_best': ['PSNR', 'SSIM'], 'default_hooks.checkpoint.rule': 'greater'})
    hub = runner.message_hub
    for metric in ('PSNR', 'SSIM'):
        best = Path(hub.get_info(f'best_ckpt_{metric}'))
        assert list((tmp_path / 'run').glob(f'best_{metric}_*.pth')) == [best]
        assert isinstance(hub.get_info(f'best_score_{metric}'), float)
    stored = load_checkpoint(tmp_path / 'run/iter_4.pth')['message_hub']['runtime_info']
    assert stored['best_score_PSNR'] == hub.get_info('best_score_PSNR')


def test_a_best_metric_that_nobody_computes(train):
    with pytest.raises(KeyError, match="save_best='FID': the evaluator gives .'PSNR'."):
        train('run', **{'max_iters': 1, 'train_cfg.val_interval': 1, 'default_hooks.checkpoint.save_best': 'FID',
                        'default_hooks.checkpoint.rule': 'less'})


def test_schedulers_that_hold_functions_are_saved_and_resumed(train, tmp_path: Path):
    schedule = [dict(type='OneCycleLR', eta_max=1e-3, total_steps=6, by_epoch=False)]
    settings = {'param_scheduler': schedule, 'default_hooks.checkpoint.interval': 2}
    train('whole', max_iters=4, **settings)
    train('resumed', max_iters=4, **settings, resume=True, load_from=str(tmp_path / 'whole/iter_2.pth'))
    whole, resumed = (load_checkpoint(tmp_path / f'{name}/iter_4.pth') for name in ('whole', 'resumed'))
    assert whole['param_schedulers'] == resumed['param_schedulers']
    assert all(torch.equal(value, resumed['state_dict'][key]) for key, value in whole['state_dict'].items())
