"""Which checkpoint of a work folder is the newest, and the lock on it."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from nightgen.engine.work_folder import checkpoints, newest_checkpoint, only_run
from nightgen.utils.errors import UsageError


def test_a_copied_folder_goes_on_from_its_own_files(tmp_path: Path):
    original, copied = tmp_path / 'original', tmp_path / 'copied'
    for folder in (original, copied):
        folder.mkdir()
        (folder / 'iter_8.pth').touch()
        (folder / 'last_checkpoint').write_text(f'{original}/iter_8.pth\n')
    assert newest_checkpoint(copied) == copied / 'iter_8.pth'
    (copied / 'iter_8.pth').unlink()
    assert newest_checkpoint(copied) == original / 'iter_8.pth'  # checkpoints kept elsewhere (out_dir)
    assert newest_checkpoint(tmp_path) is None and checkpoints(tmp_path) == []


def test_the_marked_one_comes_first_then_by_number(tmp_path: Path):
    for name in ('iter_2', 'iter_10', 'iter_9', 'best_PSNR_iter_11', 'epoch_1'):
        (tmp_path / f'{name}.pth').touch()
    (tmp_path / 'last_checkpoint').write_text('iter_9.pth')
    assert [path.stem for path in checkpoints(tmp_path)] == ['iter_9', 'iter_10', 'iter_2', 'epoch_1']


HOLD = """
import sys, time
from nightgen.engine.work_folder import only_run
with only_run(sys.argv[1]):
    print('held', flush=True)
    time.sleep(60)
"""


def test_a_second_process_is_told_and_a_killed_one_leaves_nothing(tmp_path: Path, tool_env: dict):
    with subprocess.Popen([sys.executable, '-c', HOLD, str(tmp_path)], env=tool_env, stdout=subprocess.PIPE,
                          text=True) as other:
        assert other.stdout.readline() == 'held\n'
        with pytest.raises(UsageError, match=f'in use by another run .process {other.pid} on .*--work-dir'):
            with only_run(tmp_path):
                pass
        os.kill(other.pid, signal.SIGKILL)
    with only_run(tmp_path):
        assert f'process {os.getpid()} ' in (tmp_path / '.running').read_text()
    assert (tmp_path / '.running').read_text() == ''
