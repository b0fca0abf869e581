# The day picture: sun with shadows, sky light, clouds, haze, exposure.
"""Shades a resolved scene by day."""

from __future__ import annotations

import cv2
import numpy as np

from . import textures
from .gbuffer import GBuffer, enlarge
from .geometry import Camera
from .lightmaps import FINE
from .sensor import OWN, develop, expose, move
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


def level_ground(g: GBuffer) -> np.ndarray:
    """H,W: 1 on level ground, 0 elsewhere."""
    return np.clip(g.upness * 3 - 2, 0, 1) * (g.depth > OWN)


def add_mirror(picture: np.ndarray, g: GBuffer, camera: Camera, strength: float, length: float) -> None:
    """Adds what a wet road mirrors of the picture above the horizon, in place (3,H,W).

    Args:
        picture: linear light.
        g: maps of the scene.
        camera: of the scene.
        strength: share of light that is mirrored at a flat angle.
        length: deviation of the streaks that the rough ground makes, as a share of the mirrored rows.
    """
    height, width = g.depth.shape
    horizon = int(round(camera.horizon))
    rows = min(height - horizon, horizon)
    if not 8 < horizon < height - 8 or rows < 8:
        return
    mirror = cv2.merge([np.ascontiguousarray(plane) for plane in picture[:, horizon - rows : horizon][:, ::-1]])
    small = cv2.resize(mirror, (width // 2, max(rows // 4, 2)), interpolation=cv2.INTER_AREA)
    small = cv2.GaussianBlur(small, (0, 0), sigmaX=1.2, sigmaY=max(rows / 4 * length, 0.6))
    streak = enlarge(small, (width, rows))
    part = slice(horizon, horizon + rows)
    flat = np.float32(strength) * np.maximum(1 - np.arange(rows, dtype=np.float32) / (1.4 * rows), 0)[:, None]
    streak *= level_ground(g)[part] * g.grain[part] * flat
    picture[:, part] += streak


def _veil(light: np.ndarray, strength: float) -> None:
    """Adds what the lens scatters around bright places (the sky, the sun's mirror images) in place, 3,H,W."""
    _, height, width = light.shape
    small = cv2.merge([cv2.resize(plane, (width // 8, height // 8), interpolation=cv2.INTER_AREA) for plane in light])
    wide = cv2.GaussianBlur(small, (0, 0), max(width / 8 * 0.06, 1))
    wide += small.mean((0, 1))
    light += enlarge(wide * np.float32(strength), (width, height))


def shade_day(
    g: GBuffer,
    day: Day,
    shadows: tuple[np.ndarray, np.ndarray],
    camera: Camera,
    rng: np.random.Generator,
    gain: float | None,
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
    if day.wet > 0:
        light *= 1 - np.float32(0.45 * day.wet) * level_ground(g)
    air = np.exp(g.depth * np.float32(-1 / day.haze))
    light *= air
    light += blend((g.gloss * air, (day.zenith + day.horizon) * 0.55), (1 - air, day.horizon * 0.85))
    rows = g.sky_rows
    if rows:
        sky = sky_picture(g, day, rows)
        sky *= np.float32(day.sky)
        sky -= light[:, :rows]
        sky *= g.sky[:rows]
        light[:, :rows] += sky
    if day.wet > 0:
        add_mirror(light, g, camera, 0.22 * day.wet, 0.05)
    if day.sensor.blur > 0:
        light = move(light, g.depth, camera, day.sensor.blur)
    _veil(light, day.flare)
    if gain is None:
        gain = expose(light, day.sensor)
    return develop(light, day.sensor, gain, rng), gain
