"""Videos, frame by frame, without their sound; a result is whole or not there."""

import os
from collections.abc import Callable, Iterator, Sequence
from itertools import chain
from pathlib import Path

import cv2
import numpy as np

from nightgen.utils.batches import equal_batches
from nightgen.utils.containers import missing_bytes
from nightgen.utils.files import whole_file, write_text

from .files import check_targets

VIDEO_CODES = {'.mp4': 'mp4v', '.m4v': 'mp4v', '.mov': 'mp4v', '.mkv': 'mp4v', '.avi': 'MJPG', '.webm': 'VP80'}
"""What is written for a file's ending."""
OTHER_RATE = 25.0  # of a video that states neither times nor frames per second
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
        rate: Frames per second, over the whole video: at this rate the frames take as long as they did.
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
        self.doubt = self._doubt(self._video.get(cv2.CAP_PROP_FRAME_COUNT) / (stated_rate or OTHER_RATE))
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


def _rate(times: Sequence[float], stated: float) -> tuple[float, bool]:
    """Frames per second by the frames' own times, and whether they are evenly apart."""
    lasts = times[-1] - times[0]
    if lasts <= 0:
        return stated or OTHER_RATE, True
    rate = 1000 * (len(times) - 1) / lasts
    grid = np.arange(len(times)) * 1000 / rate
    even = bool(np.abs(np.asarray(times) - times[0] - grid).max() <= 500 / rate)
    return (stated if even and abs(stated / rate - 1) < SAME_RATE else rate), even


def translate_video(video: VideoReader, target: Path, translate: Callable[[Sequence[np.ndarray]], list[np.ndarray]],
                    batch_size: int = 1, keep_cut: bool = False,
                    progress: Callable[[], None] = lambda: None) -> tuple[int, str | None]:
    """Translate the frames of a video into another.

    All frames are kept. OpenCV writes them evenly apart, so that a video of variable rate lasts as long as before, but
    a single frame may be shown earlier or later; its own times are then written beside it, to ``<target>.times.txt``
    (timestamps v2, milliseconds: ``mkvmerge --timestamps 0:day.mkv.times.txt day.mkv`` puts them back).

    Args:
        video: It is closed in the end.
        target: The file to write; its ending is of :data:`VIDEO_CODES`.
        translate: From H,W,3 pictures to as many of the same sizes.
        batch_size: Frames that run together.
        keep_cut: Translate what there is of a video that is cut off.
        progress: Called after each frame.

    Returns:
        The number of frames, and a message if the video is cut off.

    Raises:
        BrokenVideoError: It is cut off, without ``keep_cut``; it is known before anything is translated.
        OSError: The result cannot be written.
        ValueError: The result would overwrite the video, or its ending is unknown.
    """
    try:
        check_targets([video.path], [target])
        code = VIDEO_CODES.get(target.suffix.lower())
        if code is None:
            raise ValueError(f'{target} is no video file: its ending must be one of {" ".join(VIDEO_CODES)}')
        message = None
        if video.missing:
            message = f'video {video.path} is cut off: the file lacks {video.missing} bytes, {len(video.times)} ' \
                'frames can be read'
            if not keep_cut:
                raise BrokenVideoError(message)
        with whole_file(target, keep_ending=True) as partial:
            count = _write_frames(partial, target, code, video, translate, batch_size, progress)
            if count < len(video.times):  # the first time they were all there
                message = f'video {video.path} could not be read to its end: {count} of its {len(video.times)} frames'
                if not keep_cut:
                    raise BrokenVideoError(message)
        if not video.even:
            lines = ['# timestamp format v2', *(f'{time - video.times[0]:.3f}' for time in video.times[:count])]
            write_text(target.with_name(f'{target.name}.times.txt'), '\n'.join(lines) + '\n')
    finally:
        video.close()
    return count, message


def _write_frames(partial: Path, target: Path, code: str, video: VideoReader, translate: Callable, batch_size: int,
                  progress: Callable[[], None]) -> int:
    """Translate all frames into the file ``partial``; their number."""
    writer, count = cv2.VideoWriter(str(partial), cv2.VideoWriter_fourcc(*code), video.rate, video.size), 0
    try:
        if not writer.isOpened():
            raise OSError(f'cannot write video {target}: OpenCV has no encoder {code}, or the folder is not writable')
        for frames in equal_batches(video.frames, batch_size):
            for frame in translate(frames):
                writer.write(cv2.cvtColor(frame, cv2.COLOR_RGB2BGR))
                count += 1
                progress()
    finally:
        writer.release()
    return count
