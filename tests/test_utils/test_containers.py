"""Sizes in containers: whole files, cut ones, and those that do not say."""

import cv2
import numpy as np
import pytest

from nightgen.utils.containers import missing_bytes


@pytest.mark.parametrize(('ending', 'code'), [('mp4', 'mp4v'), ('mov', 'mp4v'), ('avi', 'MJPG'), ('mkv', 'mp4v'),
                                              ('webm', 'VP80')])
def test_what_encoders_write_is_whole_and_a_cut_is_counted(tmp_path, ending, code):
    path = tmp_path / f'a.{ending}'
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter_fourcc(*code), 12.0, (32, 24))
    for seed in range(9):
        writer.write(np.random.default_rng(seed).integers(0, 256, (24, 32, 3), dtype=np.uint8))
    writer.release()
    data = path.read_bytes()
    assert missing_bytes(path) == 0
    path.write_bytes(data + b'trailing rubbish of 24 byte')
    assert ending in ('mp4', 'mov') or missing_bytes(path) == 0
    path.write_bytes(data[:-1])
    assert missing_bytes(path) == 1
    path.write_bytes(data[:-300])
    assert missing_bytes(path) == 300


def box(kind: bytes, size: int, content: bytes = b'') -> bytes:
    return size.to_bytes(4, 'big') + kind + content


@pytest.mark.parametrize(('data', 'missing'), [
    (box(b'ftyp', 16, bytes(8)) + box(b'moov', 8) + box(b'mdat', 1000, bytes(92)), 900),  # ready to be streamed, cut
    (box(b'ftyp', 16, bytes(8)) + box(b'mdat', 1) + (50).to_bytes(8, 'big') + bytes(34), 0),  # a size of 64 bits
    (box(b'ftyp', 16, bytes(8)) + box(b'mdat', 1) + (5000).to_bytes(8, 'big') + bytes(34), 4950),
    (box(b'ftyp', 16, bytes(8)) + box(b'mdat', 0, bytes(40)), 0),  # to the end of the file
    (box(b'ftyp', 16, bytes(8)) + box(b'mdat', 3), None),
    (b'RIFF' + bytes(4) + b'AVI ' + bytes(90), None),  # a recorder that was switched off
    (b'RIFF' + (92).to_bytes(4, 'little') + bytes(92) + b'RIFF' + (70).to_bytes(4, 'little') + bytes(20), 50),
    (b'\x1aE\xdf\xa3\x81\0\x18S\x80g\x01\xff\xff\xff\xff\xff\xff\xff' + bytes(40), None),  # live: unknown size
    (b'\x1aE\xdf\xa3\x81\0\x18S\x80g\x81' + bytes(1), 0),
    (b'\x1aE\xdf\xa3\x81\0\x18S\x80g\x40\x10' + bytes(6), 10),
    (b'G@\0\x10' * 100, None), (b'', None)])
def test_sizes_made_by_hand(tmp_path, data, missing):
    (tmp_path / 'x').write_bytes(data)
    assert missing_bytes(tmp_path / 'x') == missing
