# From the index buffer to per-pixel maps: what all renderings of a scene are shaded from.
"""Resolves a drawn canvas into geometry and material maps at image size."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from . import textures
from .canvas import Canvas

GLOW_MAX = 10.0  # linear emission that the byte code can hold
FAR = 400.0
MAP_X, MAP_Z, MAP_CELL = (-44.0, 44.0), (-8.0, 136.0), 0.5


@dataclass
class GBuffer:
    """Maps of a scene; H,W is the image size, all float32 unless said otherwise."""

    albedo: np.ndarray  # 3,H,W linear, textures applied
    warmth: np.ndarray  # H,W kelvin above the air
    skylit: np.ndarray  # H,W share of the sky's light
    sunlit: np.ndarray  # H,W cosine to the sun, 0 in shade
    sky: np.ndarray  # H,W share of the pixel that is sky
    gloss: np.ndarray  # H,W
    glow: np.ndarray  # 3,H,W emission at night
    depth: np.ndarray  # H,W metres along the optical axis, FAR for the sky
    rays: np.ndarray  # 3,H,W
    map_xy: tuple[np.ndarray, np.ndarray]  # where each pixel lies on the top-down maps (cells)
    height: np.ndarray  # H,W metres above the ground
    upness: np.ndarray  # H,W vertical part of the surface normal
    shadow: np.ndarray  # H,W uptake of the shadow map
    lamp: np.ndarray  # H,W uptake of lamp light
    retro: np.ndarray  # H,W
    grain: np.ndarray  # H,W texture factor around 1
    flat: np.ndarray  # H,W how much of a pixel is level ground that takes contact shadows
    sky_rows: int  # rows from the top down to the lowest one with sky
    label: np.ndarray  # H,W uint8
    instance: np.ndarray  # H,W int32


def _words(*channels: np.ndarray) -> np.ndarray:
    """Four byte columns of a table as one uint32 column, so that one look-up fetches all."""
    return np.ascontiguousarray(np.stack(channels, -1)).view(np.uint32)[:, 0]


def _byte(values: np.ndarray) -> np.ndarray:
    return np.clip(values * 255 + 0.5, 0, 255).astype(np.uint8)


def _look_up(table: np.ndarray, index: np.ndarray, size: tuple[int, int]) -> tuple[np.ndarray, ...]:
    """Looks a table of words up and averages the fine pixels: four planes H,W uint8."""
    fine = np.take(table, index).view(np.uint8).reshape(*index.shape, 4)
    return cv2.split(cv2.resize(fine, size, interpolation=cv2.INTER_AREA))


def enlarge(picture: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    """A small picture h,w,3 at (width, height), as contiguous 3,H,W."""
    out = np.empty((3, size[1], size[0]), picture.dtype)
    for plane, small in zip(out, cv2.split(picture), strict=True):
        cv2.resize(small, size, dst=plane, interpolation=cv2.INTER_LINEAR)
    return out


def _squares(channels, scale: float) -> np.ndarray:
    """Square of byte planes times a factor, as 3,H,W float32."""
    out = np.empty((3, *channels[0].shape), np.float32)
    for plane, channel in zip(out, channels[:3], strict=True):
        plane[:] = channel
        plane *= plane
    out *= np.float32(scale)
    return out


def _unit(plane: np.ndarray, scale: float = 1 / 255, offset: float = 0.0) -> np.ndarray:
    """A byte plane as float32, scaled."""
    out = plane.astype(np.float32)
    out *= np.float32(scale)
    if offset:
        out += np.float32(offset)
    return out


def depth_map(canvas: Canvas, rays: np.ndarray, label: int, step: int) -> np.ndarray:
    """Depth of what has class `label`, infinite elsewhere, for every `step`-th pixel: it can hide things behind it."""
    fine = canvas.camera.oversample * step
    table = np.array(canvas.surfaces, np.float32)
    owner = canvas.paint_table()[:, 0].astype(np.intp)
    which = owner[canvas.index[fine // 2 :: fine, fine // 2 :: fine]]
    half = step // 2
    x, y, z = rays[:, half::step, half::step]
    down = table[:, 0][which] * x + table[:, 1][which] * y + table[:, 2][which] * z
    np.copyto(down, 1e-4, where=np.abs(down) < 1e-4)
    depth = table[:, 3][which] / down
    np.copyto(depth, np.inf, where=(table[:, 12] != label)[which])
    return depth


def resolve(canvas: Canvas, rays: np.ndarray, sun: np.ndarray) -> GBuffer:
    """Builds the maps.

    Args:
        canvas: the drawn scene.
        rays: 3,H,W world directions.
        sun: unit vector towards the sun.
    """
    camera = canvas.camera
    size, factor = (camera.width, camera.height), camera.oversample
    paints = canvas.paint_table()
    owner = paints[:, 0].astype(np.intp)
    normals = paints[:, 8:11]
    normals = normals / np.maximum(np.linalg.norm(normals, axis=1, keepdims=True), 1e-6)
    sky_row = np.zeros(len(paints), np.float32)
    sky_row[0] = 1
    fine = canvas.index.astype(np.intp)
    colour = _byte(np.sqrt(np.clip(paints[:, 1:4], 0, 1)))
    glow = _byte(np.sqrt(np.clip(paints[:, 5:8] / GLOW_MAX, 0, 1)))
    first = _look_up(_words(*colour.T, _byte((paints[:, 4] + 40) / 100)), fine, size)
    light = _look_up(
        _words(
            _byte(0.55 + 0.4 * normals[:, 1] + 0.05 * normals[:, 2]),
            _byte(np.maximum(normals @ sun, 0)),
            _byte(sky_row),
            _byte(paints[:, 11]),
        ),
        fine,
        size,
    )
    shine = _look_up(_words(*glow.T, _byte(0.5 + 0.5 * normals[:, 1])), fine, size)

    which = np.take(owner, np.ascontiguousarray(fine[::factor, ::factor]))
    column = np.ascontiguousarray(np.array(canvas.surfaces, np.float32).T)
    down = np.take(column[0], which)
    down *= rays[0]
    for k in (1, 2):
        part = np.take(column[k], which)
        part *= rays[k]
        down += part
    np.copyto(down, 1e-4, where=np.abs(down) < 1e-4)
    depth = np.take(column[3], which)
    depth /= down
    np.copyto(depth, FAR, where=which == 0)
    np.clip(depth, 0.3, FAR, out=depth)
    x, y, z = (depth * rays[k] for k in range(3))
    for axis, start in zip((x, y, z), camera.position, strict=True):
        axis += start
    grain = _grain(column, which, x, y, z, depth, camera.focal)
    albedo = _squares(first, 1 / 65025)
    albedo *= grain
    upness, shadow, sky = _unit(shine[3], 2 / 255, -1), np.take(column[9], which), _unit(light[2])
    flat = upness * 2
    flat -= 1
    np.maximum(flat, 0, out=flat)
    flat *= shadow
    with_sky = np.flatnonzero(light[2].max(1))
    x -= np.float32(MAP_X[0])
    z -= np.float32(MAP_Z[0])
    x *= np.float32(1 / MAP_CELL)
    z *= np.float32(1 / MAP_CELL)
    return GBuffer(
        albedo=albedo,
        warmth=_unit(first[3], 100 / 255, -40),
        skylit=_unit(light[0]),
        sunlit=_unit(light[1]),
        sky=sky,
        gloss=_unit(light[3]),
        glow=_squares(shine, GLOW_MAX / 65025),
        depth=depth,
        rays=rays,
        map_xy=(x, z),
        height=y,
        upness=upness,
        shadow=shadow,
        lamp=np.take(column[10], which),
        retro=np.take(column[11], which),
        grain=grain,
        flat=flat,
        sky_rows=int(with_sky[-1]) + 1 if len(with_sky) else 0,
        label=np.take(column[12].astype(np.uint8), which),
        instance=np.take(column[13].astype(np.int32), which),
    )


def _grain(column: np.ndarray, which: np.ndarray, x, y, z, depth, focal: float) -> np.ndarray:
    """Texture factor H,W around 1: fine textures that fade with the distance, and large stains."""
    upright = np.take(column[6], which)
    u = np.take(column[4], which)
    u *= x
    across = np.take(column[5], which)
    across *= z
    u += across
    v = z + upright * (y - z)
    # the ground is seen at a flat angle: its texels shrink faster with the distance
    slant = np.sqrt(np.minimum(depth, 60) * np.float32(0.12))
    slant -= np.float32(0.7)
    slant *= 1 - upright
    slant += 1
    slant *= depth
    fade = np.float32(textures.TEXEL * 2.2 * focal) / slant
    np.minimum(fade, 1, out=fade)
    scale = np.float32(1 / textures.TEXEL)
    strength = np.take(column[8], which)
    row = v * np.float32(1 / (textures.TEXEL * textures.TILE))
    row -= np.floor(row)
    row *= textures.TILE
    row += np.take(column[7], which)
    texels = cv2.remap(textures.surface_atlas(), u * scale, row, cv2.INTER_LINEAR, borderMode=cv2.BORDER_WRAP)
    detail = _unit(texels, 1.6 / (128 * 128), -1.6 / 128)
    detail *= fade
    stains = cv2.remap(
        textures.blotches(), u[::2, ::2] * 5, v[::2, ::2] * 5, cv2.INTER_LINEAR, borderMode=cv2.BORDER_WRAP
    )
    stains = cv2.resize(stains, (depth.shape[1], depth.shape[0]), interpolation=cv2.INTER_LINEAR)
    detail += _unit(stains, 0.4 / (128 * 128), -0.4 / 128)
    detail *= strength
    detail += 1
    return np.maximum(detail, np.float32(0.15), out=detail)
