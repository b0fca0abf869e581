# Picture banks that are made once per process: tileable ground and wall textures, noise, clouds, foliage.
"""Procedural textures. All are deterministic, independent of the scene's seed, and cached per process."""

from __future__ import annotations

from functools import lru_cache

import cv2
import numpy as np

TEXEL = 0.025  # metres per texel of the surface textures
TILE = 512  # texels


def _tileable_noise(rng: np.random.Generator, size: int, sigma: float) -> np.ndarray:
    """Gaussian noise blurred by `sigma` texels around a torus, unit variance, size,size float32."""
    spectrum = np.fft.rfft2(rng.standard_normal((size, size)))
    fy, fx = np.fft.fftfreq(size)[:, None], np.fft.rfftfreq(size)[None]
    spectrum *= np.exp(-2 * (np.pi * sigma) ** 2 * (fy**2 + fx**2))
    field = np.fft.irfft2(spectrum, s=(size, size))
    field -= field.mean()
    return (field / field.std()).astype(np.float32)


def _to_byte(field: np.ndarray, contrast: float) -> np.ndarray:
    return np.clip(128 + field * contrast, 0, 255).astype(np.uint8)


LAYERS = ('asphalt', 'paving', 'grass', 'brick', 'plaster')
_GUARD = 4  # rows that a layer repeats, so that interpolation never reads its neighbour


def _slabs(rng: np.random.Generator) -> np.ndarray:
    field = 0.35 * _tileable_noise(rng, TILE, 1) + 0.45 * _tileable_noise(rng, TILE, 20)
    slab = 32
    tint = rng.standard_normal((TILE // slab, TILE // slab)).astype(np.float32)
    field += 0.6 * np.kron(tint, np.ones((slab, slab), np.float32))
    field[::slab], field[1::slab], field[:, ::slab], field[:, 1::slab] = -3, -2, -3, -2
    return field


def _bricks(rng: np.random.Generator) -> np.ndarray:
    field = 0.3 * _tileable_noise(rng, TILE, 1) + 0.4 * _tileable_noise(rng, TILE, 40)
    course, length = 8, 32
    for row in range(TILE // course):
        shades = np.repeat(rng.standard_normal(TILE // length).astype(np.float32), length)
        line = 0.7 * shades
        line[::length] = line[1::length] = -2.2
        field[row * course : (row + 1) * course] += np.roll(line, (row % 2) * (length // 2))
        field[row * course] = -2.2
    return field


@lru_cache(maxsize=1)
def surface_atlas() -> np.ndarray:
    """The LAYERS below each other, each TILE + 4 rows by TILE columns uint8; 128 is neutral."""
    rng = np.random.default_rng(20260)

    def mix(*parts: tuple[float, float]) -> np.ndarray:
        return sum(weight * _tileable_noise(rng, TILE, sigma) for weight, sigma in parts)

    fields = (
        _to_byte(mix((0.6, 0.8), (0.5, 3), (0.5, 14), (0.5, 60)), 26),
        _to_byte(_slabs(rng), 26),
        _to_byte(mix((0.9, 1.2), (0.5, 6), (0.6, 35)), 30),
        _to_byte(_bricks(rng), 26),
        _to_byte(mix((0.5, 1.0), (0.4, 4), (0.6, 25)), 22),
    )
    return np.ascontiguousarray(np.concatenate([np.concatenate([field, field[:_GUARD]]) for field in fields]))


def layer_offset(layer: int) -> int:
    """First row of a layer in the atlas."""
    return layer * (TILE + _GUARD)


@lru_cache(maxsize=1)
def blotches() -> np.ndarray:
    """TILE,TILE uint8, 128 is neutral: large soft stains, sampled at a metre per few texels."""
    rng = np.random.default_rng(20261)
    field = _tileable_noise(rng, TILE, 3) * 0.4 + _tileable_noise(rng, TILE, 10) * 0.6 + _tileable_noise(rng, TILE, 30)
    return _to_byte(field, 32)


@lru_cache(maxsize=1)
def clouds() -> np.ndarray:
    """TILE,TILE uint8: billowy clouds, 0 is clear sky."""
    rng = np.random.default_rng(20262)
    field = sum(_tileable_noise(rng, TILE, s) * w for s, w in ((48, 1.0), (20, 0.6), (8, 0.35), (3, 0.18), (1, 0.08)))
    return _to_byte(field / 1.3, 62)


@lru_cache(maxsize=1)
def noise_bank() -> np.ndarray:
    """3,1024,1024 float32 of unit variance, smeared a little as by demosaicing; scenes take pieces of it."""
    white = np.random.default_rng(20263).standard_normal((3, 1024, 1024)).astype(np.float32)
    smeared = np.stack([cv2.GaussianBlur(plane, (3, 3), 0.5) for plane in white])
    return smeared / smeared.std()


@lru_cache(maxsize=1)
def byte_noise() -> np.ndarray:
    """1024,1024,3 uint8, 128 is neutral, 24 levels standard deviation: `noise_bank` for byte pictures."""
    return _to_byte(np.ascontiguousarray(noise_bank().transpose(1, 2, 0)), 24)


def _piece(bank: np.ndarray, rng: np.random.Generator, height: int, width: int, first: int) -> np.ndarray:
    """A random part of a bank, whose rows are axis `first`; wraps around for large pictures."""
    top, left = (int(value) for value in rng.integers(0, 1024, 2))
    if height <= 1024 and width <= 1024:
        top, left = top % (1025 - height), left % (1025 - width)
        return bank[(slice(None),) * first + (slice(top, top + height), slice(left, left + width))]
    return bank.take((np.arange(height) + top) % 1024, first).take((np.arange(width) + left) % 1024, first + 1)


def noise(rng: np.random.Generator, height: int, width: int) -> np.ndarray:
    """Random normal grain, 3,height,width float32, not to be written to."""
    piece = _piece(noise_bank(), rng, height, width, 1)
    flip = int(rng.integers(0, 8))
    piece = piece[:, :, ::-1] if flip & 1 else piece
    return piece[::-1] if flip & 2 else piece


def add_byte_noise(picture: np.ndarray, rng: np.random.Generator, sigma: float) -> np.ndarray:
    """A byte picture H,W,3 with grain of `sigma` levels."""
    piece = _piece(byte_noise(), rng, *picture.shape[:2], 0)
    return cv2.addWeighted(picture, 1.0, piece, sigma / 24, -128 * sigma / 24)


FOLIAGE_SHADES = 6


@lru_cache(maxsize=1)
def crowns() -> list[np.ndarray]:
    """Tree crowns, 192,192 uint8: 0 = nothing, 1 (deep shade) to FOLIAGE_SHADES (sunlit). Broad, tall and bare ones."""
    rng = np.random.default_rng(20264)
    size = 192
    yy, xx = np.mgrid[0:size, 0:size].astype(np.float32) / size * 2 - 1
    out = []
    for number in range(14):
        leaf = _tileable_noise(rng, size, 1.6)
        clump = _tileable_noise(rng, size, 7)
        form = np.full((size, size), -1.0, np.float32)
        light = np.zeros((size, size), np.float32)
        slender = number % 3 == 1
        for _ in range(int(rng.integers(12, 24))):
            angle, distance = rng.uniform(0, 2 * np.pi), np.sqrt(rng.uniform(0, 1)) * 0.62
            cx, cy = np.cos(angle) * distance * (0.55 if slender else 1), np.sin(angle) * distance
            if number % 3 == 2:  # a cone: wide at the bottom
                cx *= 0.25 + 0.75 * (cy + 0.7) / 1.4
            radius = rng.uniform(0.2, 0.36)
            ball = 1 - np.hypot(xx - cx, yy - cy) / radius
            light = np.where(ball > form, 0.75 * (-(yy - cy) / radius - 0.3 * (xx - cx) / radius), light)
            form = np.maximum(form, ball)
        density = form * 3.2 + 0.42 * leaf + 0.5 * clump - 0.12
        shade = 0.9 * light - 0.45 * yy + 0.55 * leaf + 0.45 * clump
        shade = np.digitize(shade, [-0.95, -0.5, -0.05, 0.45, 1.0]) + 1
        out.append(np.where(density > 0, shade, 0).astype(np.uint8))
    return out


def _branch(mask: np.ndarray, rng: np.random.Generator, foot, angle: float, length: float, thick: float) -> None:
    """A branch and the ones that grow from it, into `mask`."""
    tip = (foot[0] + length * np.sin(angle), foot[1] - length * np.cos(angle))
    ends = [tuple(int(16 * value) for value in point) for point in (foot, tip)]
    cv2.line(mask, *ends, int(rng.integers(1, 4)), max(round(thick), 1), cv2.LINE_8, 4)
    if length > 5:
        for side in (-1, 1):
            for _ in range(1 + int(rng.random() < 0.4)):
                share = rng.uniform(0.45, 1.0)
                start = (foot[0] + (tip[0] - foot[0]) * share, foot[1] + (tip[1] - foot[1]) * share)
                turn = angle + side * rng.uniform(0.2, 0.75)
                _branch(mask, rng, start, turn, length * rng.uniform(0.62, 0.8), thick * 0.6)


@lru_cache(maxsize=1)
def bare_crowns() -> list[np.ndarray]:
    """Crowns without leaves, in the size and code of `crowns`."""
    rng, size = np.random.default_rng(20266), 192
    out = []
    for _ in range(4):
        mask = np.zeros((size, size), np.uint8)
        for angle in (-0.5, 0.05, 0.55):
            _branch(mask, rng, (size / 2, size - 2), angle + rng.normal(0, 0.1), rng.uniform(44, 56), 5)
        out.append(mask)
    return out


@lru_cache(maxsize=1)
def hedges() -> list[np.ndarray]:
    """Hedges and bushes, 96,384 uint8 in the code of `crowns`."""
    rng = np.random.default_rng(20265)
    out = []
    for _ in range(4):
        leaf = _tileable_noise(rng, 384, 1.5)[:96]
        clump = _tileable_noise(rng, 384, 9)[:96]
        edge = cv2.GaussianBlur(rng.standard_normal((1, 384)).astype(np.float32), (0, 0), 8)
        rows = np.arange(96, dtype=np.float32)[:, None]
        solid = rows > 18 + edge / edge.std() * 7 + leaf * 2.5
        shade = np.digitize(0.6 * leaf + 0.7 * clump + (40 - rows) / 45, [-0.95, -0.5, -0.05, 0.45, 1.0]) + 1
        out.append(np.where(solid, shade, 0).astype(np.uint8))
    return out
