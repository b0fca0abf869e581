"""tools/translate.py: pictures, folders and videos in; whole results, clear errors and exit statuses out."""

from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import cv2
import numpy as np
import pytest

from nightgen.apis import NightgenInferencer
from nightgen.apis.video import read_frames
from nightgen.utils.cli import run_tool
from nightgen.utils.images import read_image, write_image


@pytest.fixture
def night(tmp_path: Path) -> Path:
    """A folder of three small pictures, one of them in a sub-folder."""
    folder = tmp_path / 'night'
    (folder / 'cam').mkdir(parents=True)
    for seed, name in enumerate(('a.png', 'b.png', 'cam/c.png')):
        write_image(str(folder / name), np.random.default_rng(seed).integers(0, 256, (20, 24, 3), dtype=np.uint8))
    return folder


@pytest.fixture
def tool(load_tool: Callable[[str], ModuleType]) -> ModuleType:
    return load_tool('tools/translate.py')


@pytest.fixture
def translate(tool: ModuleType, tiny_config: Path, tiny_checkpoint: Path) -> Callable[..., int]:
    """The command, in this process, with the tiny model; gives the exit status."""
    return lambda *arguments: call(tool, tiny_config, tiny_checkpoint, *arguments)


def call(tool: ModuleType, *arguments: object) -> int:
    with pytest.raises(SystemExit) as stop:
        run_tool(lambda: tool.main([*map(str, arguments), '--device', 'cpu']), *tool.EXPECTED)
    return stop.value.code


def test_a_folder_keeps_its_structure_and_equals_the_inferencer(translate: Callable, night: Path, tmp_path: Path,
                                                                tiny_config: Path, tiny_checkpoint: Path):
    assert translate(night, tmp_path / 'day', '--batch-size', 2) == 0
    expected = NightgenInferencer(tiny_config, tiny_checkpoint, device='cpu')(night, batch_size=2)['predictions']
    for name, picture in zip(('a.png', 'b.png', 'cam/c.png'), expected, strict=True):
        assert np.array_equal(read_image(str(tmp_path / 'day' / name)), picture)


def test_one_picture_goes_to_a_file_or_into_a_folder(translate: Callable, night: Path, tmp_path: Path):
    assert translate(night / 'a.png', tmp_path / 'new' / 'day.png') == 0
    assert translate(night / 'a.png', tmp_path / 'days') == 0
    assert np.array_equal(read_image(str(tmp_path / 'new' / 'day.png')), read_image(str(tmp_path / 'days' / 'a.png')))


def test_full_hd_keeps_its_size(translate: Callable, tmp_path: Path):
    write_image(str(tmp_path / 'hd.png'), np.random.randint(0, 256, (1080, 1920, 3), dtype=np.uint8))
    assert translate(tmp_path / 'hd.png', tmp_path / 'out.png') == 0
    assert read_image(str(tmp_path / 'out.png')).shape == (1080, 1920, 3)


def test_a_broken_picture_is_named(translate: Callable, night: Path, tmp_path: Path, capsys: pytest.CaptureFixture):
    (night / 'b.png').write_bytes((night / 'b.png').read_bytes()[:200])
    assert translate(night, tmp_path / 'day') == 2
    assert 'b.png' in capsys.readouterr().err
    assert not (tmp_path / 'day' / 'b.png').exists()


def test_skip_broken_counts_and_lists(translate: Callable, night: Path, tmp_path: Path, capsys: pytest.CaptureFixture):
    (night / 'b.png').write_bytes((night / 'b.png').read_bytes()[:200])
    (night / 'empty.jpg').touch()
    assert translate(night, tmp_path / 'day', '--skip-broken') == 3
    said = capsys.readouterr()
    assert '2 of 4 pictures translated' in said.out and '2 skipped' in said.err
    assert 'b.png' in said.err and 'empty.jpg' in said.err
    assert sorted(path.name for path in (tmp_path / 'day').rglob('*.*')) == ['a.png', 'c.png']


def test_a_picture_too_small_for_the_network_is_named(translate: Callable, tmp_path: Path,
                                                      capsys: pytest.CaptureFixture):
    write_image(str(tmp_path / 'dot.png'), np.zeros((2, 2, 3), np.uint8))
    assert translate(tmp_path / 'dot.png', tmp_path / 'out') == 2
    assert 'dot.png' in capsys.readouterr().err


@pytest.mark.parametrize(('source', 'out', 'words'), [
    ('nowhere', 'day', 'does not exist'), ('night', 'night', 'overwrite an input'), ('.', 'day', None)])
def test_bad_places(translate: Callable, night: Path, tmp_path: Path, capsys: pytest.CaptureFixture, source: str,
                    out: str, words: str | None):
    status = translate(tmp_path / source, tmp_path / out)
    assert status == (2 if words else 0)
    assert (words or '') in capsys.readouterr().err


def test_the_checkpoint_of_another_network_is_one_line(tool: ModuleType, tiny_config: Path, tiny_checkpoint: Path,
                                                       night: Path, tmp_path: Path, capsys: pytest.CaptureFixture):
    other = tmp_path / 'other.py'
    other.write_text(f"_base_ = '{tiny_config}'\nmodel = dict(generator=dict(base=4))\n")
    assert call(tool, other, tiny_checkpoint, night, tmp_path / 'day') == 2
    assert 'another network' in capsys.readouterr().err and not (tmp_path / 'day').exists()


def write_video(path: Path, frames: int, size: tuple[int, int] = (32, 24)) -> None:
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter_fourcc(*'MJPG'), 12.0, size)
    for index in range(frames):
        writer.write(np.full((size[1], size[0], 3), 20 * index, np.uint8))
    writer.release()


def read_video(path: Path) -> tuple[list[np.ndarray], float]:
    video, frames = cv2.VideoCapture(str(path)), []
    while (read := video.read())[0]:
        frames.append(read[1])
    return frames, video.get(cv2.CAP_PROP_FPS)


@pytest.mark.parametrize('batch_size', [1, 3])
@pytest.mark.parametrize('ending', ['avi', 'mp4'])
def test_a_video_keeps_its_frames_size_and_rate(translate: Callable, tmp_path: Path, batch_size: int, ending: str):
    write_video(tmp_path / 'night.avi', 7)
    out = tmp_path / f'day.{ending}'
    assert translate(tmp_path / 'night.avi', out, '--batch-size', batch_size) == 0
    frames, rate = read_video(out)
    assert len(frames) == 7 and frames[0].shape == (24, 32, 3) and rate == 12.0
    assert [path.name for path in tmp_path.glob('*partial*')] == []


def test_a_video_goes_into_a_folder(translate: Callable, tmp_path: Path):
    write_video(tmp_path / 'night.avi', 2)
    assert translate(tmp_path / 'night.avi', tmp_path / 'days') == 0
    assert len(read_video(tmp_path / 'days' / 'night.avi')[0]) == 2


def test_a_file_that_is_no_video_is_named(translate: Callable, tmp_path: Path, capsys: pytest.CaptureFixture):
    (tmp_path / 'noise.mp4').write_bytes(b'noise' * 100)
    assert translate(tmp_path / 'noise.mp4', tmp_path / 'day.mp4') == 2
    assert 'noise.mp4' in capsys.readouterr().err and not (tmp_path / 'day.mp4').exists()


def test_a_video_that_is_cut_off(translate: Callable, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
                                 capsys: pytest.CaptureFixture):
    write_video(tmp_path / 'night.avi', 8)
    whole = read_frames

    def five(video: cv2.VideoCapture):
        for _, frame in zip(range(5), whole(video), strict=False):
            yield frame

    monkeypatch.setattr('nightgen.apis.video.read_frames', five)
    assert translate(tmp_path / 'night.avi', tmp_path / 'day.avi') == 2
    assert '5 of its 8 frames' in capsys.readouterr().err and not (tmp_path / 'day.avi').exists()
    assert translate(tmp_path / 'night.avi', tmp_path / 'day.avi', '--skip-broken') == 3
    assert len(read_video(tmp_path / 'day.avi')[0]) == 5


def test_help_has_an_example(tool: ModuleType, capsys: pytest.CaptureFixture):
    assert call(tool, '--help') == 0
    assert 'python tools/translate.py configs/' in capsys.readouterr().out
