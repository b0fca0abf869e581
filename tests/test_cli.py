"""The command ``nightgen``: its help, which scripts are its commands, and what it does with a name and arguments."""

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

from nightgen import __version__
from nightgen.cli import FIRST, commands, main


def run(monkeypatch: pytest.MonkeyPatch, *arguments: str) -> int | None:
    """The exit status of ``nightgen ARGUMENTS``, in this process."""
    monkeypatch.setattr(sys, 'argv', ['nightgen', *arguments])
    monkeypatch.setitem(sys.modules, '__main__', sys.modules['__main__'])
    with pytest.raises(SystemExit) as ended:
        sys.exit(main())
    return ended.value.code


def test_the_help_names_every_command_and_loads_nothing_heavy(tool_env: dict[str, str], tmp_path: Path):
    code = """
import sys
from nightgen.cli import main
assert main(['--help']) == main([]) == 0
print([name for name in ('torch', 'cv2', 'mmcv', 'nightgen.apis') if name in sys.modules])
"""
    done = subprocess.run([sys.executable, '-c', code], capture_output=True, text=True, env=tool_env, cwd=tmp_path)
    lines = done.stdout.splitlines()
    assert done.returncode == 0 and lines[-1] == '[]', done.stderr
    listed = [line.split()[0] for line in lines[:len(lines) // 2] if re.match('  [a-z]', line)]
    assert listed == list(commands()) and listed[:6] == list(FIRST)
    assert '  train                  Trains a model' in lines
    assert all(len(line) <= 120 for line in lines)


def test_every_script_that_can_be_run_is_a_command(repo_root: Path):
    scripts = {path for path in (repo_root / 'tools').rglob('*.py')
               if any(isinstance(node, ast.FunctionDef) and node.name == 'main'
                      for node in ast.parse(path.read_text(encoding='utf-8')).body)}
    assert set(commands().values()) == scripts
    assert len({path.stem for path in scripts}) == len(scripts)
    assert commands()['evaluate'].name == 'evaluate_folder.py'


def test_a_command_runs_its_script_with_its_arguments(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture):
    assert run(monkeypatch, 'models', 'bdd100k$') == 0
    assert capsys.readouterr().out.split()[:2] == ['n2d_lpnet_bdd100k', 'nightgen::n2d_lpnet/bdd100k.py']
    assert run(monkeypatch, 'models', 'no such model') == 2
    assert 'no such model' in capsys.readouterr().err
    assert run(monkeypatch, 'print-config', 'n2d_lpnet_bdd100k', '--cfg-options', 'crop_size=64') == 0
    assert 'crop_size = 64' in capsys.readouterr().out


def test_a_script_finds_the_modules_beside_it_and_says_how_it_is_called(monkeypatch: pytest.MonkeyPatch,
                                                                        capsys: pytest.CaptureFixture):
    assert run(monkeypatch, 'flir', '--help') == 0
    assert capsys.readouterr().out.startswith('usage: nightgen flir ')


def test_what_is_no_command(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture):
    assert run(monkeypatch, 'trian') == 2
    assert capsys.readouterr().err == \
        'error: there is no command trian; did you mean train? `nightgen --help` lists the commands\n'
    assert run(monkeypatch, 'setup_state') == 2
    capsys.readouterr()
    assert run(monkeypatch, '--version') == 0
    assert capsys.readouterr().out == f'nightgen {__version__}\n'
