"""tools/analysis_tools/analyze_logs.py on logs written by hand."""

import builtins
import json
import sys
from pathlib import Path
from types import ModuleType

import cv2
import pytest

from nightgen.utils.cli import UsageError


def write_log(folder: Path, start: str, steps: range, offset: float = 0.0) -> None:
    path = folder / start / 'vis_data/scalars.json'
    path.parent.mkdir(parents=True)
    records = [dict(loss_pixel=offset + step, time=0.5 + 0.1 * (step % 2), data_time=0.055, iter=step, step=step)
               for step in steps]
    records.append(dict(PSNR=20 + offset, time=9.0, data_time=1.0, step=steps[-1]))
    path.write_text(''.join(json.dumps(record) + '\n' for record in records))


@pytest.fixture
def tool(load_tool) -> ModuleType:
    return load_tool('tools/analysis_tools/analyze_logs.py')


@pytest.fixture
def run_folder(tmp_path: Path) -> Path:
    """A run of ten records that was resumed after six of them."""
    write_log(tmp_path / 'run', '20260101_000000', range(1, 11))
    write_log(tmp_path / 'run', '20260102_000000', range(7, 13), offset=100)
    return tmp_path / 'run'


def run(tool: ModuleType, monkeypatch: pytest.MonkeyPatch, *arguments: object) -> None:
    monkeypatch.setattr(sys, 'argv', ['analyze_logs.py', *map(str, arguments)])
    tool.main()


def test_a_resumed_run_is_one_curve(tool, run_folder: Path):
    records = tool.read_records(str(run_folder))
    steps, values = tool.curve(records, 'loss_pixel')
    assert steps == list(range(1, 13)) and values == [*range(1, 7), *range(107, 113)]
    assert tool.curve(records, 'PSNR') == ([12], [120.0])  # that of step 10 belongs to the part that was lost
    assert tool.curve(records, 'loss_pixel', smooth=3)[1][:4] == [1, 1.5, 2, 3]
    assert 9.0 not in tool.curve(records, 'time')[1]


def test_tables(tool, run_folder: Path, monkeypatch, capsys):
    run(tool, monkeypatch, run_folder)
    out = capsys.readouterr().out
    assert '13 records' in out
    line = next(line for line in out.splitlines() if line.startswith('loss_pixel'))
    assert line.split()[1:] == ['12', '1', '112', '1', '112']
    # without the first: 6 times 0.5 and 5 times 0.6; 11 * 0.055 of 6.0 seconds wait
    assert 'mean 0.5455 s, median 0.5000 s, fastest 0.5000 s, slowest 0.6000 s, waiting for data 10.1 %' in out


def test_curves_as_numbers_and_as_a_picture(tool, run_folder: Path, tmp_path: Path, monkeypatch, capsys):
    run(tool, monkeypatch, run_folder, '--keys', 'PSNR')
    assert 'PSNR: 12: 120' in capsys.readouterr().out
    file = run_folder / '20260101_000000/vis_data/scalars.json'
    run(tool, monkeypatch, run_folder, file, '--keys', 'loss_pixel', 'PSNR', '--out', tmp_path / 'sub/curves.png')
    assert cv2.imread(str(tmp_path / 'sub/curves.png')).std() > 1


def test_runs_have_names(tool, run_folder: Path, monkeypatch, capsys):
    file = run_folder / '20260101_000000/vis_data/scalars.json'
    run(tool, monkeypatch, run_folder, file, '--names', 'BN', 'BN + SN', '--keys', 'PSNR')
    assert [line for line in capsys.readouterr().out.splitlines() if 'records' in line] == [
        'BN: 13 records', 'BN + SN: 11 records']
    for names in (['BN'], ['BN', 'BN']):
        with pytest.raises(UsageError, match='2 different names'):
            run(tool, monkeypatch, run_folder, file, '--names', *names)


@pytest.mark.parametrize('arguments,message', [
    (['--keys', 'nothing'], r"has no \['nothing'\]; there are \['loss_pixel'"), (['--smooth', '0'], '--smooth takes 1'),
    (['--out', 'x.png'], 'name them with --keys'), (['--keys', 'PSNR', '--out', 'x.nope'], 'x.nope')])
def test_bad_commands(tool, run_folder: Path, monkeypatch, arguments: list[str], message: str):
    with pytest.raises(UsageError, match=message):
        run(tool, monkeypatch, run_folder, *arguments)


def test_no_log_or_a_damaged_one(tool, tmp_path: Path):
    with pytest.raises(UsageError, match='neither a scalars.json nor the folder'):
        tool.read_records(str(tmp_path))
    (tmp_path / 'scalars.json').write_text('{"step": 1}\n{"step": ')
    with pytest.raises(UsageError, match='line 2: not a record'):
        tool.read_records(str(tmp_path / 'scalars.json'))


def test_without_matplotlib(tool, run_folder: Path, tmp_path: Path, monkeypatch):
    original = builtins.__import__

    def refuse(name, *args, **kwargs):
        if name.split('.')[0] == 'matplotlib':
            raise ImportError(name)
        return original(name, *args, **kwargs)

    monkeypatch.setattr(builtins, '__import__', refuse)
    with pytest.raises(UsageError, match='pip install matplotlib'):
        run(tool, monkeypatch, run_folder, '--keys', 'PSNR', '--out', tmp_path / 'x.png')
