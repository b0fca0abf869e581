# The thermal picture: temperatures, cold sky, diffusion, low contrast, noise.
"""Shades a resolved scene as a thermal camera sees it at night."""

from __future__ import annotations

import cv2
import numpy as np

from . import textures
from .gbuffer import GBuffer
from .weather import Thermal


def _spread(warmth: np.ndarray, plateau: float) -> np.ndarray:
    """Gain control: kelvin to grey values by a histogram, whose cells are cut at `plateau` and half evened out.

    Without the cut, the grey values would all go to the largest surface; the even half keeps hot things apart.
    """
    low, high = (float(value) for value in np.percentile(warmth[::3, ::3], (0.3, 99.8)))
    cells = 256
    scaled = warmth - np.float32(low)
    scaled *= np.float32((cells - 1) / max(high - low, 1e-3))
    np.clip(scaled, 0, cells - 1, out=scaled)
    share = np.bincount(scaled[::2, ::2].astype(np.uint8).ravel(), minlength=cells).astype(np.float64)
    share = np.minimum(share / share.sum(), plateau)
    curve = np.cumsum(share / share.sum() * 0.75 + 0.25 / cells)
    curve = (8 + 244 * (curve - curve[0]) / (curve[-1] - curve[0])).astype(np.float32)
    cell = scaled.astype(np.intp)
    np.minimum(cell, cells - 2, out=cell)
    out = np.take(np.diff(curve), cell)
    out *= scaled - cell
    out += np.take(curve, cell)
    return out


def _beside(picture: np.ndarray, thermal: Thermal, unit: float) -> np.ndarray:
    """The picture as a camera sees it that stands a little beside the colour camera."""
    height, width = picture.shape
    scale = thermal.scale
    x = (1 - scale) * width / 2 + thermal.shift[0] * unit
    y = (1 - scale) * height / 2 + thermal.shift[1] * unit
    matrix = np.array([(scale, 0, x), (0, scale, y)], np.float32)
    return cv2.warpAffine(picture, matrix, (width, height), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)


def shade_thermal(
    g: GBuffer, thermal: Thermal, heat: np.ndarray, rng: np.random.Generator, cloud_at: tuple[float, float]
) -> np.ndarray:
    """The thermal picture, uint8 H,W; warm is bright.

    Args:
        g: maps of the scene.
        thermal: the camera.
        heat: top-down map of warm ground under and behind running vehicles, kelvin.
        rng: for the sensor's noise.
        cloud_at: where in the cloud texture this sky lies.
    """
    height, width = g.depth.shape
    warmth = g.warmth + (g.grain - 1) * np.float32(thermal.detail)
    warm = cv2.remap(
        heat, g.map_xy[0][::2, ::2], g.map_xy[1][::2, ::2], cv2.INTER_LINEAR, borderMode=cv2.BORDER_CONSTANT
    )
    warmth += cv2.resize(warm, (width, height), interpolation=cv2.INTER_LINEAR) * g.flat
    warmth += g.gloss * np.float32(0.25 * thermal.sky)  # polished things mirror the cold sky
    warmth *= np.exp(g.depth * np.float32(-1 / thermal.reach))
    part = slice(0, g.sky_rows)
    if part.stop:
        lift = np.maximum(g.rays[1][part], 0)
        over = np.float32(18) / (lift + np.float32(0.12))
        veil = cv2.remap(
            textures.clouds(),
            g.rays[0][part] * over + np.float32(cloud_at[0]),
            over * 3 + np.float32(cloud_at[1]),
            cv2.INTER_LINEAR,
            borderMode=cv2.BORDER_WRAP,
        )
        cold = np.float32(thermal.sky) * (1 - np.exp(lift * np.float32(-7)) * np.float32(0.75))
        cold += (veil.astype(np.float32) - 100) * np.float32(0.018)
        warmth[part] += (cold - warmth[part]) * g.sky[part]
    unit = width / 512
    soft = cv2.GaussianBlur(warmth, (0, 0), thermal.blur * unit)
    if thermal.sharpen > 0:  # the camera's own edge enhancement leaves a faint ringing
        soft += (soft - cv2.GaussianBlur(soft, (0, 0), 2.5 * unit)) * np.float32(thermal.sharpen)
    if thermal.plateau > 0:
        soft = _spread(soft, thermal.plateau)
        soft = _beside(soft, thermal, unit)
    else:
        soft *= np.float32(thermal.gain)
        soft += np.float32(thermal.level)
        over = np.maximum(soft - 200, 0)  # hot things do not clip hard
        soft -= over * over / (over + 60)
    soft += textures.noise(rng, height, width)[0] * np.float32(thermal.noise * min(unit, 1))
    soft += (rng.standard_normal(width).astype(np.float32) * np.float32(thermal.columns))[None]
    return np.clip(soft + 0.5, 0, 255).astype(np.uint8)
