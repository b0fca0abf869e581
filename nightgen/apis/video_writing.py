"""Videos written frame by frame: H.264, VP9 or Motion JPEG with the source's sound by PyAV, else what OpenCV has."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator
from fractions import Fraction
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import cv2
import numpy as np

if TYPE_CHECKING:
    import av

INSTALL = 'pip install "nightgen[video]"'
"""What adds PyAV, which carries FFmpeg's libraries."""
_TICKS = 90_000  # a second, for frames with times of their own: what MPEG counts in
_BT709 = 1


class Encoder(NamedTuple):
    """How an ending is written: PyAV's encoder, its options, whether frames keep times of their own, OpenCV's code."""

    name: str
    options: dict[str, str]
    timed: bool
    code: str


MOTION_JPEG = Encoder('mjpeg', {'qmin': '2', 'qmax': '3'}, False, 'MJPG')
_H264 = Encoder('libx264', {'crf': '18', 'preset': 'fast'}, True, 'mp4v')
ENCODERS = {
    '.mp4': _H264, '.m4v': _H264, '.mov': _H264, '.mkv': _H264,
    '.webm': Encoder('libvpx-vp9', {'crf': '24', 'b': '0', 'cpu-used': '4', 'row-mt': '1'}, True, 'VP80'),
    '.avi': MOTION_JPEG}
"""By the result's ending."""


class VideoSource(NamedTuple):
    """What a writer takes over from the video that is translated.

    ``size`` is width and height; ``rate`` the frames per second; ``times`` the milliseconds of the frames where they
    are not evenly apart, else None.
    """

    path: Path
    size: tuple[int, int]
    rate: Fraction
    times: list[float] | None


def open_writer(path: Path, ending: str, source: VideoSource) -> PyAVWriter | OpenCVWriter:
    """A writer for a video: PyAV's where it is installed, else OpenCV's.

    Args:
        path: The file to write, with the ending of the result.
        ending: Of :data:`ENCODERS`.
        source: The video that is translated.

    Raises:
        OSError: The file cannot be written.
    """
    encoder = ENCODERS[ending]
    return (PyAVWriter if find_spec('av') else OpenCVWriter)(path, encoder, source)


class OpenCVWriter:
    """Frames evenly apart, in the encoder that OpenCV has, without sound.

    Attributes:
        count: Frames that are written.
        timed: Whether frames keep times of their own.
        notes: Sentences about what the result lacks.
    """

    def __init__(self, path: Path, encoder: Encoder, source: VideoSource):
        self.notes = [f'without PyAV the result is in the codec {encoder.code} and has no sound: {INSTALL} adds H.264 '
                      'and the sound']
        self.timed, self.count = False, 0
        code = cv2.VideoWriter_fourcc(*encoder.code)
        self._writer = cv2.VideoWriter(str(path), code, float(source.rate), source.size)
        if not self._writer.isOpened():
            raise OSError(f'cannot write video {path}: OpenCV has no encoder {encoder.code}, or the folder is not '
                          'writable')

    def write(self, frame: np.ndarray) -> None:
        """Add a frame, H,W,3 RGB uint8."""
        self._writer.write(cv2.cvtColor(frame, cv2.COLOR_RGB2BGR))
        self.count += 1

    def close(self) -> None:
        self._writer.release()


class PyAVWriter:
    """Frames at their own times where the container keeps them, with the sound of the source as it is.

    H.264 and VP9 are written in BT.709 and marked so, 4:2:0; a frame of an odd width or height in 4:4:4.

    Attributes:
        count: Frames that are written.
        timed: Whether frames keep times of their own.
        notes: Sentences about what the result lacks.
    """

    def __init__(self, path: Path, encoder: Encoder, source: VideoSource):
        import av
        self.notes: list[str] = []
        self.timed = encoder.timed and source.times is not None
        self._path, self._encoder, self._source, self.count = path, encoder, source, 0
        self._sound = _Sound(source.path)
        if self._sound.tracks > 1:
            self.notes.append(f'of its {self._sound.tracks} sound tracks the first is carried over')
        try:
            try:
                self._open()
            except (av.FFmpegError, ValueError):
                if not self._sound.tracks:
                    raise
                self.notes = [f'its sound ({self._sound.codec}) is left out: {path.suffix} does not take it, .mkv '
                              'takes most']
                self._sound.close()
                self._open()
        except (av.FFmpegError, ValueError) as error:
            self._sound.close()
            raise OSError(f'cannot write video {path}: {error}') from error

    def _open(self) -> None:
        """Open the file and write its header, so that what does not fit fails here."""
        import av
        self._container = av.open(str(self._path), 'w')
        try:
            self._stream = self._container.add_stream(self._encoder.name, rate=self._source.rate)
            self._stream.width, self._stream.height = self._source.size
            self._stream.pix_fmt = self._pixels()
            self._stream.options = dict(self._encoder.options)
            self._step = Fraction(1, _TICKS) if self.timed else 1 / self._source.rate
            context = self._stream.codec_context
            context.time_base = self._step
            if self._encoder is not MOTION_JPEG:  # which has the matrix of JPEG
                context.colorspace = context.color_primaries = context.color_trc = _BT709
            if self._sound.tracks:
                self._sound.target = self._container.add_stream_from_template(self._sound.stream)
            self._container.start_encoding()
        except Exception:
            with contextlib.suppress(av.FFmpegError):
                self._container.close()
            raise

    def _pixels(self) -> str:
        """How the encoder stores pixels: colours at half the size, which an odd width or height cannot have."""
        if self._encoder is MOTION_JPEG:
            return 'yuvj420p'
        return 'yuv444p' if any(side % 2 for side in self._source.size) else 'yuv420p'

    def write(self, frame: np.ndarray) -> None:
        """Add a frame, H,W,3 RGB uint8.

        Raises:
            OSError: It cannot be written: the disk is full, say.
        """
        import av
        matrix = 'ITU601' if self._encoder is MOTION_JPEG else 'ITU709'
        picture = av.VideoFrame.from_ndarray(np.ascontiguousarray(frame), format='rgb24')
        picture = picture.reformat(format=self._stream.pix_fmt, dst_colorspace=matrix)
        seconds = self._seconds(self.count)
        picture.pts, picture.time_base = round(seconds / self._step), self._step
        self.count += 1
        with self._errors():
            self._mux(self._stream.encode(picture))
            self._mux(self._sound.until(seconds))

    def close(self) -> None:
        """Write what the encoder still holds, and the sound until the last frame's end; close the file.

        Raises:
            OSError: It cannot be written.
        """
        with self._errors():
            try:
                if self.count:
                    self._mux(self._stream.encode())
                    self._mux(self._sound.until(self._seconds(self.count - 1) + 1 / self._source.rate))
            finally:
                self._sound.close()
                self._container.close()

    def _seconds(self, index: int) -> Fraction:
        """When a frame is shown, after the first."""
        if not self.timed:
            return index / self._source.rate
        return Fraction(self._source.times[index] - self._source.times[0]) / 1000

    def _mux(self, packets: Iterable[av.Packet]) -> None:
        for packet in packets:
            self._container.mux(packet)

    @contextlib.contextmanager
    def _errors(self) -> Iterator[None]:
        """FFmpeg's errors as OSError that names the file."""
        import av
        try:
            yield
        except av.FFmpegError as error:
            raise OSError(f'cannot write video {self._path}: {error}') from error


class _Sound:
    """The first sound track of a video, packet by packet as it is, from the time of the first frame on.

    Attributes:
        tracks: How many sound tracks there are.
        codec: What the first is coded in.
        target: The stream of the result; it has to be set before packets are asked for.
    """

    def __init__(self, path: Path):
        import av
        self.tracks, self.codec, self.target, self._next = 0, '', None, None
        try:
            self._container = av.open(str(path))
        except av.FFmpegError:  # OpenCV reads it by other means: a folder of numbered images
            self._container = None
            return
        pictures, sounds = self._container.streams.video, self._container.streams.audio
        if not sounds:
            self.close()
            return
        self.tracks, self.stream = len(sounds), sounds[0]
        self.codec = self.stream.codec_context.name if self.stream.codec_context else 'of an unknown kind'
        begins = pictures[0].start_time if pictures else None
        self._start = begins * pictures[0].time_base if begins is not None else Fraction(0)
        self._packets = (packet for packet in self._container.demux(self.stream) if packet.pts is not None)
        self._next = next(self._packets, None)

    def until(self, seconds: Fraction) -> Iterator[av.Packet]:
        """The packets not given yet that begin up to a time after the first frame."""
        while self._next is not None and self._next.pts * self._next.time_base - self._start <= seconds:
            packet, shift = self._next, round(self._start / self._next.time_base)
            packet.pts -= shift
            packet.dts = packet.pts if packet.dts is None else packet.dts - shift
            if packet.pts >= 0:
                packet.stream = self.target
                yield packet
            self._next = next(self._packets, None)

    def close(self) -> None:
        """Give no more packets."""
        self.tracks, self._next = 0, None
        if self._container is not None:
            self._container.close()
            self._container = None
