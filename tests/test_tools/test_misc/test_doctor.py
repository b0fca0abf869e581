"""tools/misc/doctor.py: it runs where little is installed, and its exit status says whether nightgen can."""

import json
import subprocess
import venv
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest


@pytest.fixture
def tool(load_tool: Callable, repo_root: Path, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    monkeypatch.syspath_prepend(str(repo_root / 'tools' / 'misc'))
    return load_tool('tools/misc/doctor.py')


def test_it_reports_this_environment(tool: ModuleType, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture):
    """All that is required, one package that is not there, and for the time's sake not the large optional ones."""
    broken = ('gone', ('no-such-package',), 'nothing', 'import no_such_package', 'pip install no-such-package')
    required = [part for part in tool.PARTS if part[2] is None]
    assert {part[0] for part in required} == {'torch', 'numpy', 'OpenCV', 'simplejpeg', 'Pillow',
                                                 'mmengine', 'mmcv', 'nightgen'}
    monkeypatch.setattr(tool, 'PARTS', (*required, broken))
    monkeypatch.setattr('sys.argv', ['doctor.py', '--json'])
    assert tool.main() == 0
    facts = json.loads(capsys.readouterr().out)
    checks = {check['name']: check for check in facts['checks']}
    assert facts['ok'] and all(checks[part[0]]['ok'] for part in required)
    assert not checks['C++ compiler']['required'] and not checks['gone']['required']
    assert checks['gone']['problem'] == 'not installed' and checks['gone']['fix'] == 'pip install no-such-package'
    tool.show(facts)
    assert 'absent  gone' in capsys.readouterr().out


def test_without_packages_it_names_what_is_missing_and_the_command(repo_root: Path, tmp_path: Path):
    venv.create(tmp_path / 'empty', with_pip=False, symlinks=True)
    done = subprocess.run([tmp_path / 'empty/bin/python', repo_root / 'tools/misc/doctor.py'], capture_output=True,
                          text=True, env={'PATH': '/nonexistent'})
    assert done.returncode == 1 and 'Traceback' not in done.stderr
    missing = [line for line in done.stdout.splitlines() if line.startswith('MISSING')]
    assert any('torch' in line for line in missing)
    assert f'pip install -c {repo_root}/requirements/constraints.txt torch' in done.stdout
    assert f'bash {repo_root}/tools/misc/setup_env.sh' in done.stdout


def test_parts_that_fail_or_crash_are_reported_and_the_next_is_tried(tool: ModuleType):
    problems = tool.try_codes([
        'import no_such_module', 'import os, signal; os.kill(os.getpid(), signal.SIGSEGV)', 'print("noise")',
        'import os; os._exit(3)', 'assert 1 == 2, "one is not two"'])
    assert problems == [
        "ModuleNotFoundError: No module named 'no_such_module'", 'the process died with status -11', None,
        'the process died with status 3', 'AssertionError: one is not two']
