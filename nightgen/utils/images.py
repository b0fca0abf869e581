"""Reading and writing pictures: RGB everywhere, 8 and 16 bit, and no half-decoded file taken for a whole one."""

import io
from pathlib import Path

import cv2
import mmengine.fileio as fileio
import numpy as np
import torch

from . import jpeg
from .ranges import Range, checked_range, to_range
from .tiff import TiffPage, tiff_pages

IMAGE_EXTENSIONS = ('.png', '.jpg', '.jpeg', '.bmp', '.tif', '.tiff', '.webp', '.jp2', '.ppm', '.pgm')
"""File endings (lower case) that count as pictures; upper case files are taken too."""

_FLAGS = {
    'color': cv2.IMREAD_COLOR | cv2.IMREAD_ANYDEPTH,  # grey becomes three channels, alpha is dropped, EXIF rotates
    'grey': cv2.IMREAD_GRAYSCALE | cv2.IMREAD_ANYDEPTH,
    'label': cv2.IMREAD_UNCHANGED,  # stored values, untouched
}
_TIFF = (b'II*\0', b'MM\0*', b'II+\0', b'MM\0+')
_PNG = b'\x89PNG\r\n\x1a\n'


class BrokenImageError(ValueError):
    """A picture that cannot be read whole; the message names it.

    It is made from one text alone, because that is how torch raises a worker's error again in the training process.
    """

    @classmethod
    def of(cls, path: str | Path, reason: str) -> 'BrokenImageError':
        """The error for one file."""
        return cls(f'cannot read image {path}: {reason}')


def truncation(data: bytes) -> str | None:
    """Tells whether an encoded picture ends too early, without decoding it.

    OpenCV decodes what it finds of a truncated JPEG (and, in older versions, PNG) and fills the rest with grey, so a
    half-copied data set would train without a word.

    Args:
        data: the file's bytes.

    Returns:
        What is missing, or None for a complete file and for formats whose decoder notices by itself.
    """
    if data[:2] == jpeg.MAGIC:
        return jpeg.truncation(data)
    if data[:8] == _PNG:
        return _png_truncation(data)
    if data[:4] == b'RIFF' and data[8:12] == b'WEBP':
        stated = int.from_bytes(data[4:8], 'little') + 8
        return f'WebP truncated: {len(data)} of {stated} bytes' if len(data) < stated else None
    return None


def _png_truncation(data: bytes) -> str | None:
    position = 8
    while position + 12 <= len(data):
        end = position + 12 + int.from_bytes(data[position:position + 4], 'big')
        if data[position + 4:position + 8] == b'IEND':
            return None
        position = end
    return 'PNG truncated: no IEND chunk'


def decode_image(data: bytes, path: str = '<bytes>', mode: str = 'color', value_range: Range = 'full') -> np.ndarray:
    """Decodes a picture.

    Args:
        data: the encoded file.
        path: its name, for the error message.
        mode: ``color`` gives H,W,3 RGB (grey is repeated, palettes are resolved, alpha is dropped, EXIF rotation is
            applied), ``grey`` gives H,W, ``label`` gives the stored values as H,W: of a palette and of 1, 2 and 4 bits
            too.
        value_range: Which of the stored numbers become black and white, see
            :func:`~nightgen.utils.ranges.to_range`. One that is stated reads the counts of a radiometric FLIR JPEG.

    Returns:
        A uint8 or uint16 array.

    Raises:
        BrokenImageError: empty, truncated, damaged or undecodable data, samples that are not 8 or 16 bit integers, a
            kind that is not read (GIF, HEIC, animations, planar TIFF of 16 bits), numbers outside the range.
    """
    if mode not in _FLAGS:
        raise ValueError(f"unknown mode '{mode}', there are {sorted(_FLAGS)}")
    value_range = checked_range(value_range)
    if mode == 'label' and value_range != 'full':
        raise ValueError(f'a label map is read as it is stored, without a range; got {value_range!r}')
    reason = truncation(data) if data else 'the file is empty'
    if reason is not None:
        raise BrokenImageError.of(path, reason)
    try:
        return to_range(_decode(data, mode, value_range != 'full'), value_range)
    except cv2.error as error:
        raise BrokenImageError.of(path, f'the decoder failed ({error.err})') from error
    except (ValueError, OSError, SyntaxError) as error:  # the last two are Pillow's
        raise BrokenImageError.of(path, str(error)) from error


def _decode(data: bytes, mode: str, counts: bool) -> np.ndarray:
    """The picture of a whole file.

    Raises:
        ValueError: Says what is wrong.
    """
    image = None
    if data[:2] == jpeg.MAGIC:
        raw = jpeg.raw_counts(data) if counts else None
        if raw is not None:
            return cv2.cvtColor(raw, cv2.COLOR_GRAY2RGB) if mode == 'color' else raw
        image = jpeg.decode(data, mode == 'color')
        if image is not None:
            return image
    _refuse_unread(data)
    if mode == 'label':
        image = _stored_values(data)
    if image is None:
        image = cv2.imdecode(np.frombuffer(data, np.uint8), _FLAGS[mode])
    if image is None:
        raise ValueError('not an image, or a corrupt one')
    if image.dtype not in (np.uint8, np.uint16):
        raise ValueError(f'samples are {image.dtype}; 8 or 16 bit integers are supported')
    if mode == 'color':
        if image.dtype == np.uint8 and data[:4] in _TIFF:
            image = _undo_alpha(image, data)
        return cv2.cvtColor(image, cv2.COLOR_BGR2RGB)
    if image.ndim != 2:
        raise ValueError(f'a single-channel label map is expected, got {image.shape[2]} channels')
    return image


def _refuse_unread(data: bytes) -> None:
    """Raises ValueError for kinds that OpenCV decodes wrongly, in part, or not at all."""
    if data[:4] == b'GIF8':
        raise ValueError('GIF is not read (frames of few colours); convert it to PNG, or to a video')
    if data[4:8] == b'ftyp' and data[8:12] in (b'heic', b'heix', b'hevc', b'mif1', b'msf1'):
        raise ValueError('HEIC is not read; convert it to PNG or JPEG')
    if _is_animated(data):
        raise ValueError('an animated PNG or WebP is not read (OpenCV would give its first frame only); convert it to '
                         'single images, or to a video')
    page = _first_page(data)
    if page is not None and page.planar and page.samples > 1 and page.bits > 8:
        raise ValueError(f'a TIFF of {page.bits} bits whose channels lie one after the other (planar) is not read; '
                         'write it pixel by pixel (tiffcp -p contig)')


def _is_animated(data: bytes) -> bool:
    """Whether a PNG (by its chunk acTL, which stands before the picture) or a WebP (by its flag) has several frames."""
    if data[:8] == _PNG:
        return 0 < data.find(b'acTL') < max(data.find(b'IDAT'), 0)
    return data[:4] == b'RIFF' and data[8:16] == b'WEBPVP8X' and bool(data[20] & 2)


def _first_page(data: bytes) -> TiffPage | None:
    return next(tiff_pages(io.BytesIO(data)), None) if data[:4] in _TIFF else None


def _stored_values(data: bytes) -> np.ndarray | None:
    """Indices into a palette, and values of less than 8 bits, which OpenCV turns into colours; None for other files."""
    page, png = _first_page(data), data[:8] == _PNG
    bits = data[24] if png else page.bits if page else 8
    if bits > 8 or data[:2] == jpeg.MAGIC or (png and bits == 8 and data[25] != 3):  # 3: the file has a palette
        return None
    from PIL import Image  # only here: it knows palettes

    try:
        picture = Image.open(io.BytesIO(data))
    except OSError:  # a kind that Pillow does not know; OpenCV may
        return None
    if picture.mode in ('P', '1'):
        return np.asarray(picture).astype(np.uint8)
    # Fewer bits come spread over 8: 85 for the 1 of 2 bits.
    return np.asarray(picture) >> (8 - bits) if picture.mode == 'L' and bits < 8 else None


def _undo_alpha(image: np.ndarray, data: bytes) -> np.ndarray:
    """The colours of an 8-bit TIFF with alpha as they were: OpenCV gives them multiplied by it, as if on black.

    Where alpha is 0 nothing is left to be found again, and the picture is black.
    """
    whole = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_UNCHANGED)
    if whole is None or whole.ndim != 3 or whole.shape[2] != 4 or whole[..., 3].min() == 255:
        return image
    alpha = np.maximum(whole[..., 3:].astype(np.float32), 1)
    return np.rint(whole[..., :3].astype(np.float32) * 255 / alpha).clip(0, 255).astype(np.uint8)


def read_image(path: str, mode: str = 'color', backend_args: dict | None = None, value_range: Range = 'full'
               ) -> np.ndarray:
    """Reads a picture through mmengine's file backends; see :func:`decode_image`.

    Raises:
        BrokenImageError: the file is missing, unreadable or not a whole picture.
    """
    try:
        data = fileio.get(str(path), backend_args=backend_args)
    except OSError as error:
        raise BrokenImageError.of(path, error.strerror or str(error)) from error
    return decode_image(bytes(data), str(path), mode, value_range)


def write_image(path: str, image: np.ndarray) -> None:
    """Writes an RGB H,W,3 (or grey H,W) uint8 or uint16 picture in the format that the file's ending names.

    Raises:
        OSError: the picture could not be encoded or written.
    """
    bgr = cv2.cvtColor(image, cv2.COLOR_RGB2BGR) if image.ndim == 3 else image
    try:
        ok, data = cv2.imencode(Path(path).suffix.lower(), bgr)
    except cv2.error as error:
        raise OSError(f'cannot encode {path}: {error.err}') from error
    if not ok:
        raise OSError(f'cannot encode {path}')
    fileio.put(data.tobytes(), str(path))


def image_to_tensor(image: np.ndarray) -> torch.Tensor:
    """H,W,C or H,W array to a contiguous C,H,W or H,W tensor of the same type."""
    return torch.from_numpy(np.ascontiguousarray(image.transpose(2, 0, 1) if image.ndim == 3 else image))


def tensor_to_image(tensor: torch.Tensor) -> np.ndarray:
    """C,H,W tensor (any device) to a contiguous H,W,C array of the same type."""
    return np.ascontiguousarray(tensor.detach().cpu().numpy().transpose(1, 2, 0))


def to_uint8(image: np.ndarray) -> np.ndarray:
    """A uint8 or uint16 picture on the 8-bit scale (65535 becomes 255)."""
    if image.dtype == np.uint8:
        return image
    if image.dtype != np.uint16:
        raise TypeError(f'uint8 or uint16 is expected, got {image.dtype}')
    return ((image.astype(np.uint32) + 128) // 257).astype(np.uint8)
