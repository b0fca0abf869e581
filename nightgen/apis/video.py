"""Videos, frame by frame: what is read of them, and their translation into another."""

import logging
import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from fractions import Fraction
from itertools import chain
from pathlib import Path
from typing import NamedTuple

import cv2
import numpy as np
from mmengine.logging import print_log

from nightgen.utils.batches import equal_batches
from nightgen.utils.containers import missing_bytes
from nightgen.utils.files import whole_file, write_text

from .files import check_targets
from .video_writing import ENCODERS, OpenCVWriter, PyAVWriter, VideoSource, open_writer

OTHER_RATE = Fraction(25)  # of a video that states neither times nor frames per second
WHOLE_VIDEO = 0.98  # share of the stated duration below which frames end early
SAME_RATE = 0.005  # containers round times to milliseconds: nearer than this, the stated rate is meant


class BrokenVideoError(ValueError):
    """A video that cannot be read, or not to its end."""


def read_frames(video: cv2.VideoCapture) -> Iterator[np.ndarray]:
    """The frames of an open video, RGB."""
    while True:
        there, frame = video.read()
        if not there:
            return
        yield cv2.cvtColor(frame, cv2.COLOR_BGR2RGB)


def frame_times(path: str | os.PathLike) -> list[float]:
    """The time of every frame in milliseconds: the video is run through once, for what containers say is an estimate.

    Times of 0 throughout are of a kind of file that has none.
    """
    video, times = cv2.VideoCapture(str(path)), []
    while video.grab():
        times.append(video.get(cv2.CAP_PROP_POS_MSEC))
    video.release()
    return times


class VideoReader:
    """A video that is open and has a first frame.

    Args:
        path: The file.

    Attributes:
        frames: Its frames, H,W,3 RGB uint8.
        times: When each is shown, in milliseconds; their number is that of the frames that can be read.
        rate: Frames per second, a fraction, over the whole video: at this rate the frames take as long as they did.
        even: Whether the frames follow each other at this rate; else it is the mean of a variable one.
        missing: Bytes that the file lacks at its end, by its own sizes; 0 also where these say nothing.
        doubt: A sentence where the frames end well before the duration that the container states; it may estimate
            that, or the video may be damaged. None where they agree.

    Raises:
        BrokenVideoError: It cannot be read.
    """

    def __init__(self, path: str | os.PathLike):
        self.path, self._video = Path(path), cv2.VideoCapture(str(path))
        opened = self._video.isOpened()
        rest = read_frames(self._video)
        first = next(rest, None) if opened else None
        if first is None:
            self._video.release()
            raise BrokenVideoError(f'cannot read video {path}: it is no video, or one that OpenCV has no decoder for')
        self.missing = missing_bytes(path) or 0
        self.times = frame_times(path)
        stated_rate = self._video.get(cv2.CAP_PROP_FPS)
        self.rate, self.even = _rate(self.times, stated_rate)
        self.doubt = self._doubt(self._video.get(cv2.CAP_PROP_FRAME_COUNT) / (stated_rate or float(OTHER_RATE)))
        self.size = first.shape[1], first.shape[0]
        self.frames = chain([first], rest)

    def _doubt(self, stated: float) -> str | None:
        gap = self.times[-1] - self.times[-2] if len(self.times) > 1 else 0.0
        lasts = (self.times[-1] - self.times[0] + gap) / 1000
        if not 0 < lasts < WHOLE_VIDEO * stated:
            return None
        return f'the container of {self.path} states {stated:.2f} s, its {len(self.times)} readable frames last ' \
            f'{lasts:.2f} s: an estimate, or the video is damaged'

    def close(self) -> None:
        self._video.release()


def _rate(times: Sequence[float], stated: float) -> tuple[Fraction, bool]:
    """Frames per second by the frames' own times, and whether they are evenly apart."""
    lasts = times[-1] - times[0]
    if lasts <= 0:
        return _fraction(stated) if stated else OTHER_RATE, True
    rate = 1000 * (len(times) - 1) / lasts
    grid = np.arange(len(times)) * 1000 / rate
    even = bool(np.abs(np.asarray(times) - times[0] - grid).max() <= 500 / rate)
    return _fraction(stated if even and abs(stated / rate - 1) < SAME_RATE else rate), even


def _fraction(rate: float) -> Fraction:
    """A rate as it was meant: 29.97 and 23.976 frames per second are 30000/1001 and 24000/1001."""
    broadcast = Fraction(1000 * round(rate * 1.001), 1001)
    return broadcast if abs(rate - broadcast) < 1e-4 * rate else Fraction(rate).limit_denominator(1001)


class VideoResult(NamedTuple):
    """What became of a video.

    ``frames`` is their number, ``cut`` what is missing of a video that is cut off, ``notes`` what else it lacks.
    """

    frames: int
    cut: str | None
    notes: list[str]


def translate_video(video: VideoReader, target: Path, translate: Callable[[Sequence[np.ndarray]], list[np.ndarray]],
                    batch_size: int = 1, keep_cut: bool = False,
                    progress: Callable[[], None] = lambda: None) -> VideoResult:
    """Translate the frames of a video into another, with its sound.

    All frames are kept, each at its own time. Where the result cannot hold times (AVI, and everything without PyAV),
    the frames of a variable rate are put evenly apart, so that they last as long as before, and their times are written
    beside the result, to ``<target>.times.txt`` (timestamps v2, milliseconds:
    ``mkvmerge --timestamps 0:day.mkv.times.txt day.mkv`` puts them back).

    The target is replaced when all is done. Whatever stops the work before, the frames until then are kept as
    ``<name>.partial.<ending>`` beside it, and the log says so.

    Args:
        video: It is closed in the end.
        target: The file to write; its ending is of :data:`~.video_writing.ENCODERS`.
        translate: From H,W,3 images to as many of the same sizes.
        batch_size: Frames that run together.
        keep_cut: Translate what there is of a video that is cut off.
        progress: Called after each frame.

    Raises:
        BrokenVideoError: It is cut off, without ``keep_cut``; it is known before anything is translated.
        OSError: The result cannot be written.
        ValueError: The result would overwrite the video, or its ending is unknown.
    """
    try:
        check_targets([video.path], [target])
        if target.suffix.lower() not in ENCODERS:
            raise ValueError(f'no video is written as {target}: its ending must be one of {" ".join(ENCODERS)}')
        cut = None
        if video.missing:
            cut = f'video {video.path} is cut off: the file lacks {video.missing} bytes, {len(video.times)} ' \
                'frames can be read'
            if not keep_cut:
                raise BrokenVideoError(cut)
        with whole_file(target, keep_ending=True) as partial:
            source = VideoSource(video.path, video.size, video.rate, None if video.even else video.times)
            writer = open_writer(partial, target.suffix.lower(), source)
            with _kept(writer, partial, target):
                for frames in equal_batches(video.frames, batch_size):
                    for frame in translate(frames):
                        writer.write(frame)
                        progress()
                if writer.count < len(video.times):  # the first time they were all there
                    cut = f'video {video.path} could not be read to its end: {writer.count} of its ' \
                        f'{len(video.times)} frames'
                    if not keep_cut:
                        raise BrokenVideoError(cut)
        notes = list(writer.notes)
        if not video.even and not writer.timed:
            notes.append(_write_times(target, video, writer.count))
    finally:
        video.close()
    return VideoResult(writer.count, cut, notes)


@contextmanager
def _kept(writer: OpenCVWriter | PyAVWriter, partial: Path, target: Path) -> Iterator[None]:
    """Closes the writer in the end; after an error what it wrote goes to a file of its own instead of being removed."""
    try:
        yield
    except BaseException:  # also the user's Ctrl-C
        writer.close()
        if writer.count:
            kept = target.with_name(f'{target.stem}.partial{target.suffix}')
            os.replace(partial, kept)
            print_log(f'the {writer.count} frames until then are in {kept}', logger='current', level=logging.WARNING)
        raise
    writer.close()


def _write_times(target: Path, video: VideoReader, count: int) -> str:
    """Write the times of the frames beside the result, and say so."""
    path = target.with_name(f'{target.name}.times.txt')
    lines = ['# timestamp format v2', *(f'{time - video.times[0]:.3f}' for time in video.times[:count])]
    write_text(path, '\n'.join(lines) + '\n')
    return f'its frame rate varies: it is written at the mean of {float(video.rate):.3f} frames per second, and ' \
        f'{path} has the times of the frames'
