"""The questions of the set-up, answered by this interpreter."""

import sys
from collections.abc import Callable
from importlib import metadata
from pathlib import Path
from types import ModuleType

import pytest


@pytest.fixture
def tool(load_tool: Callable[[str], ModuleType]) -> ModuleType:
    return load_tool('tools/misc/setup_state.py')


def test_this_python_and_torch_fit(tool: ModuleType, capsys: pytest.CaptureFixture):
    assert tool.python_fits() and tool.torch_fits()
    # What pip calls it, since it becomes a constraint for pip; torch may add a local version when it is imported.
    assert capsys.readouterr().out.split()[-1] == metadata.version('torch')


@pytest.mark.parametrize(('version', 'fits'), [
    ('2.5.1', False), ('1.13.0', False), ('2.6.0', True), ('2.13.0+cpu', True), (None, False)])
def test_torch_versions(tool: ModuleType, monkeypatch: pytest.MonkeyPatch, version: str | None, fits: bool):
    monkeypatch.setattr(tool, 'installed', lambda name: version)
    assert tool.torch_fits() == fits


@pytest.mark.parametrize(('version', 'fits'), [((3, 9, 1), False), ((3, 10, 0), True), ((3, 12, 4), True),
                                               ((3, 13, 0), False)])
def test_python_versions(tool: ModuleType, monkeypatch: pytest.MonkeyPatch, version: tuple, fits: bool):
    monkeypatch.setattr(sys, 'version_info', version)
    assert tool.python_fits() == fits


def test_the_key_changes_with_what_it_depends_on(tool: ModuleType, monkeypatch: pytest.MonkeyPatch, tmp_path: Path,
                                                 capsys: pytest.CaptureFixture):
    def key() -> str:
        tool.key()
        return capsys.readouterr().out.strip()

    (tmp_path / 'requirements').mkdir()
    (tmp_path / 'requirements' / 'a.txt').write_text('x==1')
    monkeypatch.setattr(tool, 'ROOT', str(tmp_path))
    monkeypatch.setattr(tool, 'SETUP_FILES', ())
    keys = [key(), key()]
    assert keys[0] == keys[1]
    (tmp_path / 'requirements' / 'a.txt').write_text('x==2')
    keys.append(key())
    monkeypatch.setattr(tool, 'installed', lambda name: '9')
    keys.append(key())
    assert len(set(keys)) == 3


@pytest.mark.parametrize(('installed', 'kept'), [
    ('2.13.0+cpu', ['sympy==1.14.0', 'typing_extensions==4.16.0', 'numpy==2.4.6 ; python_version >= "3.11"',
                    'setuptools==80.10.2', 'torch==2.13.0+cpu']),
    ('2.6.0', ['numpy==2.4.6 ; python_version >= "3.11"', 'setuptools==80.10.2', 'torch==2.6.0'])])
def test_constraints_leave_another_torch_its_own_requirements(
        tool: ModuleType, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture,
        installed: str, kept: list[str]):
    (tmp_path / 'requirements').mkdir()
    (tmp_path / 'requirements' / 'constraints.txt').write_text(
        '# tested\nsympy==1.14.0\ntyping_extensions==4.16.0\nnumpy==2.4.6 ; python_version >= "3.11"\n'
        'setuptools==80.10.2\ntorch==2.13.0\n')
    monkeypatch.setattr(tool, 'ROOT', str(tmp_path))
    monkeypatch.setattr(tool, 'installed', lambda name: installed)
    monkeypatch.setattr(metadata, 'requires', lambda name: ['sympy==1.13.1', 'typing-extensions>=4.10', 'setuptools'])
    assert tool.constraints()
    assert capsys.readouterr().out.splitlines() == kept


def test_operators_of_another_version_do_not_count(tool: ModuleType, capsys: pytest.CaptureFixture):
    assert not tool.ops_load('mmcv==0.0.1')
    assert 'mmcv is' in capsys.readouterr().out


@pytest.mark.parametrize(('there', 'good'), [
    (('mmcv',), True), (('mmcv-lite',), True), ((), False), (('mmcv', 'mmcv-lite'), False)])
def test_one_mmcv_that_imports(tool: ModuleType, monkeypatch: pytest.MonkeyPatch, there: tuple, good: bool):
    monkeypatch.setattr(tool, 'installed', lambda name: '2.1.0' if name in there else None)
    assert tool.mmcv_imports() == good
    monkeypatch.setitem(sys.modules, 'mmcv.transforms', None)  # as where files of it are gone
    assert not tool.mmcv_imports()


def test_operators_beside_mmcv_lite_do_not_count(tool: ModuleType, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(tool, 'installed', lambda name: '2.1.0')
    assert not tool.ops_load('mmcv==2.1.0')


def test_jobs(tool: ModuleType, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture):
    tool.jobs()
    assert int(capsys.readouterr().out) >= 1
    monkeypatch.setattr(tool, 'BYTES_PER_JOB', 1 << 60)
    tool.jobs()
    assert int(capsys.readouterr().out) == 1
