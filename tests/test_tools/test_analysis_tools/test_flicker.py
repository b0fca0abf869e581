"""tools/analysis_tools/flicker.py: the table is that of the frames, and what cannot be compared is refused."""

import re
import sys
from pathlib import Path
from types import ModuleType

import cv2
import numpy as np
import pytest

from nightgen.apis.video import VideoReader
from nightgen.evaluation.functional import frame_change


@pytest.fixture
def tool(load_tool) -> ModuleType:
    return load_tool('tools/analysis_tools/flicker.py')


def write(path: Path, gain: int, frames: int = 5) -> Path:
    still = np.random.default_rng(1).integers(0, 60, (24, 32, 3))
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter_fourcc(*'MJPG'), 10.0, (32, 24))
    for index in range(frames):
        writer.write((still * gain + 20 * (index % 2)).astype(np.uint8))
    writer.release()
    return path


def test_table(tool: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture):
    night, day = write(tmp_path / 'night.avi', 1), write(tmp_path / 'day.avi', 3)
    monkeypatch.setattr(sys, 'argv', ['flicker.py', str(night), str(day)])
    tool.main()
    rows = [line.split() for line in capsys.readouterr().out.splitlines()]
    assert rows[0] == ['video', 'frames', 'change', 'contrast', 'relative', 'beside']
    expected = [frame_change(VideoReader(path).frames) for path in (night, day)]
    for row, found, name in zip(rows[1:], expected, ('night.avi', 'day.avi'), strict=True):
        assert row[:2] == [name, '5'] and float(row[2]) == pytest.approx(found.change, abs=6e-4)
        assert float(row[4]) == pytest.approx(found.relative, abs=6e-5)
    assert float(rows[1][5]) == 1 and float(rows[2][5]) == pytest.approx(
        expected[1].relative / expected[0].relative, abs=6e-3)


def test_other_lengths_and_single_frames(tool: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    paths = [write(tmp_path / f'{frames}.avi', 1, frames) for frames in (4, 3, 1)]
    for chosen, message in ((paths[:2], r'3\.avi has 3 frames, its source .*4\.avi 4'),
                            (paths[2:] * 2, r'1\.avi: flicker needs at least two frames')):
        monkeypatch.setattr(sys, 'argv', ['flicker.py', *map(str, chosen)])
        with pytest.raises(ValueError, match=message) as error:
            tool.main()
        assert not re.search(r'\n', str(error.value))
