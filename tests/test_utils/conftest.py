"""JPEGs made by hand: a camera's picture, and one that carries FLIR's record of counts."""

import io
from collections.abc import Callable

import cv2
import numpy as np
import pytest
from PIL import Image


def street(seed: int = 0) -> np.ndarray:
    """A smooth picture with some noise: what a camera's JPEG holds."""
    small = np.random.default_rng(seed).integers(0, 256, (9, 12, 3), dtype=np.uint8)
    noise = np.random.default_rng(seed).normal(0, 6, (144, 192, 3))
    return np.clip(cv2.resize(small, (192, 144), interpolation=cv2.INTER_CUBIC) + noise, 0, 255).astype(np.uint8)


def encoded(image: np.ndarray, **options) -> bytes:
    data = io.BytesIO()
    Image.fromarray(image).save(data, 'JPEG', quality=90, **options)
    return data.getvalue()


def with_segments(data: bytes, *contents: bytes) -> bytes:
    """A JPEG with APP1 segments before its own."""
    return data[:2] + b''.join(b'\xff\xe1' + (len(content) + 2).to_bytes(2, 'big') + content
                               for content in contents) + data[2:]


def radiometric(counts: np.ndarray, order: str, png: bool, parts: int = 3) -> bytes:
    """A JPEG as FLIR's cameras write it: the record FFF with a directory of two entries, split over segments."""
    height, width = counts.shape
    raw = np.array([2, width, height], f'{order}u2').tobytes().ljust(32, b'\0')
    raw += cv2.imencode('.png', counts.byteswap())[1].tobytes() if png else counts.astype(f'{order}u2').tobytes()
    large = 'big' if order == '>' else 'little'

    def entry(kind: int, start: int, length: int) -> bytes:
        return (kind.to_bytes(2, large) + bytes(10) + start.to_bytes(4, large) + length.to_bytes(4, large)).ljust(
            32, b'\0')

    head = b'FFF\0' + b'CAM'.ljust(16, b'\0') + (101).to_bytes(4, large) + (64).to_bytes(4, large) + \
        (2).to_bytes(4, large)
    record = head.ljust(64, b'\0') + entry(32, 128, 0) + entry(1, 128, len(raw)) + raw
    step = -(-len(record) // parts)
    pieces = [b'FLIR\0\x01' + bytes([index, parts - 1]) + record[index * step:(index + 1) * step]
              for index in range(parts)]
    return with_segments(encoded(street()), *pieces)


@pytest.fixture(name='street')
def street_fixture() -> Callable[..., np.ndarray]:
    """``street(seed=0)``: H,W,3."""
    return street


@pytest.fixture(name='encoded')
def encoded_fixture() -> Callable[..., bytes]:
    """``encoded(picture, **options)``: a JPEG."""
    return encoded


@pytest.fixture(name='with_segments')
def with_segments_fixture() -> Callable[..., bytes]:
    """``with_segments(jpeg, *contents)``: with APP1 segments more."""
    return with_segments


@pytest.fixture(name='radiometric')
def radiometric_fixture() -> Callable[..., bytes]:
    """``radiometric(counts, order, png)``: a JPEG with counts."""
    return radiometric
