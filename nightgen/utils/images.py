"""Reading and writing pictures: RGB everywhere, 8 and 16 bit, and no half-decoded file taken for a whole one."""

from pathlib import Path

import cv2
import mmengine.fileio as fileio
import numpy as np
import torch

IMAGE_EXTENSIONS = ('.png', '.jpg', '.jpeg', '.bmp', '.tif', '.tiff', '.webp', '.jp2', '.ppm', '.pgm')
"""File endings (lower case) that count as pictures; upper case files are taken too."""

_FLAGS = {
    'color': cv2.IMREAD_COLOR | cv2.IMREAD_ANYDEPTH,  # grey becomes three channels, alpha is dropped, EXIF rotates
    'grey': cv2.IMREAD_GRAYSCALE | cv2.IMREAD_ANYDEPTH,
    'label': cv2.IMREAD_UNCHANGED,  # stored values, untouched
}
_TIFF = (b'II*\0', b'MM\0*')
_JPEG_WITHOUT_LENGTH = frozenset((0x01, *range(0xD0, 0xD8)))  # TEM, RST0 to RST7: markers that carry no segment


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
    if data[:2] == b'\xff\xd8':
        return _jpeg_truncation(data)
    if data[:8] == b'\x89PNG\r\n\x1a\n':
        return _png_truncation(data)
    if data[:4] == b'RIFF' and data[8:12] == b'WEBP':
        stated = int.from_bytes(data[4:8], 'little') + 8
        return f'WebP truncated: {len(data)} of {stated} bytes' if len(data) < stated else None
    return None


def _jpeg_truncation(data: bytes) -> str | None:
    # Walk the segments up to the first scan: an EXIF thumbnail before it has an end marker of its own.
    position = 2
    while True:
        position = data.find(b'\xff', position)
        if position < 0 or position + 2 > len(data):
            return 'JPEG truncated: it ends inside the header'
        marker = data[position + 1]
        if marker in (0xFF, 0x00):
            position += 1
        elif marker in _JPEG_WITHOUT_LENGTH:
            position += 2
        elif marker == 0xDA:  # start of scan; inside a scan 0xFF is always escaped, so 0xFFD9 is the true end
            return None if data.rfind(b'\xff\xd9', position) >= 0 else 'JPEG truncated: no end-of-image marker'
        elif marker == 0xD9:
            return 'JPEG without picture data'
        else:
            position += 2 + int.from_bytes(data[position + 2:position + 4], 'big')


def _png_truncation(data: bytes) -> str | None:
    position = 8
    while position + 12 <= len(data):
        end = position + 12 + int.from_bytes(data[position:position + 4], 'big')
        if data[position + 4:position + 8] == b'IEND':
            return None
        position = end
    return 'PNG truncated: no IEND chunk'


def decode_image(data: bytes, path: str = '<bytes>', mode: str = 'color') -> np.ndarray:
    """Decodes a picture.

    Args:
        data: the encoded file.
        path: its name, for the error message.
        mode: ``color`` gives H,W,3 RGB (grey is repeated, palettes are resolved, alpha is dropped, EXIF rotation is
            applied), ``grey`` gives H,W, ``label`` gives the stored values as H,W.

    Returns:
        A uint8 or uint16 array.

    Raises:
        BrokenImageError: empty, truncated or undecodable data, or samples that are not 8 or 16 bit integers.
    """
    if mode not in _FLAGS:
        raise ValueError(f"unknown mode '{mode}', there are {sorted(_FLAGS)}")
    if not data:
        raise BrokenImageError.of(path, 'the file is empty')
    missing = truncation(data)
    if missing is not None:
        raise BrokenImageError.of(path, missing)
    try:
        image = cv2.imdecode(np.frombuffer(data, np.uint8), _FLAGS[mode])
    except cv2.error as error:
        raise BrokenImageError.of(path, f'the decoder failed ({error.err})') from error
    if image is None:
        raise BrokenImageError.of(path, 'not an image, or a corrupt one')
    if image.dtype not in (np.uint8, np.uint16):
        raise BrokenImageError.of(path, f'samples are {image.dtype}; 8 or 16 bit integers are supported')
    if mode == 'color':
        if image.dtype == np.uint8 and data[:4] in _TIFF:
            image = _undo_alpha(image, data)
        return cv2.cvtColor(image, cv2.COLOR_BGR2RGB)
    if image.ndim != 2:
        raise BrokenImageError.of(path, f'a single-channel label map is expected, got {image.shape[2]} channels')
    return image


def _undo_alpha(image: np.ndarray, data: bytes) -> np.ndarray:
    """The colours of an 8-bit TIFF with alpha as they were: OpenCV gives them multiplied by it, as if on black.

    Where alpha is 0 nothing is left to be found again, and the picture is black.
    """
    whole = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_UNCHANGED)
    if whole is None or whole.ndim != 3 or whole.shape[2] != 4 or whole[..., 3].min() == 255:
        return image
    alpha = np.maximum(whole[..., 3:].astype(np.float32), 1)
    return np.rint(whole[..., :3].astype(np.float32) * 255 / alpha).clip(0, 255).astype(np.uint8)


def read_image(path: str, mode: str = 'color', backend_args: dict | None = None) -> np.ndarray:
    """Reads a picture through mmengine's file backends; see :func:`decode_image`.

    Raises:
        BrokenImageError: the file is missing, unreadable or not a whole picture.
    """
    try:
        data = fileio.get(str(path), backend_args=backend_args)
    except OSError as error:
        raise BrokenImageError.of(path, error.strerror or str(error)) from error
    return decode_image(bytes(data), str(path), mode)


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
