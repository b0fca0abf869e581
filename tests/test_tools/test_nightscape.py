# Tests of tools/dataset_converters/nightscape.py: the command line.
import subprocess
import sys
from pathlib import Path

import pytest

TOOL = Path(__file__).parents[2] / 'tools/dataset_converters/nightscape.py'
SMALL = ['--size', '64x32', '--train', '1', '--val', '1', '--test', '1']


def run(*arguments):
    return subprocess.run(
        [sys.executable, str(TOOL), *map(str, arguments)], capture_output=True, text=True, timeout=120
    )


def test_render_check_run_again(tmp_path):
    out = tmp_path / 'data'
    first = run('--out', out, *SMALL, '--workers', 2)
    assert first.returncode == 0, first.stderr
    assert 'rendered into' in first.stdout and '5/5' in first.stderr
    assert 'already complete' in run('--out', out, *SMALL).stdout
    assert run('--out', out, '--check').returncode == 0
    (out / 'test/night/000000.png').unlink()
    broken = run('--out', out, '--check')
    assert broken.returncode == 1 and 'missing: test/night/000000.png' in broken.stdout
    other = run('--out', out, *SMALL, '--seed', 5)
    assert other.returncode == 2 and 'holds another Nightscape' in other.stderr


def test_files_do_not_depend_on_the_number_of_workers(tmp_path):
    manifests = []
    for workers in (1, 3):
        assert run('--out', tmp_path / str(workers), *SMALL, '--workers', workers).returncode == 0
        manifests.append((tmp_path / str(workers) / 'manifest.json').read_bytes())
    assert manifests[0] == manifests[1]


@pytest.mark.parametrize(
    ('arguments', 'message'),
    [
        (('--size', '512'), 'WIDTHxHEIGHT'),
        (('--view', 'moon'), 'invalid choice'),
        (('--workers', 0), 'at least 1'),
        (('--train', -4), 'must not be negative'),
        (('--check',), 'no folder'),
    ],
)
def test_bad_arguments(tmp_path, arguments, message):
    result = run('--out', tmp_path / 'x', *arguments)
    assert result.returncode == 2 and message in result.stderr
    assert 'Traceback' not in result.stderr


def test_rendering_needs_neither_torch_nor_mmengine():
    code = (
        f'import sys; sys.argv = ["nightscape.py", "--help"]; sys.path.insert(0, {str(TOOL.parents[2])!r})\n'
        f'import runpy\ntry:\n    runpy.run_path({str(TOOL)!r}, run_name="__main__")\nexcept SystemExit:\n    pass\n'
        'assert not {"torch", "mmengine"} & set(sys.modules)'
    )
    result = subprocess.run([sys.executable, '-c', code], capture_output=True, text=True, timeout=120)
    assert result.returncode == 0, result.stderr
