"""The set-up script with an interpreter that only records what it is asked: levels, order, second runs, failures."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

# Answers setup_state.py's questions from the files in $STATE, and "installs" by touching them.
FAKE_PYTHON = r'''#!/usr/bin/env bash
case "$*" in
  *'setup_state.py python') [ ! -e "$STATE/wrong_python" ] ;;
  *'setup_state.py torch') [ -e "$STATE/torch" ] && cat "$STATE/torch" ;;
  *'setup_state.py constraints')
    grep -v '^torch==' "$ROOT/requirements/constraints.txt"; echo "torch==$(cat "$STATE/torch")" ;;
  *'setup_state.py stamp') echo "$STATE/stamp" ;;
  *'setup_state.py key') cat "$ROOT"/requirements/*.txt "$STATE"/torch "$STATE"/mmcv* 2> /dev/null | cksum ;;
  *'setup_state.py headers') echo /include; [ ! -e "$STATE/no_headers" ] ;;
  *'setup_state.py ops '*) [ -e "$STATE/mmcv" ] ;;
  *'setup_state.py mmcv') [ -e "$STATE/mmcv" ] || [ -e "$STATE/mmcv-lite" ] ;;
  *'setup_state.py nvcc') false ;;
  *'setup_state.py jobs') echo 3 ;;
  '-m pip --version') ;;
  '-V') echo Python 3.11.99 ;;
  '-m venv '*) mkdir -p "$3/bin"; cp "$0" "$3/bin/python" ;;
  '-m pip uninstall '*) echo "$*" >> "$STATE/calls"; rm -f "$STATE/mmcv" "$STATE/mmcv-lite" ;;
  '-m pip wheel '*)
    echo "$*" >> "$STATE/calls"
    if [ -e "$STATE/build_fails" ]; then exit 1; fi
    echo "jobs $MAX_JOBS cuda '$CUDA_VISIBLE_DEVICES'" >> "$STATE/calls"
    mkdir -p "$ROOT/work_dirs/setup_wheels"; touch "$ROOT/work_dirs/setup_wheels/mmcv-2.whl" ;;
  '-m pip install '*)
    echo "$*" >> "$STATE/calls"
    if [ -e "$STATE/fails" ]; then cat "$STATE/fails"; exit 1; fi
    case "$*" in
      *torch==*) echo 2.13.0 > "$STATE/torch" ;;
      *mmcv-lite) echo lite > "$STATE/mmcv-lite" ;;
      *mmcv-2.whl) if [ -e "$STATE/stale_wheel" ]; then rm "$STATE/stale_wheel"; else echo ops > "$STATE/mmcv"; fi ;;
    esac ;;
  *) echo "unexpected: $*" >&2; exit 9 ;;
esac
'''


@pytest.fixture
def checkout(repo_root: Path, tmp_path: Path) -> Path:
    """The parts of the repository that the set-up reads, a fake interpreter, and a folder for its state."""
    root = tmp_path / 'a checkout'
    (root / 'tools').mkdir(parents=True)
    shutil.copytree(repo_root / 'tools/misc', root / 'tools/misc', ignore=shutil.ignore_patterns('__pycache__'))
    shutil.copytree(repo_root / 'requirements', root / 'requirements')
    (tmp_path / 'state').mkdir()
    fake = tmp_path / 'bin' / 'python3'
    fake.parent.mkdir()
    fake.write_text(FAKE_PYTHON)
    fake.chmod(0o755)
    return root


def set_up(root: Path, path: str | None = None, level: str = 'full',
           **environment: str) -> subprocess.CompletedProcess:
    clean = {key: value for key, value in os.environ.items()
             if key not in ('MAX_JOBS', 'CXX', 'NIGHTGEN_PYTHON', 'CUDA_VISIBLE_DEVICES')}
    env = {**clean, 'STATE': str(root.parent / 'state'), 'ROOT': str(root),
           'PATH': path or f'{root.parent}/bin:{clean["PATH"]}', **environment}
    return subprocess.run(['bash', str(root / 'tools/misc/setup_env.sh'), level], env=env, capture_output=True,
                          text=True, timeout=60)


def calls(root: Path) -> list[str]:
    file = root.parent / 'state' / 'calls'
    return file.read_text().splitlines() if file.exists() else []


def test_everything_in_its_order_and_then_nothing(checkout: Path):
    done = set_up(checkout)
    assert done.returncode == 0, done.stderr
    said = calls(checkout)
    order = [next(i for i, call in enumerate(said) if part in call)
             for part in ('torch==', 'runtime.txt', 'build.txt', 'pip wheel', 'pip uninstall -y mmcv mmcv-lite',
                          'mmcv-2.whl', 'optional.txt', '--no-deps -r', '--no-deps --no-build-isolation -e')]
    assert order == sorted(order)
    assert said[order[3]].endswith('mmcv==2.1.0') and "jobs 3 cuda ''" in said
    assert all('-c ' in said[index] for index in order[:-1] if 'uninstall' not in said[index])
    count = len(said)
    again = set_up(checkout)
    assert again.returncode == 0 and again.stdout == '' and len(calls(checkout)) == count


def test_core_needs_no_compiler_and_says_how_to_add_experts(checkout: Path):
    done = set_up(checkout, only_these_programs(checkout, 'c++', 'g++'), 'core')
    assert done.returncode == 0, done.stderr
    said = calls(checkout)
    assert any(call.endswith(' mmcv-lite') for call in said)
    assert not any(part in call for call in said for part in ('build.txt', 'optional.txt', 'tests.txt', 'pip wheel'))
    assert 'bash tools/misc/setup_env.sh full' in done.stdout
    count = len(said)
    again = set_up(checkout, level='core')
    assert again.returncode == 0 and again.stdout == '' and len(calls(checkout)) == count


def test_full_after_core_swaps_mmcv_and_core_after_full_does_nothing(checkout: Path):
    state = checkout.parent / 'state'
    assert set_up(checkout, level='core').returncode == 0 and (state / 'mmcv-lite').exists()
    count = len(calls(checkout))
    assert set_up(checkout).returncode == 0
    assert (state / 'mmcv').exists() and not (state / 'mmcv-lite').exists()
    said = calls(checkout)[count:]
    swap = next(index for index, call in enumerate(said) if 'mmcv-2.whl' in call)
    assert 'pip uninstall -y mmcv mmcv-lite' in said[swap - 1]
    count = len(calls(checkout))
    again = set_up(checkout, level='core')
    assert again.returncode == 0 and again.stdout == '' and len(calls(checkout)) == count
    with open(checkout / 'requirements' / 'tests.txt', 'a') as file:
        file.write('another\n')
    assert set_up(checkout, level='core').returncode == 0 and (state / 'mmcv').exists()  # nothing is taken away


def test_a_build_that_fails_leaves_the_mmcv_that_was_there(checkout: Path):
    state = checkout.parent / 'state'
    assert set_up(checkout, level='core').returncode == 0
    (state / 'build_fails').touch()
    assert set_up(checkout).returncode == 1 and (state / 'mmcv-lite').exists()


def test_a_level_that_is_none(checkout: Path):
    done = set_up(checkout, level='all')
    assert done.returncode == 1 and 'core or full, not all' in done.stderr and not calls(checkout)


def test_a_changed_requirement_sets_up_again(checkout: Path):
    assert set_up(checkout).returncode == 0
    count = len(calls(checkout))
    with open(checkout / 'requirements' / 'tests.txt', 'a') as file:
        file.write('another\n')
    assert set_up(checkout).returncode == 0 and len(calls(checkout)) > count


def test_a_torch_that_is_there_is_kept_and_constrained(checkout: Path):
    (checkout.parent / 'state' / 'torch').write_text('2.8.0+cu126\n')
    assert set_up(checkout).returncode == 0
    assert not any('torch==' in call for call in calls(checkout))
    constraints = (checkout / 'work_dirs' / 'setup_constraints.txt').read_text().splitlines()
    assert [line for line in constraints if line.startswith('torch==')] == ['torch==2.8.0+cu126']


def test_a_kept_wheel_of_another_torch_is_built_again(checkout: Path):
    (checkout.parent / 'state' / 'stale_wheel').touch()
    assert set_up(checkout).returncode == 0
    builds = [call for call in calls(checkout) if 'pip wheel' in call]
    assert len(builds) == 2 and builds[1].endswith('mmcv==2.1.0 --no-cache-dir --no-binary mmcv')


def test_a_named_interpreter_is_used_as_it_is(checkout: Path):
    assert set_up(checkout, NIGHTGEN_PYTHON=str(checkout.parent / 'bin/python3')).returncode == 0
    assert not (checkout / '.venv').exists()


def only_these_programs(checkout: Path, *left_out: str) -> str:
    """A PATH with the programs that the script needs, without those left out."""
    folder = checkout.parent / 'few'
    folder.mkdir()
    for name in ('bash', 'dirname', 'mkdir', 'cat', 'cksum', 'tail', 'grep', 'sleep', 'env', 'rm', 'mv', 'cp', 'touch',
                 'flock', 'c++', 'g++'):
        if name not in left_out and (found := shutil.which(name)):
            (folder / name).symlink_to(found)
    return f'{checkout.parent}/bin:{folder}'


@pytest.mark.parametrize(('state', 'environment', 'words'), [
    ('wrong_python', {}, 'no Python 3.10, 3.11 or 3.12 on PATH'),
    ('wrong_python', {'NIGHTGEN_PYTHON': 'python3'}, 'nightgen needs Python 3.10, 3.11 or 3.12'),
    ('', {'NIGHTGEN_PYTHON': '/no/such/python'}, 'names /no/such/python, which is no program'),
    ('no_headers', {}, 'apt install python3-dev')])
def test_what_is_missing_is_said(checkout: Path, state: str, environment: dict, words: str):
    if state:
        (checkout.parent / 'state' / state).touch()
    done = set_up(checkout, only_these_programs(checkout), **environment)
    assert done.returncode == 1 and 'Set-up stopped' in done.stderr and words in done.stderr
    assert not (checkout.parent / 'state' / 'stamp').exists()


def test_no_compiler(checkout: Path):
    done = set_up(checkout, only_these_programs(checkout, 'c++', 'g++'))
    assert done.returncode == 1 and 'no C++ compiler' in done.stderr


@pytest.mark.parametrize(('output', 'words'), [
    ('NewConnectionError: Failed to establish a new connection: [Errno -2] Name or service not known', 'no network'),
    ('OSError: [Errno 28] No space left on device', 'the disk is full'),
    ('error: externally-managed-environment', 'belongs to the operating system'),
    ('ERROR: No matching distribution found for torch==2.13.0', 'has no such version for this Python'),
    ('something else', 'the messages above say why')])
def test_a_failed_step_says_why_and_a_later_run_goes_on(checkout: Path, output: str, words: str):
    fails = checkout.parent / 'state' / 'fails'
    fails.write_text(output + '\n')
    done = set_up(checkout)
    assert done.returncode == 1 and words in done.stderr and output in done.stderr
    fails.unlink()
    assert set_up(checkout).returncode == 0


def test_an_environment_of_another_python_is_named(checkout: Path):
    python = checkout / '.venv/bin/python'
    python.parent.mkdir(parents=True)
    python.write_text('#!/usr/bin/env bash\necho Python 3.9.1; exit 1\n')
    python.chmod(0o755)
    done = set_up(checkout)
    assert done.returncode == 1 and 'Python 3.9.1' in done.stderr and 'delete that folder' in done.stderr
