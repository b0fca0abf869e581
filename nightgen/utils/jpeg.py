"""JPEG files: their segments, what is missing of them, decoding that notices lost bytes, counts of thermal cameras."""

import io
import re
from collections.abc import Iterator

import numpy as np
import simplejpeg

MAGIC = b'\xff\xd8'
_WITHOUT_LENGTH = frozenset((0x01, *range(0xD0, 0xD8)))  # TEM, RST0 to RST7: markers that carry no segment
_SCAN, _END, _APP1 = 0xDA, 0xD9, 0xE1
_RAW_DATA = 1  # type of the record with the counts in FLIR's directory


def segments(data: bytes) -> Iterator[tuple[int, int, int]]:
    """Marker, start and end of the contents of each segment up to the first scan, or up to where the file is cut.

    An EXIF thumbnail before the scan has markers of its own; they are inside a segment and are not met.
    """
    position = 2
    while True:
        position = data.find(b'\xff', position)
        if position < 0 or position + 2 > len(data):
            return
        marker = data[position + 1]
        if marker in (0xFF, 0x00):
            position += 1
        elif marker in _WITHOUT_LENGTH:
            position += 2
        elif marker in (_SCAN, _END):
            yield marker, position, len(data)
            return
        else:
            end = position + 2 + int.from_bytes(data[position + 2:position + 4], 'big')
            yield marker, position + 4, end
            position = end


def truncation(data: bytes) -> str | None:
    """What is missing at the end of a JPEG, or None."""
    last, start = _END, 0
    for last, start, _ in segments(data):
        if last == _SCAN:  # inside a scan 0xFF is always escaped, so 0xFFD9 is the true end
            return None if data.rfind(b'\xff\xd9', start) >= 0 else 'JPEG truncated: no end-of-image marker'
    return 'JPEG without image data' if last == _END and start else 'JPEG truncated: it ends inside the header'


def decode(data: bytes, color: bool = True) -> np.ndarray | None:
    """Decodes a JPEG, or where another decoder has to (grey, CMYK, EXIF) only checks it.

    OpenCV tells of damaged data on stderr alone, and gives a picture that is grey or shifted from there on. The decoder
    of simplejpeg is the same library, libjpeg-turbo, and fails with its words. It notices nearly every loss of bytes; a
    flipped bit often gives another valid picture, and JPEG has no checksum that could tell.

    Warnings that lose nothing are let pass: cameras that fill up with zeros before the end, and odd scan parameters.

    Returns:
        H,W,3 uint8 RGB, or None: whole, to be decoded elsewhere.

    Raises:
        ValueError: Damaged data; says what libjpeg found.
    """
    try:
        return _decode(data, color, True)
    except ValueError as error:
        if not _harmless(str(error), data):
            raise ValueError(f'damaged JPEG ({error})') from error
    try:
        return _decode(data, color, False)
    except ValueError as error:
        raise ValueError(f'damaged JPEG ({error})') from error


def _harmless(warning: str, data: bytes) -> bool:
    """Whether a warning of libjpeg is of something else than lost data."""
    if not warning.startswith(('Corrupt JPEG data', 'Premature end')):
        return True  # an error comes again when it is decoded without warnings
    extra = re.search(r'(\d+) extraneous bytes before marker 0xd9', warning)
    end = data.rfind(b'\xff\xd9')
    return bool(extra) and not any(data[end - int(extra.group(1)):end])


def _decode(data: bytes, color: bool, strict: bool) -> np.ndarray | None:
    space = simplejpeg.decode_jpeg_header(data)[2]
    if color and space in ('YCbCr', 'RGB', 'Gray') and not any(
            marker == _APP1 and data[start:start + 4] == b'Exif' for marker, start, _ in segments(data)):
        return simplejpeg.decode_jpeg(data, 'RGB', strict=strict)
    kind = 'CMYK' if space in ('CMYK', 'YCCK') else 'GRAY'
    # All data are read, but only one pixel in 64 is made of them.
    simplejpeg.decode_jpeg(data, kind, min_height=1, min_width=1, min_factor=8, strict=strict)
    return None


def is_radiometric(data: bytes) -> bool:
    """Whether a JPEG carries FLIR's record of counts beside the picture that shows them."""
    return data[:2] == MAGIC and any(True for _ in _flir_parts(data))


def _flir_parts(data: bytes) -> Iterator[tuple[int, bytes]]:
    for marker, start, end in segments(data):
        if marker == _APP1 and data[start:start + 5] == b'FLIR\0':
            yield data[start + 6], data[start + 8:end]


def raw_counts(data: bytes) -> np.ndarray | None:
    """The counts of a radiometric FLIR JPEG, H,W uint16; None for any other JPEG.

    The record ``FFF`` is split over APP1 segments; its directory (offset at byte 24, number of entries at 28, 32 bytes
    each) leads to the counts, which are plain numbers or a PNG whose two bytes are swapped. Layout as ExifTool's FLIR
    tables describe it.

    Raises:
        ValueError: A record of another form.
    """
    record = b''.join(part for _, part in sorted(_flir_parts(data), key=lambda part: part[0]))
    if not record:
        return None
    if record[:4] != b'FFF\0' or len(record) < 64:
        raise ValueError('a FLIR record that does not start with FFF')
    order = 'big' if int.from_bytes(record[20:24], 'big') < 1000 else 'little'

    def number(place: int, size: int) -> int:
        return int.from_bytes(record[place:place + size], order)

    for index in range(number(28, 4)):
        entry = number(24, 4) + 32 * index
        if number(entry, 2) == _RAW_DATA:
            start, length = number(entry + 12, 4), number(entry + 16, 4)
            return _counts_of(record[start:start + length])
    raise ValueError('a FLIR record without counts')


def _counts_of(raw: bytes) -> np.ndarray:
    order = '<' if raw[:2] == b'\x02\0' else '>'
    width, height = np.frombuffer(raw, f'{order}u2', 2, 2).tolist() if len(raw) > 32 else (0, 0)
    if raw[32:36] == b'\x89PNG':
        from PIL import Image
        counts = np.asarray(Image.open(io.BytesIO(raw[32:]))).astype(np.uint16).byteswap()
    elif width * height and len(raw) >= 32 + 2 * width * height:
        counts = np.frombuffer(raw, f'{order}u2', width * height, 32).reshape(height, width).astype(np.uint16)
    else:
        raise ValueError('FLIR counts that are neither plain numbers nor a PNG')
    if counts.shape != (height, width):
        raise ValueError(f'FLIR counts of {counts.shape}, which should be {(height, width)}')
    return counts
