"""Videos, frame by frame, without their sound; a result is whole or not there."""

import os
from collections.abc import Callable, Iterator, Sequence
from itertools import chain
from pathlib import Path

import cv2
import numpy as np

from nightgen.utils.files import whole_file

from .files import check_targets

VIDEO_CODES = {'.mp4': 'mp4v', '.m4v': 'mp4v', '.mov': 'mp4v', '.mkv': 'mp4v', '.avi': 'MJPG', '.webm': 'VP80'}
"""What is written for a file's ending."""
# A container states its number of frames roughly; a video that gives fewer than this share of it is cut off.
WHOLE_VIDEO = 0.98
OTHER_RATE = 25.0  # of a video that does not state its frames per second


class BrokenVideoError(ValueError):
    """A video that cannot be read, or not to its end."""


def read_frames(video: cv2.VideoCapture) -> Iterator[np.ndarray]:
    """The frames of an open video, RGB."""
    while True:
        there, frame = video.read()
        if not there:
            return
        yield cv2.cvtColor(frame, cv2.COLOR_BGR2RGB)


class VideoReader:
    """A video that is open and has a first frame.

    Args:
        path: The file.

    Attributes:
        frames: Its frames, H,W,3 RGB uint8.
        stated: How many there are by its container, 0 where that says nothing.
        rate: Frames per second.

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
        self.stated = int(self._video.get(cv2.CAP_PROP_FRAME_COUNT))
        self.rate = self._video.get(cv2.CAP_PROP_FPS) or OTHER_RATE
        self.size = first.shape[1], first.shape[0]
        self.frames = chain([first], rest)

    def close(self) -> None:
        self._video.release()


def translate_video(video: VideoReader, target: Path, translate: Callable[[Sequence[np.ndarray]], list[np.ndarray]],
                    batch_size: int = 1, keep_cut: bool = False,
                    progress: Callable[[], None] = lambda: None) -> tuple[int, str | None]:
    """Translate the frames of a video into another.

    Args:
        video: It is closed in the end.
        target: The file to write; its ending is of :data:`VIDEO_CODES`.
        translate: From H,W,3 pictures to as many of the same sizes.
        batch_size: Frames that run together.
        keep_cut: Keep the result of a video that is cut off.
        progress: Called after each frame.

    Returns:
        The number of frames, and a message if the video is cut off.

    Raises:
        BrokenVideoError: It is cut off, without ``keep_cut``.
        OSError: The result cannot be written.
        ValueError: The result would overwrite the video, or its ending is unknown.
    """
    check_targets([video.path], [target])
    code = VIDEO_CODES.get(target.suffix.lower())
    if code is None:
        raise ValueError(f'{target} is no video file: its ending must be one of {" ".join(VIDEO_CODES)}')
    try:
        with whole_file(target, keep_ending=True) as partial:
            count = _write_frames(partial, target, code, video, translate, batch_size, progress)
            message = None
            if count < WHOLE_VIDEO * video.stated:
                message = f'video {video.path} is cut off: {count} of its {video.stated} frames can be read'
                if not keep_cut:
                    raise BrokenVideoError(message)
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
        for frames in _batches(video.frames, batch_size):
            for frame in translate(frames):
                writer.write(cv2.cvtColor(frame, cv2.COLOR_RGB2BGR))
                count += 1
                progress()
    finally:
        writer.release()
    return count


def _batches(frames: Iterator[np.ndarray], size: int) -> Iterator[list[np.ndarray]]:
    waiting: list[np.ndarray] = []
    for frame in frames:
        waiting.append(frame)
        if len(waiting) == size:
            yield waiting
            waiting = []
    if waiting:
        yield waiting
