# The day picture: sun with shadows, sky light, clouds, haze, exposure.
"""Shades a resolved scene by day."""

from __future__ import annotations

import cv2
import numpy as np

from . import textures
from .gbuffer import GBuffer
from .lightmaps import FINE
from .weather import Day


def blend(*parts: tuple[np.ndarray, np.ndarray]) -> np.ndarray:
    """Sum of fields H,W times colours, given as (field, rgb) pairs: 3,H,W float32, by one matrix product."""
    shape = parts[0][0].shape
    fields = np.empty((len(parts), parts[0][0].size), np.float32)
    for row, (field, _) in zip(fields, parts, strict=True):
        row[:] = field.ravel()
    colours = np.array([rgb for _, rgb in parts], np.float32).T
    return np.matmul(np.ascontiguousarray(colours), fields).reshape(3, *shape)


def sky_picture(g: GBuffer, day: Day, rows: int) -> np.ndarray:
    """Clear sky gradient with clouds over the first rows, 3,rows,W linear; made at half the size."""
    width = g.depth.shape[1]
    lift = np.maximum(g.rays[1, :rows:2, ::2], 0)
    blend = np.exp(lift * np.float32(-3.2))
    over = np.float32(30) / (lift + np.float32(0.12))
    u = g.rays[0, :rows:2, ::2] * over + np.float32(day.cloud_at[0])
    v = over * np.float32(2.0) + np.float32(day.cloud_at[1])
    cover = cv2.remap(textures.clouds(), u, v, cv2.INTER_LINEAR, borderMode=cv2.BORDER_WRAP).astype(np.float32)
    cover *= np.float32(1 / 255)
    thick = np.clip((cover - np.float32(0.82 - 0.62 * day.cloud)) * 3.0, 0, 1) * np.float32(min(day.cloud * 1.6, 0.92))
    white = day.horizon * 0.55 + 0.45
    out = np.empty((3, rows, width), np.float32)
    for k in range(3):
        clear = np.float32(day.zenith[k]) * (1 - blend) + np.float32(day.horizon[k]) * blend
        puff = np.float32(white[k]) * (np.float32(1.22) - np.float32(0.5) * cover)
        clear += (puff - clear) * thick
        cv2.resize(clear, (width, rows), dst=out[k], interpolation=cv2.INTER_LINEAR)
    return out


def expose(picture: np.ndarray, cast: np.ndarray, level: float, gain_limit: float | None = None) -> float:
    """Gain with which `develop` gives the picture (3,H,W linear) times `cast` the mean `level`, by bisection."""
    sample = picture[:, 2::11, 2::9] * np.asarray(cast, np.float32)[:, None, None]
    low, high = 1e-2, 60.0 if gain_limit is None else gain_limit
    for _ in range(9):
        middle = (low * high) ** 0.5
        if float(develop_curve(sample * np.float32(middle)).mean()) < level:
            low = middle
        else:
            high = middle
    return (low * high) ** 0.5


def develop_curve(linear: np.ndarray) -> np.ndarray:
    """Tone curve of both cameras: soft shoulder and a gamma of 2, linear >= 0 to 0..1."""
    return np.sqrt(1 - np.exp(-np.maximum(linear, 0)))


def develop(linear: np.ndarray) -> np.ndarray:
    """Tone curve and rounding: 3,H,W linear to uint8 H,W,3. Overwrites its input."""
    np.negative(linear, out=linear)
    np.minimum(linear, 0, out=linear)
    rows = linear.reshape(-1, linear.shape[2])
    cv2.exp(rows, rows)
    np.subtract(1, rows, out=rows)
    np.sqrt(rows, out=rows)
    return cv2.merge([cv2.convertScaleAbs(plane, alpha=255.0) for plane in linear])


def shade_day(
    g: GBuffer, day: Day, shadows: tuple[np.ndarray, np.ndarray], rng: np.random.Generator, gain: float | None
) -> tuple[np.ndarray, float]:
    """The day picture uint8 H,W,3 RGB, and the gain that was used (given again for further frames of a camera)."""
    at = (g.map_xy[0] * np.float32(FINE), g.map_xy[1] * np.float32(FINE))
    reach = cv2.remap(shadows[0], *at, cv2.INTER_LINEAR, borderMode=cv2.BORDER_CONSTANT, borderValue=255)
    contact = cv2.remap(
        shadows[1], at[0][::2, ::2], at[1][::2, ::2], cv2.INTER_LINEAR, borderMode=cv2.BORDER_CONSTANT, borderValue=255
    )
    contact = cv2.resize(contact, (reach.shape[1], reach.shape[0]), interpolation=cv2.INTER_LINEAR)
    dark = reach.astype(np.float32)
    dark *= np.float32(1 / 255)
    dark -= 1
    dark *= g.shadow
    dark += 1
    dark *= g.sunlit
    covered = contact.astype(np.float32)
    covered *= np.float32(1 / 255)
    covered -= 1
    covered *= g.flat
    covered += 1
    covered *= g.skylit
    light = blend((covered, day.sky_rgb), (dark, day.sun_rgb))
    light *= g.albedo
    air = np.exp(g.depth * np.float32(-1 / day.haze))
    light *= air
    light += blend((g.gloss * air, (day.zenith + day.horizon) * 0.55), (1 - air, day.horizon * 0.85))
    rows = g.sky_rows
    if rows:
        sky = sky_picture(g, day, rows)
        sky *= np.float32(1.15)
        sky -= light[:, :rows]
        sky *= g.sky[:rows]
        light[:, :rows] += sky
    if gain is None:
        gain = expose(light, day.cast, day.level)
    light *= (day.cast * gain).astype(np.float32)[:, None, None]
    return textures.add_byte_noise(develop(light), rng, 255 * day.noise), gain
