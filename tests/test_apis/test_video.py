"""Videos: what is read, times and rates, cut files, colours, and that a failed result leaves nothing."""

from fractions import Fraction
from pathlib import Path

import cv2
import numpy as np
import pytest

from nightgen.apis import video as module
from nightgen.apis.video import BrokenVideoError, VideoReader, translate_video


def write(path: Path, frames: int = 7, code: str = 'MJPG') -> Path:
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter_fourcc(*code), 12.0, (32, 24))
    for index in range(frames):
        writer.write(np.full((24, 32, 3), (0, 0, 30 * index), np.uint8))  # BGR: red
    writer.release()
    return path


@pytest.fixture
def video(tmp_path: Path) -> Path:
    return write(tmp_path / 'in.avi')


def test_frames_are_rgb_and_the_first_is_among_them(video: Path):
    reader = VideoReader(video)
    frames = list(reader.frames)
    reader.close()
    assert (len(reader.times), reader.rate, reader.size, len(frames)) == (7, 12.0, (32, 24), 7)
    assert reader.even and reader.missing == 0 and reader.doubt is None
    assert frames[0].mean() < 5 and frames[6][..., 0].mean() > 150 > 50 > frames[6][..., 2].mean()


@pytest.mark.parametrize('ending', ['avi', 'mp4'])
def test_red_stays_red_on_both_sides(video: Path, tmp_path: Path, ending: str):
    """Seen by the network as RGB, and in the result as another program reads it."""
    seen = []
    translate_video(VideoReader(video), tmp_path / f'out.{ending}', lambda frames: seen.extend(frames) or frames)
    other = cv2.VideoCapture(str(tmp_path / f'out.{ending}'))
    for frame in seen:
        there, written = other.read()
        assert there and np.abs(written[..., ::-1].astype(int) - frame).mean() < 6
    red, green, blue = seen[6].reshape(-1, 3).mean(axis=0)
    assert red > 150 and green < 30 and blue < 30


def test_frames_come_in_batches_and_progress_is_told(video: Path, tmp_path: Path):
    sizes, told = [], []
    result = translate_video(VideoReader(video), tmp_path / 'out.avi',
                             lambda frames: sizes.append(len(frames)) or frames, 3, progress=lambda: told.append(1))
    assert (*result, sizes, len(told)) == (7, None, [], [3, 3, 1], 7)
    assert len(list(VideoReader(tmp_path / 'out.avi').frames)) == 7
    assert sorted(path.name for path in tmp_path.iterdir()) == ['in.avi', 'out.avi']


@pytest.mark.parametrize(('times', 'stated', 'rate', 'even'), [
    ([0, 83, 167, 250], 12.0, 12.0, True),  # milliseconds are rounded
    ([5, 105, 205], 0.0, 10.0, True), ([0, 0, 0], 30.0, 30.0, True), ([0], 0.0, 25.0, True),
    ([0, 50, 100, 1000], 20.0, 3.0, False),  # 3 intervals in a second
    ([0, 100, 200, 300], 20.0, 10.0, True)])  # what the container states is not believed
def test_rates_are_those_of_the_times(times: list, stated: float, rate: float, even: bool):
    assert module._rate(times, stated) == (pytest.approx(rate), even)


def test_a_variable_rate_in_avi_keeps_frames_duration_and_a_list_of_times(video: Path, tmp_path: Path,
                                                                          monkeypatch: pytest.MonkeyPatch):
    """Seven frames, of which the last three are half a second apart."""
    times = [40.0, 80.0, 120.0, 160.0, 660.0, 1160.0, 1660.0]
    monkeypatch.setattr(module, 'frame_times', lambda path: times)
    reader = VideoReader(video)
    assert not reader.even and reader.rate == pytest.approx(6000 / 1620)
    frames, cut, notes = translate_video(reader, tmp_path / 'out.avi', lambda frames: frames)
    assert (frames, cut) == (7, None) and 'at the mean of 3.704 frames per second' in notes[0] and len(notes) == 1
    monkeypatch.undo()
    result = VideoReader(tmp_path / 'out.avi')
    assert len(result.times) == 7 and result.times[-1] - result.times[0] == pytest.approx(1620, abs=1)
    lines = (tmp_path / 'out.avi.times.txt').read_text().splitlines()
    assert lines == ['# timestamp format v2', *(f'{time - 40:.3f}' for time in times)]


def test_a_stated_number_of_frames_is_not_believed(video: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """A container that speaks of 80 frames and 4 s, as one of variable rate does, and has 7 until second 4."""
    real = cv2.VideoCapture

    class Estimating:
        def __init__(self, path: str):
            self.inner = real(path)

        def get(self, what: int) -> float:
            return {cv2.CAP_PROP_FRAME_COUNT: 80.0, cv2.CAP_PROP_FPS: 20.0}.get(what, self.inner.get(what))

        def __getattr__(self, name: str):
            return getattr(self.inner, name)

    monkeypatch.setattr(module.cv2, 'VideoCapture', Estimating)
    monkeypatch.setattr(module, 'frame_times', lambda path: [0, 33, 67, 100, 133, 2000, 3000])
    reader = VideoReader(video)
    assert reader.doubt is None
    assert translate_video(reader, tmp_path / 'out.avi', lambda frames: frames)[:2] == (7, None)
    monkeypatch.setattr(module, 'frame_times', lambda path: [50.0 * index for index in range(7)])
    assert 'states 4.00 s, its 7 readable frames last 0.35 s' in VideoReader(video).doubt  # said, and no more


@pytest.mark.parametrize(('ending', 'code'), [('avi', 'MJPG'), ('mkv', 'mp4v')])
def test_a_video_that_is_cut_off(tmp_path: Path, ending: str, code: str):
    path, calls = write(tmp_path / f'in.{ending}', 30, code), []
    data = path.read_bytes()
    path.write_bytes(data[:len(data) * 2 // 3])
    lacking = len(data) - len(data) * 2 // 3
    with pytest.raises(BrokenVideoError, match=f'cut off: the file lacks {lacking} bytes'):
        translate_video(VideoReader(path), tmp_path / 'out.avi', lambda frames: calls.append(1) or frames)
    assert not calls and not (tmp_path / 'out.avi').exists()  # said before any work
    reader = VideoReader(path)
    count, message, _ = translate_video(reader, tmp_path / 'out.avi', lambda frames: frames, keep_cut=True)
    assert 0 < count < 30 and count == len(VideoReader(tmp_path / 'out.avi').times) and 'cut off' in message


@pytest.mark.parametrize(('ending', 'good'), [('avi', 0), ('avi', 4), ('mp4', 4)])
def test_an_error_on_the_way_keeps_the_frames_until_then_under_another_name(
        video: Path, tmp_path: Path, ending: str, good: int, caplog: pytest.LogCaptureFixture):
    left = [good]

    def fail(frames):
        left[0] -= 1
        if left[0] < 0:
            raise RuntimeError('no memory')
        return frames

    (tmp_path / f'out.{ending}').write_text('an older result')
    with pytest.raises(RuntimeError, match='no memory'):
        translate_video(VideoReader(video), tmp_path / f'out.{ending}', fail)
    kept = [f'out.partial.{ending}'] if good else []
    assert sorted(path.name for path in tmp_path.iterdir()) == ['in.avi', f'out.{ending}', *kept]
    assert (tmp_path / f'out.{ending}').read_text() == 'an older result'
    for name in kept:
        assert len(list(VideoReader(tmp_path / name).frames)) == good


def test_a_rate_is_a_fraction():
    assert module._rate([0.0], 29.97002997) == (Fraction(30000, 1001), True)
    assert module._rate([1001 / 24 * index for index in range(50)], 23.976) == (Fraction(24000, 1001), True)
    assert module._rate([1000.0 * index for index in range(9)], 1.0) == (Fraction(1), True)
    assert module._rate([80.0 * index for index in range(9)], 0.0) == (Fraction(25, 2), True)


def test_what_is_no_video(tmp_path: Path):
    (tmp_path / 'noise.mp4').write_bytes(b'noise' * 100)
    with pytest.raises(BrokenVideoError, match='noise.mp4'):
        VideoReader(tmp_path / 'noise.mp4')
