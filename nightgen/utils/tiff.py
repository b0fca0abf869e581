"""What of a TIFF's structure has to be known before it is decoded: pages, planes and bits."""

import os
import struct
from collections.abc import Iterator
from typing import BinaryIO, NamedTuple

_SUBFILE, _BITS, _SAMPLES, _PLANAR = 254, 258, 277, 284
_SIZES = {3: 2, 4: 4, 16: 8}  # bytes of a value of the types SHORT, LONG and LONG8
_MOST_PAGES = 100_000


class TiffPage(NamedTuple):
    """One picture of a TIFF.

    Attributes:
        bits: Of a sample.
        samples: Of a pixel.
        planar: Whether the channels lie one after the other instead of pixel by pixel.
        reduced: Whether it is a smaller copy of another page (a thumbnail, a pyramid's level).
    """

    bits: int
    samples: int
    planar: bool
    reduced: bool


def tiff_pages(file: BinaryIO) -> Iterator[TiffPage]:
    """The pages of an open TIFF (or BigTIFF), read from their directories alone; a damaged directory ends them."""
    head = file.read(16)
    order = {b'II': '<', b'MM': '>'}.get(head[:2])
    if order is None or len(head) < 8:
        return
    version = struct.unpack(f'{order}H', head[2:4])[0]
    if version not in (42, 43) or (version == 43 and len(head) < 16):
        return
    count_format, entry_format, offset_format = ('H', 'HHI4s', 'I') if version == 42 else ('Q', 'HHQ8s', 'Q')
    place, = struct.unpack(order + offset_format, head[4:8] if version == 42 else head[8:16])
    seen: set[int] = set()
    while place and place not in seen and len(seen) < _MOST_PAGES:
        seen.add(place)
        file.seek(place)
        try:
            count, = struct.unpack(order + count_format, file.read(struct.calcsize(order + count_format)))
            size = struct.calcsize(order + entry_format)
            entries = [struct.unpack(order + entry_format, file.read(size)) for _ in range(min(count, 4096))]
            tags = {tag: value for tag, value in (_first(file, order, entry) for entry in entries)}
            file.seek(place + struct.calcsize(order + count_format) + size * count)
            place, = struct.unpack(order + offset_format, file.read(struct.calcsize(order + offset_format)))
        except struct.error:
            return
        yield TiffPage(tags.get(_BITS, 1), tags.get(_SAMPLES, 1), tags.get(_PLANAR, 1) == 2,
                       bool(tags.get(_SUBFILE, 0) & 1))


def _first(file: BinaryIO, order: str, entry: tuple) -> tuple[int, int]:
    """A tag and its first value, 0 where it is no number of interest."""
    tag, kind, count, value = entry
    if tag not in (_SUBFILE, _BITS, _SAMPLES, _PLANAR) or kind not in _SIZES:
        return tag, 0
    code = order + {2: 'H', 4: 'I', 8: 'Q'}[_SIZES[kind]]
    if count * _SIZES[kind] > len(value):
        file.seek(struct.unpack(order + ('I' if len(value) == 4 else 'Q'), value)[0])
        value = file.read(_SIZES[kind])
    return tag, struct.unpack(code, value[:_SIZES[kind]])[0]


def further_pages(path: str | os.PathLike) -> int:
    """How many pages a TIFF has beside its first, smaller copies of a page not counted; 0 for what is no TIFF."""
    with open(path, 'rb') as file:
        return max(sum(not page.reduced for page in tiff_pages(file)) - 1, 0)
