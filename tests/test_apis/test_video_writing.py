"""Videos that PyAV writes: codec, colours, times, sizes and sound; what a container does not take; without PyAV."""

from fractions import Fraction
from pathlib import Path

import av
import cv2
import numpy as np
import pytest

from nightgen.apis import video_writing as module
from nightgen.apis.video import VideoReader, translate_video
from nightgen.apis.video_writing import OpenCVWriter, PyAVWriter, VideoSource

RATE = Fraction(30000, 1001)


def pictures(number: int, size: tuple[int, int] = (64, 48)) -> list[np.ndarray]:
    """Frames of one colour that changes."""
    colours = [(40 + 20 * index, 60, 200 - 20 * index) for index in range(number)]
    return [np.full((size[1], size[0], 3), colour, np.uint8) for colour in colours]


def write_source(path: Path, codec: str, sound: str | None, delay: int = 0) -> Path:
    """Eight frames with a tone, made by PyAV itself; all of it ``delay`` frames after the container's zero."""
    with av.open(str(path), 'w') as out:
        video = out.add_stream(codec, rate=RATE)
        video.width, video.height, video.pix_fmt = 64, 48, 'yuv420p'
        audio = out.add_stream(sound, rate=48000, layout='stereo') if sound else None
        if audio:
            audio.bit_rate = 128_000
        for index, picture in enumerate(pictures(8)):
            frame = av.VideoFrame.from_ndarray(picture, format='rgb24')
            frame.pts, frame.time_base = delay + index, 1 / RATE
            out.mux(video.encode(frame))
        out.mux(video.encode())
        if audio:
            tone = (np.sin(np.arange(48000 * 8 // 30) * 0.05) * 9000).astype(np.int16).repeat(2)
            frame = av.AudioFrame.from_ndarray(tone[None], format='s16', layout='stereo')
            frame.sample_rate, frame.pts, frame.time_base = 48000, round(delay / RATE * 48000), Fraction(1, 48000)
            resampler = av.AudioResampler(audio.format, 'stereo', 48000, audio.frame_size or 1024)
            for part in [*resampler.resample(frame), None]:
                out.mux(audio.encode(part))
    return path


def sound_of(path: Path) -> list[bytes]:
    with av.open(str(path)) as container:
        return [bytes(packet) for packet in container.demux(audio=0) if packet.size]


def same(frames: list[np.ndarray]) -> list[np.ndarray]:
    return frames


@pytest.mark.parametrize('ending', ['mp4', 'mkv', 'mov'])
def test_h264_at_the_same_rate_with_the_same_sound(tmp_path: Path, ending: str):
    source = write_source(tmp_path / 'in.mp4', 'libx264', 'aac')
    result = translate_video(VideoReader(source), tmp_path / f'out.{ending}', same)
    assert result == (8, None, [])
    with av.open(str(tmp_path / f'out.{ending}')) as out:
        stream = out.streams.video[0]
        assert (stream.codec_context.name, stream.average_rate) == ('h264', RATE)
        frames = list(out.decode(stream))
        assert [round(float(frame.pts * frame.time_base * RATE)) for frame in frames] == list(range(8))
        for frame, picture in zip(frames, pictures(8), strict=True):
            assert np.abs(frame.to_ndarray(format='rgb24').astype(int) - picture).mean() < 6
    sound, given = sound_of(tmp_path / f'out.{ending}'), sound_of(source)
    first = given.index(sound[0])
    assert given[first:first + len(sound)] == sound and len(sound) >= len(given) - 2 > 8


def test_the_sound_begins_with_the_picture(tmp_path: Path):
    """A transport stream begins at some second that is not 0, of pictures and sound alike."""
    source = write_source(tmp_path / 'in.ts', 'mpeg2video', 'mp2', delay=60)
    with av.open(str(source)) as container:
        assert container.start_time > 1_900_000  # microseconds
    assert translate_video(VideoReader(source), tmp_path / 'out.mkv', same).notes == []
    with av.open(str(tmp_path / 'out.mkv')) as out:
        starts = {packet.stream.type: float(packet.pts * packet.time_base) for packet in reversed(
            [packet for packet in out.demux() if packet.size])}
    assert starts['video'] == pytest.approx(0, abs=0.002) and starts['audio'] < 0.06


def test_frames_keep_times_of_their_own(tmp_path: Path):
    times = [40.0, 80.0, 120.0, 160.0, 660.0, 1160.0, 1660.0]
    writer = PyAVWriter(tmp_path / 'out.mp4', module.ENCODERS['.mp4'],
                        VideoSource(tmp_path / 'none.mp4', (64, 48), Fraction(100, 27), times))
    for picture in pictures(7):
        writer.write(picture)
    writer.close()
    shown = VideoReader(tmp_path / 'out.mp4').times
    assert writer.timed and shown == pytest.approx([time - 40 for time in times], abs=0.1)


@pytest.mark.parametrize('size', [(63, 48), (64, 47)])
def test_an_odd_size_is_kept(tmp_path: Path, size: tuple[int, int]):
    writer = PyAVWriter(tmp_path / 'out.mp4', module.ENCODERS['.mp4'],
                        VideoSource(tmp_path / 'none.mp4', size, Fraction(25), None))
    for picture in pictures(3, size):
        writer.write(picture)
    writer.close()
    assert VideoReader(tmp_path / 'out.mp4').size == size


def test_colours_are_those_that_a_player_shows(tmp_path: Path):
    """Marked as BT.709 and stored so: 16 + 219 * (0.2126 R + 0.7152 G + 0.0722 B) / 255."""
    writer = PyAVWriter(tmp_path / 'out.mp4', module.ENCODERS['.mp4'],
                        VideoSource(tmp_path / 'none.mp4', (64, 48), Fraction(25), None))
    writer.write(np.full((48, 64, 3), (200, 30, 40), np.uint8))
    writer.close()
    with av.open(str(tmp_path / 'out.mp4')) as out:
        frame = next(out.decode(video=0))
    luma = 16 + 219 * (0.2126 * 200 + 0.7152 * 30 + 0.0722 * 40) / 255
    assert frame.colorspace == 1 and np.abs(frame.to_ndarray()[:48] - luma).mean() < 1.5


def test_sound_that_does_not_fit_is_said(tmp_path: Path):
    source = write_source(tmp_path / 'in.mp4', 'libx264', 'aac')
    result = translate_video(VideoReader(source), tmp_path / 'out.webm', same)
    assert result.frames == 8 and result.notes == [
        'its sound (aac) is left out: .webm does not take it, .mkv takes most']
    with av.open(str(tmp_path / 'out.webm')) as out:
        assert out.streams.video[0].codec_context.name == 'vp9' and not out.streams.audio
    assert sorted(path.name for path in tmp_path.iterdir()) == ['in.mp4', 'out.webm']


def test_without_pyav_the_loss_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    source = write_source(tmp_path / 'in.mp4', 'libx264', 'aac')
    monkeypatch.setattr(module, 'find_spec', lambda name: None)
    result = translate_video(VideoReader(source), tmp_path / 'out.mp4', same)
    assert result.frames == 8 and 'has no sound' in result.notes[0] and 'nightgen[video]' in result.notes[0]
    video = cv2.VideoCapture(str(tmp_path / 'out.mp4'))
    assert video.get(cv2.CAP_PROP_FPS) == pytest.approx(30000 / 1001, abs=1e-4)


@pytest.mark.parametrize('writer', [PyAVWriter, OpenCVWriter])
def test_a_place_that_cannot_be_written_is_named(tmp_path: Path, writer: type):
    with pytest.raises(OSError, match='gone/out.mp4'):
        writer(tmp_path / 'gone/out.mp4', module.ENCODERS['.mp4'],
               VideoSource(tmp_path / 'none.mp4', (64, 48), Fraction(25), None))


@pytest.mark.parametrize(('ending', 'codec', 'sound', 'kept'), [
    ('mpg', 'mpeg1video', 'mp2', True), ('wmv', 'wmv2', 'wmav2', False), ('flv', 'flv1', None, False),
    ('ts', 'libx264', 'aac', True), ('avi', 'mpeg4', 'libmp3lame', True)])
def test_other_kinds_are_read(tmp_path: Path, ending: str, codec: str, sound: str | None, kept: bool):
    source = write_source(tmp_path / f'in.{ending}', codec, sound)
    result = translate_video(VideoReader(source), tmp_path / 'out.mp4', same)
    assert result.frames in (7, 8)  # OpenCV drops the last frame of some
    assert len(VideoReader(tmp_path / 'out.mp4').times) == result.frames
    with av.open(str(tmp_path / 'out.mp4')) as out:
        assert bool(out.streams.audio) == kept
    assert result.notes == ([f'its sound ({sound}) is left out: .mp4 does not take it, .mkv takes most']
                            if sound and not kept else [])
