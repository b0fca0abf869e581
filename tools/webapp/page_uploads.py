"""What comes from outside: pictures and videos known by what they hold, and images out of one folder."""

from __future__ import annotations

import io
import logging
import warnings
from pathlib import Path

import cv2
import numpy as np
from mmengine.logging import print_log
from page_sessions import Refused
from PIL import Image

from nightgen.apis.files import find_pictures
from nightgen.utils.images import BrokenImageError, decode_image, read_image, to_uint8

PICTURE_FORMATS = ('PNG', 'JPEG', 'WEBP', 'TIFF', 'BMP')
MOST_PIXELS = 40_000_000
PREVIEW_SIDE = 1024
"""Longest side of what the page shows while a map is edited; saved pictures have the photo's own size."""


def check_picture(data: bytes) -> None:
    """Refuse what is no picture, by its content, and what would fill the memory once it is decoded.

    Raises:
        Refused: Says why.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter('ignore', Image.DecompressionBombWarning)  # the sizes are judged below
            with Image.open(io.BytesIO(data), formats=PICTURE_FORMATS) as picture:
                width, height = picture.size
    except Image.DecompressionBombError as error:
        raise Refused(413, f'the image has more than {MOST_PIXELS / 1e6:.0f} million pixels; make it smaller'
                      ) from error
    except (OSError, SyntaxError, ValueError) as error:  # all of them are Pillow's for what it does not know
        raise Refused(415, f'this file is no image: it holds none of {", ".join(PICTURE_FORMATS)}, whatever its name '
                           'says') from error
    if width * height > MOST_PIXELS:
        raise Refused(413, f'the image has {width}x{height} pixels, more than {MOST_PIXELS / 1e6:.0f} million; make it '
                           'smaller')


def decode_picture(data: bytes, mode: str = 'color') -> np.ndarray:
    """A picture that was uploaded, H,W,3 RGB or, of a label map, H,W.

    Raises:
        Refused: It is no picture, too large or damaged.
    """
    check_picture(data)
    try:
        return decode_image(data, 'that was uploaded', mode)
    except BrokenImageError as error:
        raise Refused(415, str(error)) from error


def video_ending(head: bytes) -> str | None:
    """The ending of a video's kind by the first bytes of the file; None for anything else.

    Only these kinds are given to the decoder: a playlist could make it open other files.
    """
    if head[4:8] == b'ftyp':
        return '.mp4'
    if head[:4] == b'\x1a\x45\xdf\xa3':
        return '.webm' if b'webm' in head[:64] else '.mkv'
    if head[:4] == b'RIFF' and head[8:12] == b'AVI ':
        return '.avi'
    return None


def preview_of(picture: np.ndarray) -> np.ndarray:
    """The picture at 8 bits, made smaller where a side is longer than :data:`PREVIEW_SIDE`."""
    picture = to_uint8(picture)
    scale = PREVIEW_SIDE / max(picture.shape[:2])
    if scale >= 1:
        return picture
    size = max(1, round(picture.shape[1] * scale)), max(1, round(picture.shape[0] * scale))
    return cv2.resize(picture, size, interpolation=cv2.INTER_AREA)


def png_of(picture: np.ndarray) -> bytes:
    """An RGB or grey picture as a PNG, written quickly rather than small."""
    bgr = cv2.cvtColor(picture, cv2.COLOR_RGB2BGR) if picture.ndim == 3 else picture
    done, data = cv2.imencode('.png', bgr, [cv2.IMWRITE_PNG_COMPRESSION, 1])
    if not done:
        raise ValueError(f'an image of shape {picture.shape} could not be encoded')
    return data.tobytes()


class ImageFolder:
    """The images of one folder, and nothing outside it.

    Args:
        path: The folder; its sub-folders count.

    Attributes:
        names: Names relative to the folder, in natural order.

    Raises:
        FileNotFoundError: No such folder, or no image in it.
    """

    def __init__(self, path: str | Path):
        self.path = Path(path).expanduser().resolve()
        if not self.path.is_dir():
            raise FileNotFoundError(f'the folder of images {path} does not exist')
        found = [name for _, name in find_pictures(self.path)]
        self.names = [name for name in found if self._is_inside(name)]
        if len(self.names) < len(found):
            outside = [name for name in found if not self._is_inside(name)]
            print_log(f'{len(outside)} images of {path} are links to files outside it and are not shown; the first is '
                      f'{outside[0]}', logger='current', level=logging.WARNING)
        if not self.names:
            raise FileNotFoundError(f'every image of {path} is a link to a file outside it')

    def check(self, name: str) -> None:
        """Refuse what is none of the folder's images.

        Raises:
            Refused: There is no such name, or it leads out of the folder.
        """
        if name not in self.names or not self._is_inside(name):  # a file may have become a link since
            raise Refused(404, f'the folder of images has no {name!r}; files outside it are not shown')

    def read(self, name: str) -> np.ndarray:
        """The image of a name, H,W,3 RGB.

        Raises:
            Refused: As :meth:`check`, or the file cannot be read.
        """
        self.check(name)
        try:
            return read_image(str(self.path / name))
        except BrokenImageError as error:
            raise Refused(415, f'{name} cannot be read: {str(error).rpartition(": ")[2]}') from error

    def _is_inside(self, name: str) -> bool:
        return (self.path / name).resolve().is_relative_to(self.path)
