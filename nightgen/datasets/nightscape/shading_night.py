# The night picture: pools of lamp light, headlights, lit windows, bloom, wet reflections, sensor noise.
"""Shades a resolved scene by night."""

from __future__ import annotations

import cv2
import numpy as np

from .gbuffer import GBuffer, enlarge
from .geometry import Camera
from .sensor import develop, expose, move
from .shading_day import add_mirror, blend, level_ground
from .weather import Night


def _headlights(g: GBuffer, camera: Camera, power: float) -> np.ndarray:
    """Light of the own headlights on each pixel, H,W: a dipped beam that is cut a little below the horizon."""
    sideways = (np.arange(camera.width, dtype=np.float32) + 0.5 - camera.width / 2) / camera.focal
    reach = g.depth + np.float32(2.5)
    beam = np.exp(-((sideways * np.float32(3.2)) ** 2))
    beam += np.float32(0.06)
    high = g.height - np.float32(0.75)
    high *= np.float32(-0.9)  # dipped: little light above bumper height
    high += 1
    light = np.clip(high, np.float32(0.05), 1)
    light *= beam
    square = reach * reach
    square += 30
    light /= square
    np.divide(9, reach, out=reach)
    np.minimum(reach, 1, out=reach)
    np.subtract(1, reach, out=reach)
    reach *= g.flat
    np.subtract(1, reach, out=reach)
    light *= reach
    return light * np.float32(80 * power)


def _height_factor(height: np.ndarray, lamp_height: float) -> np.ndarray:
    """Lamps shine downwards: light on upright surfaces falls off above them."""
    above = np.maximum(height - np.float32(lamp_height * 0.72), 0)
    return np.exp(-((above * np.float32(0.3)) ** 2)) * np.float32(0.95) + np.float32(0.05)


def _sources(small: np.ndarray, g: GBuffer, camera: Camera, glare: list[tuple]) -> None:
    """Adds the light sources that the camera sees to the small picture: near ones dazzle more, whatever their size."""
    height, width = g.depth.shape
    rows, columns = small.shape[:2]
    for point, rgb in glare:
        right, up, depth = camera.to_camera(np.asarray(point, np.float32)).tolist()
        if depth < 1:
            continue
        x, y = width / 2 + camera.focal * right / depth, height / 2 - camera.focal * up / depth
        if not (0 <= x < width and 0 <= y < height) or g.depth[int(y), int(x)] < depth - 3:
            continue
        level = min(900 / (depth * depth + 120), 4.0) * (columns / 128) ** 2
        small[int(y * rows / height), int(x * columns / width)] += np.array(rgb, np.float32) * np.float32(level)


def _bloom(glow: np.ndarray, g: GBuffer, camera: Camera, glare: list[tuple], strength: float) -> np.ndarray:
    """Glare around bright places (glow is 3,H,W), made at a quarter of the size."""
    _, height, width = glow.shape
    quarter = (max(width // 4, 8), max(height // 4, 8))
    small = cv2.merge([cv2.resize(plane, quarter, interpolation=cv2.INTER_AREA) for plane in glow])
    _sources(small, g, camera, glare)
    unit = width / 512
    out = cv2.GaussianBlur(small, (0, 0), max(0.7 * unit, 0.5)) * np.float32(0.34)
    out += cv2.GaussianBlur(small, (0, 0), 2.2 * unit) * np.float32(0.3)
    tiny = cv2.resize(small, (max(width // 16, 4), max(height // 16, 4)), interpolation=cv2.INTER_AREA)
    tiny = cv2.GaussianBlur(tiny, (0, 0), 1.8 * unit)
    out += cv2.resize(tiny, (small.shape[1], small.shape[0]), interpolation=cv2.INTER_CUBIC) * np.float32(0.26)
    out *= np.float32(strength)
    return enlarge(out, (width, height))


def _lamp_streaks(picture: np.ndarray, g: GBuffer, camera: Camera, glare: list[tuple], wet: float) -> None:
    """Adds the mirror images of lamps on a wet road, in place (3,H,W): long streaks below where the lamp stands."""
    height, width = g.depth.shape
    quarter = (max(width // 4, 8), max(height // 4, 8))
    small = np.zeros((quarter[1], quarter[0], 3), np.float32)
    for point, rgb in glare:
        right, up, depth = camera.to_camera(np.array([point[0], -point[1], point[2]], np.float32)).tolist()
        if depth < 2:
            continue
        x, y = width / 2 + camera.focal * right / depth, height / 2 - camera.focal * up / depth
        column, row = int(x * quarter[0] / width), int(min(y * quarter[1] / height, quarter[1] - 1))
        if 0 <= column < quarter[0] and row >= 0:
            small[row, column] += np.array(rgb, np.float32) * np.float32(min(1200 / (depth * depth + 300), 3.0))
    unit = width / 512
    streak = cv2.GaussianBlur(small, (0, 0), sigmaX=max(0.5 * unit, 0.4), sigmaY=max(5.0 * unit, 1.0))
    streak *= np.float32((quarter[0] / 128) ** 2 * 2.0)
    out = enlarge(streak, (width, height))
    out *= level_ground(g) * np.float32(wet)
    picture += out


def shade_night(
    g: GBuffer,
    night: Night,
    light_map: np.ndarray,
    camera: Camera,
    lamp_height: float,
    glare: list[tuple],
    rng: np.random.Generator,
    gain: float | None,
) -> tuple[np.ndarray, np.ndarray, float]:
    """The night picture.

    Returns:
        uint8 H,W,3 RGB; the light H,W that fell on each pixel; the gain that was used.
    """
    size = (g.depth.shape[1], g.depth.shape[0])
    half = (slice(None, None, 2),) * 2  # lamp light is smooth: half the size is enough
    pools = cv2.remap(light_map, g.map_xy[0][half], g.map_xy[1][half], cv2.INTER_LINEAR, borderMode=cv2.BORDER_CONSTANT)
    pools *= (_height_factor(g.height[half], lamp_height) * g.lamp[half])[..., None]
    light = enlarge(pools, size)
    parts = [(g.skylit, np.array([0.8, 0.9, 1.1]) * night.moon + night.town * 0.12)]
    if night.headlights > 0:
        own = _headlights(g, camera, night.headlights)
        own *= 1 + 7 * g.retro
        parts.append((own, (1.0, 0.97, 0.9)))
    light += blend(*parts)
    fallen = light[1].copy()
    light *= g.albedo
    rows = slice(0, g.sky_rows)
    light[:, rows] *= 1 - g.sky[rows]
    high = np.exp(np.maximum(g.rays[1][rows], 0) * np.float32(-2.6))
    high += np.float32(0.12)
    high *= g.sky[rows]
    for plane, level in zip(light, night.town, strict=True):
        plane[rows] += high * np.float32(level)
    glow = g.glow * np.float32(night.lamps)
    light += glow
    if night.wet > 0:
        add_mirror(light, g, camera, 0.6 * night.wet, 0.16)
        _lamp_streaks(light, g, camera, glare, night.wet)
    light += _bloom(np.minimum(glow, 5, out=glow), g, camera, glare, night.bloom)
    if night.sensor.blur > 0:
        light = move(light, g.depth, camera, night.sensor.blur)
    if gain is None:
        gain = expose(light, night.sensor)
    return develop(light, night.sensor, gain, rng), fallen, gain
