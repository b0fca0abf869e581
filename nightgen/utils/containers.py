"""Whether a video file is all there, by the sizes that its container states of its parts."""

import os
from pathlib import Path
from typing import BinaryIO

VIDEO_EXTENSIONS = ('.mp4', '.m4v', '.mov', '.mkv', '.webm', '.avi', '.divx', '.mpg', '.mpeg', '.m2v', '.vob', '.ts',
                    '.mts', '.m2ts', '.wmv', '.asf', '.flv', '.3gp', '.3g2', '.ogv', '.mxf', '.mjpeg', '.dv')
"""File endings (lower case) of videos."""
_EBML, _SEGMENT = 0x1A45DFA3, 0x18538067


def missing_bytes(path: str | os.PathLike) -> int | None:
    """How many bytes a video file lacks at its end.

    A part (a box of MP4 and MOV, a RIFF chunk of AVI, the segment of Matroska and WebM) that is longer than the file is
    a cut. Numbers of frames and durations are not looked at: containers estimate them.

    Returns:
        0 for a whole file, None where the container does not say (a recording without stated sizes, another kind).
    """
    total = Path(path).stat().st_size
    with open(path, 'rb') as file:
        head = file.read(12)
        file.seek(0)
        if head[:4] == b'RIFF':
            end = _riff_end(file, total)
        elif head[4:8] in (b'ftyp', b'moov', b'mdat', b'free', b'wide', b'skip'):
            end = _boxes_end(file, total)
        elif int.from_bytes(head[:4], 'big') == _EBML:
            end = _matroska_end(file, total)
        else:
            end = None
    return None if end is None else max(end - total, 0)


def _riff_end(file: BinaryIO, total: int) -> int | None:
    position = 0
    while position + 8 <= total:  # a large AVI has several
        file.seek(position)
        head = file.read(8)
        if head[:4] != b'RIFF':
            break
        size = int.from_bytes(head[4:], 'little')
        if size in (0, 0xFFFFFFFF):  # a recorder that never came back to write it
            return None
        position += 8 + size
    return position


def _boxes_end(file: BinaryIO, total: int) -> int | None:
    position = 0
    while position + 8 <= total:
        file.seek(position)
        head = file.read(16)
        size, first = int.from_bytes(head[:4], 'big'), 8
        if size == 0:  # to the end of the file
            return total
        if size == 1:
            size, first = int.from_bytes(head[8:], 'big'), 16
        if size < first:
            return None
        position += size
    return position


def _matroska_end(file: BinaryIO, total: int) -> int | None:
    position = 0
    while position < total:
        file.seek(position)
        identity, size = _number(file, marker=True), _number(file)
        if identity is None or size is None:
            return None
        position = file.tell() + size
        if identity == _SEGMENT:
            break
    return position


def _number(file: BinaryIO, marker: bool = False) -> int | None:
    """EBML's number of one to eight bytes, with its length marker or without; None for 'unknown' and at the end."""
    first = file.read(1)
    if not first or not first[0]:
        return None
    length = 9 - first[0].bit_length()
    value = int.from_bytes(first + file.read(length - 1), 'big')
    bits = 7 * length
    if marker:
        return value
    value &= (1 << bits) - 1
    return None if value == (1 << bits) - 1 else value
