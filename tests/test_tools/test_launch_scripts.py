"""The launch scripts: how many processes they start, with which arguments, and which interpreter they take."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

SHOW_PROCESS = """
import os, sys
os.write(1, f'process {os.environ["RANK"]} of {os.environ["WORLD_SIZE"]} {sys.argv[1:]}\\n'.encode())  # in one piece
"""
RECORD = '#!/usr/bin/env bash\nprintf "%s\\n" "$@"\n'


@pytest.fixture
def checkout(repo_root: Path, tmp_path: Path) -> Path:
    """The scripts beside a train.py and a test.py that only say how they were called."""
    tools = tmp_path / 'nightgen' / 'tools'
    (tools / 'misc').mkdir(parents=True)
    for name in ('dist_train.sh', 'dist_test.sh', 'slurm_train.sh', 'slurm_test.sh', 'misc/find_python.sh',
                 'misc/launch.sh'):
        (tools / name).write_bytes((repo_root / 'tools' / name).read_bytes())
    for name in ('train.py', 'test.py'):
        (tools / name).write_text(SHOW_PROCESS)
    return tools


def run(script: Path, *arguments: str, **environment: str) -> subprocess.CompletedProcess:
    clean = {key: value for key, value in os.environ.items()
             if key not in ('VIRTUAL_ENV', 'CONDA_PREFIX', 'NNODES', 'PORT', 'GPUS', 'GPUS_PER_NODE', 'SRUN_ARGS')}
    env = {**clean, 'NIGHTGEN_PYTHON': sys.executable, **environment}
    return subprocess.run(['bash', str(script), *arguments], capture_output=True, text=True, env=env, timeout=120)


@pytest.mark.parametrize(('script', 'before'), [('dist_train.sh', ['a.py']), ('dist_test.sh', ['a.py', 'b.pth'])])
def test_dist_starts_the_processes(checkout: Path, script: str, before: list[str]):
    done = run(checkout / script, *before, '2', '--cfg-options', 'x=a b')
    assert done.returncode == 0, done.stderr
    arguments = [*before, '--cfg-options', 'x=a b', '--launcher', 'pytorch']
    assert sorted(done.stdout.splitlines()) == [f'process {rank} of 2 {arguments}' for rank in (0, 1)]


@pytest.mark.parametrize(('script', 'before'), [('dist_train.sh', ['a.py']), ('dist_test.sh', ['a.py', 'b.pth'])])
@pytest.mark.parametrize('processes', ['0', '-1', 'two', '1.5', ''])
def test_a_number_of_processes_that_is_none(checkout: Path, script: str, before: list[str], processes: str):
    done = run(checkout / script, *before, processes)
    assert done.returncode == 2 and done.stdout == ''
    assert done.stderr == f"error: the number of processes must be 1 or more, got '{processes}'\n"


def test_dist_on_a_given_port(checkout: Path):
    done = run(checkout / 'dist_train.sh', 'a.py', '1', PORT='29741', MASTER_ADDR='127.0.0.1')
    assert done.returncode == 0 and 'process 0 of 1' in done.stdout


@pytest.mark.parametrize(('script', 'before'), [('slurm_train.sh', ['a.py']), ('slurm_test.sh', ['a.py', 'b.pth'])])
def test_slurm_asks_for_the_gpus(checkout: Path, tmp_path: Path, script: str, before: list[str]):
    fake = tmp_path / 'bin' / 'srun'
    fake.parent.mkdir()
    fake.write_text(RECORD)
    fake.chmod(0o755)
    done = run(checkout / script, 'part', 'job', *before, '--cfg-options', 'x=a b',
               PATH=f'{fake.parent}:{os.environ["PATH"]}', GPUS='16', SRUN_ARGS='--time 5 -w node1')
    assert done.returncode == 0, done.stderr
    said = done.stdout.splitlines()
    assert said[:2] == ['-p', 'part'] and '--ntasks=16' in said and '--ntasks-per-node=8' in said
    assert said[said.index('--time'):said.index('--time') + 4] == ['--time', '5', '-w', 'node1']
    tool = str(checkout / script.removeprefix('slurm_').replace('.sh', '.py'))
    assert said[said.index(tool):] == [tool, *before, '--cfg-options', 'x=a b', '--launcher', 'slurm']


@pytest.mark.parametrize('script', ['dist_train.sh', 'dist_test.sh', 'slurm_train.sh', 'slurm_test.sh'])
def test_without_arguments_they_say_how_they_are_called(checkout: Path, script: str):
    done = run(checkout / script)
    assert done.returncode == 2 and f'tools/{script} ' in done.stderr


def test_the_interpreter(checkout: Path):
    def chosen(**environment: str) -> str:
        return run(checkout / 'show.sh', **environment).stdout.strip()

    (checkout / 'show.sh').write_text(f'. {checkout}/misc/find_python.sh; echo "$PYTHON"\n')
    own = checkout.parent / '.venv' / 'bin' / 'python'
    assert chosen(NIGHTGEN_PYTHON='') == 'python3'
    own.parent.mkdir(parents=True)
    own.symlink_to(sys.executable)
    assert chosen(NIGHTGEN_PYTHON='') == str(own)
    assert chosen(NIGHTGEN_PYTHON='', VIRTUAL_ENV='/somewhere') == 'python'
    assert chosen(NIGHTGEN_PYTHON='/named/python') == '/named/python'
