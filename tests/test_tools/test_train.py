"""tools/train.py: what each flag does, and that none is ignored."""

import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest
import torch
from mmengine.config import Config

from nightgen.checkpoint import CheckpointError, load_checkpoint, save_checkpoint
from nightgen.testing import small_run, write_domains
from nightgen.utils.cli import UsageError, run_tool
from nightgen.utils.shipped import list_models


@pytest.fixture(scope='module')
def data_root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_domains(tmp_path_factory.mktemp('data'), 4)


@pytest.fixture
def config(data_root: Path, tmp_path: Path) -> Path:
    """A config file of a small run; it names no work folder."""
    cfg = small_run(data_root, '', max_iters=2, log_level='INFO')
    cfg.work_dir, cfg.experiment_name = None, None
    cfg.auto_scale_lr = dict(enable=False, base_batch_size=4)
    cfg.dump(tmp_path / 'small.py')
    return tmp_path / 'small.py'


@pytest.fixture
def tool(load_tool) -> ModuleType:
    return load_tool('tools/train.py')


@pytest.fixture
def command(tool: ModuleType, config: Path, monkeypatch: pytest.MonkeyPatch):
    """The exit status of a command line."""
    def run(*flags: object) -> int:
        monkeypatch.setattr(sys, 'argv', ['train.py', str(config), *map(str, flags)])
        with pytest.raises(SystemExit) as caught:
            run_tool(tool.main, CheckpointError)
        return caught.value.code
    return run


@pytest.fixture
def configure(tool: ModuleType, config: Path, monkeypatch: pytest.MonkeyPatch):
    """The config that a command line gives."""
    def run(*flags: object) -> Config:
        monkeypatch.setattr(sys, 'argv', ['train.py', str(config), *map(str, flags)])
        return tool.configure(tool.parse_args())
    return run


def test_flags_reach_the_config(configure, tmp_path: Path):
    cfg = configure('--work-dir', tmp_path / 'w', '--amp', 'bf16', '--accumulate', 2, '--seed', 11, '--cfg-options',
                    'model.generator.num_levels=3', 'train_cfg.max_iters=7')
    assert cfg.optim_wrapper.amp == 'bf16' and cfg.optim_wrapper.accumulate == 2
    assert cfg.randomness == dict(seed=11, diff_rank_seed=True) and cfg.train_dataloader.sampler.seed == 11
    assert cfg.model.generator.num_levels == 3 and cfg.train_cfg.max_iters == 7 and cfg.work_dir == str(tmp_path / 'w')
    plain = configure()
    assert plain.work_dir == 'work_dirs/small' and plain.optim_wrapper.amp == 'off' and not plain.get('resume')


def test_learning_rates_scale_with_images_per_update(configure):
    assert configure('--auto-scale-lr').auto_scale_lr == dict(enable=True, base_batch_size=4)
    assert configure('--auto-scale-lr', '--accumulate', 2).auto_scale_lr == dict(enable=True, base_batch_size=2)


@pytest.mark.parametrize('flags,message', [
    (['--accumulate', '0'], '--accumulate takes 1 or more'),
    (['--amp', 'bf16', '--cfg-options', 'optim_wrapper.constructor=Other'], "--amp set amp.*constructor='Other'"),
    (['--accumulate', '2', '--cfg-options', 'optim_wrapper.constructor=None'], '--accumulate set amp'),
    (['--auto-scale-lr', '--cfg-options', 'auto_scale_lr.base_batch_size=0'], 'base_batch_size=<images per update>'),
    (['--resume'], 'has no last_checkpoint to go on from'),
    (['--resume', 'none.pth'], 'none.pth does not exist; checkpoints in .*: none'),
    (['--trust-checkpoint'], 'no checkpoint to trust'),
    (['--cfg-options', 'model=None'], 'has no model'),
    (['--cfg-options', 'train_dataloader=None'], 'has no train_dataloader'),
])
def test_a_flag_that_cannot_take_effect_is_an_error(configure, tmp_path: Path, flags: list[str], message: str):
    with pytest.raises(UsageError, match=message):
        configure('--work-dir', tmp_path / 'w', *flags)


@pytest.mark.skipif(torch.cuda.is_available(), reason='there is a GPU')
def test_fp16_needs_a_gpu(command, capsys: pytest.CaptureFixture):
    assert command('--amp', 'fp16') == 2
    assert capsys.readouterr().err.startswith('error: --amp fp16 needs a GPU')


@pytest.fixture
def saved(tmp_path: Path) -> Path:
    """A work folder with checkpoints of iterations 1 and 2; the newer one is marked, as of another place."""
    work_dir = tmp_path / 'w'
    work_dir.mkdir()
    for number in (1, 2, 10):
        save_checkpoint(dict(meta=dict(seed=4), number=number), work_dir / f'iter_{number}.pth')
    (work_dir / 'last_checkpoint').write_text(str(tmp_path / 'elsewhere/iter_10.pth'))
    return work_dir


def test_resuming(configure, saved: Path):
    for flag in ([], ['auto'], [str(saved / 'iter_10.pth')]):
        cfg = configure('--work-dir', saved, '--resume', *flag)
        assert cfg.resume and cfg.load_from == str(saved / 'iter_10.pth')
    with pytest.raises(UsageError, match='--seed 3 with --resume: a resumed run keeps the seed of its checkpoint, 4'):
        configure('--work-dir', saved, '--resume', '--seed', 3)
    assert configure('--work-dir', saved, '--resume', '--seed', 4).resume
    assert not configure('--work-dir', saved / 'new', '--resume', 'auto').get('resume')
    (saved / 'last_checkpoint').write_text(str(saved / 'iter_3.pth'))
    with pytest.raises(UsageError, match='iter_3.pth does not exist; checkpoints in .*: iter_1.pth, iter_10.pth'):
        configure('--work-dir', saved, '--resume')


def test_fine_tuning_from_a_model_by_its_name(configure, saved: Path):
    shipped = next(entry for entry in list_models() if entry.weights)
    for name, weights in ((shipped.name, shipped.weights), (str(saved / 'iter_1.pth'), str(saved / 'iter_1.pth'))):
        cfg = configure('--work-dir', saved / 'new', '--cfg-options', f'load_from={name}')
        assert cfg.load_from == weights and not cfg.get('resume')
    bare = next(entry.name for entry in list_models() if not entry.weights)
    with pytest.raises(UsageError, match=f'load_from={bare}: .* comes without weights.* {shipped.name}'):
        configure('--work-dir', saved / 'new', '--cfg-options', f'load_from={bare}')


def test_a_corrupt_newest_checkpoint(configure, saved: Path, capsys: pytest.CaptureFixture):
    (saved / 'iter_10.pth').write_bytes((saved / 'iter_10.pth').read_bytes()[:300])
    with pytest.raises(UsageError, match='iter_10.pth is truncated.*; checkpoints in .*: iter_1.pth, iter_10.pth, it'):
        configure('--work-dir', saved, '--resume')
    assert configure('--work-dir', saved, '--resume', 'auto').load_from == str(saved / 'iter_2.pth')
    assert 'iter_10.pth is truncated' in capsys.readouterr().err
    for path in saved.glob('*.pth'):
        path.write_bytes(b'')
    with pytest.raises(UsageError, match='none of the 3 checkpoints'):
        configure('--work-dir', saved, '--resume', 'auto')


def test_the_flag_for_new_schedules(configure, saved: Path):
    cfg = configure('--work-dir', saved, '--resume', '--resume-with-new-schedule')
    assert cfg.default_hooks.checkpoint.new_schedule
    with pytest.raises(UsageError, match='goes with --resume'):
        configure('--resume-with-new-schedule')
    with pytest.raises(UsageError, match='needs default_hooks.checkpoint of type ResumableCheckpointHook'):
        configure('--work-dir', saved, '--resume', '--resume-with-new-schedule', '--cfg-options',
                  'default_hooks.checkpoint.type=CheckpointHook')


def test_a_run_that_is_finished_ends_well_and_another_schedule_in_a_line(command, tmp_path: Path,
                                                                        capsys: pytest.CaptureFixture):
    work = ('--work-dir', tmp_path / 'w')
    assert command(*work, '--cfg-options', 'experiment_name=a') == 0
    assert command(*work, '--resume', '--cfg-options', 'experiment_name=b') == 0
    assert 'this run is finished: 2 iters are done' in max((tmp_path / 'w').glob('*/*.log')).read_text()
    capsys.readouterr()
    assert command(*work, '--resume', '--cfg-options', 'experiment_name=c', 'param_scheduler.gamma=0.5') == 2
    lines = [line for line in capsys.readouterr().err.splitlines() if line.startswith('error:')]
    assert len(lines) == 1 and '-> 0.5' in lines[0] and '--resume-with-new-schedule' in lines[0]
    assert command(*work, '--resume', '--resume-with-new-schedule', '--cfg-options', 'experiment_name=d',
                   'param_scheduler.gamma=0.5', 'train_cfg.max_iters=3') == 0


def test_two_runs_in_one_folder(command, tmp_path: Path, tool_env: dict, capsys: pytest.CaptureFixture):
    hold = f"""
import time
from nightgen.engine.work_folder import only_run
with only_run({str(tmp_path / 'w')!r}):
    print('held', flush=True)
    time.sleep(60)
"""
    with subprocess.Popen([sys.executable, '-c', hold], env=tool_env, stdout=subprocess.PIPE, text=True) as other:
        assert other.stdout.readline() == 'held\n'
        assert command('--work-dir', tmp_path / 'w') == 2
        assert f'in use by another run (process {other.pid} on ' in capsys.readouterr().err
        other.kill()
    assert command('--work-dir', tmp_path / 'w') == 0


@pytest.mark.parametrize('seed', [('--seed', '-1'), ('--cfg-options', 'randomness.seed=-1')])
def test_a_seed_that_is_none(command, tmp_path: Path, seed: tuple[str, str], capsys: pytest.CaptureFixture):
    assert command('--work-dir', tmp_path / 'w', *seed) == 2
    assert 'must be a whole number from 0 to 4294967295, got -1' in capsys.readouterr().err


def test_help_has_an_example(command, capsys: pytest.CaptureFixture):
    assert command('--help') == 0 and 'tools/dist_train.sh' in capsys.readouterr().out


def test_two_processes_without_a_gpu_then_one(config: Path, tmp_path: Path, tool_env: dict, command):
    # The config asks for gloo; the shipped ones ask for nccl and get gloo where there is no GPU.
    done = subprocess.run(['bash', 'tools/dist_train.sh', str(config), '2', '--work-dir', str(tmp_path / 'w'),
                           '--cfg-options', 'env_cfg.dist_cfg.backend=nccl'], capture_output=True, text=True,
                          env={**tool_env, 'CUDA_VISIBLE_DEVICES': '', 'NIGHTGEN_PYTHON': sys.executable}, timeout=180,
                          cwd=Path(__file__).parents[2])
    assert done.returncode == 0, done.stderr
    assert load_checkpoint(tmp_path / 'w/iter_2.pth')['meta']['nightgen']['world_size'] == 2
    assert command('--work-dir', tmp_path / 'w', '--resume', '--accumulate', 2, '--auto-scale-lr', '--cfg-options',
                   'train_cfg.max_iters=4', 'default_hooks.checkpoint.interval=4', 'experiment_name=one') == 0
    log = max((tmp_path / 'w').glob('*/*.log')).read_text()
    assert 'saved by 2 process(es), this run has 1' in log and 'Scaling the original LR by 1.0.' in log
    assert load_checkpoint(tmp_path / 'w/iter_4.pth')['meta']['iter'] == 4


def test_a_checkpoint_with_code_is_refused_by_the_tool(command, tmp_path: Path, capsys: pytest.CaptureFixture):
    torch.save(dict(meta=dict(iter=1, epoch=0), state_dict={}, extra=print), tmp_path / 'evil.pth')
    assert command('--work-dir', tmp_path / 'w', '--resume', tmp_path / 'evil.pth') == 2
    message = capsys.readouterr().err
    assert 'builtins.print' in message and '--trust-checkpoint' in message
