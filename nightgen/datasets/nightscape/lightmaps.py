# Top-down maps of the ground: what the sun does not reach, contact shadows, and the light of lamps at night.
"""Shadow and light maps over (X, Z), looked up by every pixel."""

from __future__ import annotations

from functools import lru_cache

import cv2
import numpy as np

from .gbuffer import MAP_CELL, MAP_X, MAP_Z
from .layout import World
from .street import LAMP_COLOURS
from .traffic import Traffic
from .vehicles import Vehicle, footprint, height_of

FINE = 2  # shadow map cells per light map cell and direction
LIGHT_SHAPE = (int((MAP_Z[1] - MAP_Z[0]) / MAP_CELL), int((MAP_X[1] - MAP_X[0]) / MAP_CELL))
_HUES = tuple(LAMP_COLOURS.values())


def _cells(points: np.ndarray, scale: float = FINE / MAP_CELL) -> np.ndarray:
    """World X,Z ...,2 in 1/16 cells of the shadow map."""
    out = np.empty(points.shape, np.float32)
    out[..., 0] = (points[..., 0] - MAP_X[0]) * scale * 16
    out[..., 1] = (points[..., 1] - MAP_Z[0]) * scale * 16
    return np.clip(out, -60_000, 60_000).astype(np.int32)


def _rectangle(vehicle: Vehicle, grow: float = 0.0) -> np.ndarray:
    length, width = footprint(vehicle)
    cos, sin = np.cos(vehicle.heading), np.sin(vehicle.heading)
    corners = np.array([(-1, -1), (1, -1), (1, 1), (-1, 1)], np.float32) * (width / 2 + grow, length / 2 + grow)
    turned = np.stack([corners[:, 0] * cos + corners[:, 1] * sin, -corners[:, 0] * sin + corners[:, 1] * cos], -1)
    return turned + np.array([vehicle.position[0], vehicle.position[2]], np.float32)


def _cast(mask: np.ndarray, ground: np.ndarray, shift: np.ndarray, dark: int) -> None:
    """Shadow of an upright prism: the hull of its foot and of its shifted top."""
    both = _cells(np.concatenate([ground, ground + shift]))
    cv2.fillConvexPoly(mask, cv2.convexHull(both), dark, cv2.LINE_8, 4)


def _tree_shadows(lit: np.ndarray, open_sky: np.ndarray, trees: list[tuple], fall: np.ndarray) -> None:
    """Dappled crowns, stems, and less sky below the crowns; `fall` is a shadow's offset per metre of height."""
    if not trees:
        return
    rng = np.random.default_rng(len(trees))
    blots, draws = [], []
    feet = np.stack([position[[0, 2]] for position, *_ in trees])
    for foot, (_, height, _) in zip(feet, trees, strict=True):
        along, aside = rng.uniform(0.45, 0.95, (9, 1)), rng.normal(0, height * 0.13, (9, 2))
        blots.append(foot + fall * height * along + aside)
        radii = (rng.uniform(0.08, 0.17, 9) * height * FINE / MAP_CELL * 16).astype(int).tolist()
        draws.append((radii, rng.integers(0, 70, 9).tolist()))
    tips = np.stack([foot + fall * height * 0.6 for foot, (_, height, _) in zip(feet, trees, strict=True)])
    spots, ends = _cells(np.stack(blots)).tolist(), _cells(np.stack([feet, tips], 1)).tolist()
    for (_, height, _), places, (radii, shades), (foot, tip) in zip(trees, spots, draws, ends, strict=True):
        for place, radius, dark in zip(places, radii, shades, strict=True):
            cv2.circle(lit, place, radius, dark, -1, cv2.LINE_8, 4)
        cv2.line(lit, foot, tip, 30, 1, cv2.LINE_AA, 4)
        cv2.circle(open_sky, foot, int(height * 0.22 * FINE / MAP_CELL * 16), 195, -1, cv2.LINE_8, 4)


def shadow_map(world: World, traffic: Traffic, sun: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Two maps, rows (Z), columns (X) uint8: sunlight that arrives, and sky light that arrives (contact shadows)."""
    shape = (LIGHT_SHAPE[0] * FINE, LIGHT_SHAPE[1] * FINE)
    lit, open_sky = np.full(shape, 255, np.uint8), np.full(shape, 255, np.uint8)
    fall = -np.array([sun[0], sun[2]], np.float32) / max(float(sun[1]), 0.2)
    for building in world.buildings:
        a, b = (world.street.road.at(building.u, z)[[0, 2]] for z in (building.z0, building.z1))
        out = np.array([building.side * building.wide, 0], np.float32)
        ground = np.stack([a, b, b + out, a + out])
        _cast(lit, ground, fall * building.height, 0)
        cv2.fillConvexPoly(open_sky, _cells(ground), 150, cv2.LINE_8, 4)
    _tree_shadows(lit, open_sky, world.trees, fall)
    thin = [(p[0], p[2], h, 90, 1) for p, h, *_ in world.lamps] + [(p[0], p[2], 3.4, 90, 1) for p, *_ in world.signals]
    thin += [(f.position[0], f.position[2], f.height, 30, 2) for f in traffic.people + traffic.riders]
    if thin:
        feet = np.array([(x, z) for x, z, *_ in thin], np.float32)
        tips = feet + fall * np.array([h for _, _, h, *_ in thin], np.float32)[:, None]
        for foot, tip, (*_, dark, wide) in zip(_cells(feet).tolist(), _cells(tips).tolist(), thin, strict=True):
            cv2.line(lit, foot, tip, dark, wide, cv2.LINE_AA, 4)
            if wide > 1:
                cv2.circle(open_sky, foot, int(0.4 * FINE / MAP_CELL * 16), 150, -1, cv2.LINE_8, 4)
    vehicles = world.parked + traffic.vehicles
    if vehicles:
        ground = np.stack([_rectangle(vehicle) for vehicle in vehicles])
        shift = fall * np.array([height_of(vehicle) * 0.8 for vehicle in vehicles], np.float32)[:, None, None]
        both = _cells(np.concatenate([ground, ground + shift], 1))
        middle = ground.mean(1, keepdims=True)
        feet = _cells(middle + (ground - middle) * np.float32(1.08))
        for hull, foot in zip(both, feet, strict=True):
            cv2.fillConvexPoly(lit, cv2.convexHull(hull), 0, cv2.LINE_8, 4)
            cv2.fillConvexPoly(open_sky, foot, 45, cv2.LINE_8, 4)
    return cv2.GaussianBlur(lit, (3, 3), 0.8), cv2.GaussianBlur(open_sky, (0, 0), 1.4)


@lru_cache(maxsize=256)
def _pool(height10: int, metres: int = 26) -> np.ndarray:
    """Light of a lamp on the ground around its foot, normalised to 1 below it, 2R+1,2R+1 float32."""
    height = height10 / 10
    reach = int(metres / MAP_CELL)
    grid = np.arange(-reach, reach + 1, dtype=np.float32) * MAP_CELL
    square = (grid[:, None] ** 2 + grid[None] ** 2) / height**2
    return ((1 + square) ** -1.6 * np.clip(1.3 - square / 9, 0, 1)).astype(np.float32)


@lru_cache(maxsize=4)
def _beam() -> np.ndarray:
    """Light of a car's headlights on the ground ahead (+Z), rows from -2 m to 38 m, columns -14 to 14 m."""
    z = np.arange(-2, 38, MAP_CELL, dtype=np.float32)[:, None]
    x = np.arange(-14, 14, MAP_CELL, dtype=np.float32)[None]
    wide = 0.9 + 0.2 * np.maximum(z, 0)
    return np.where(z > 0.3, np.exp(-((x / wide) ** 2)) * np.exp(-(((z - 5) / 11) ** 2)), 0).astype(np.float32)


def _add(light: np.ndarray, patch: np.ndarray, x: float, z: float, anchor: tuple[float, float], rgb) -> None:
    """Adds a patch whose cell `anchor` (row, column) lies at world (x, z)."""
    column, row = int(round((x - MAP_X[0]) / MAP_CELL - anchor[1])), int(round((z - MAP_Z[0]) / MAP_CELL - anchor[0]))
    r0, c0 = max(row, 0), max(column, 0)
    r1, c1 = min(row + patch.shape[0], light.shape[0]), min(column + patch.shape[1], light.shape[1])
    if r1 > r0 and c1 > c0:
        piece = patch[r0 - row : r1 - row, c0 - column : c1 - column]
        light[r0:r1, c0:c1] += piece[..., None] * np.asarray(rgb, np.float32)


def light_map(world: World, traffic: Traffic, shops: list[tuple]) -> np.ndarray:
    """Rows (Z), columns (X), 3 float32: light near the ground at night, 1 is right below a lamp."""
    light = np.zeros((*LIGHT_SHAPE, 3), np.float32)
    for position, height, arm, hue, strength in world.lamps:
        if strength > 0:
            pool = _pool(int(height * 10))
            rgb = np.array(_HUES[hue]) * strength * 1.5 * (7.5 / height) ** 1.2
            _add(light, pool, position[0] + arm, position[2], (pool.shape[0] // 2, pool.shape[1] // 2), rgb)
    small = _pool(25, 9)
    for position, rgb in shops:
        _add(light, small, position[0], position[2], (small.shape[0] // 2, small.shape[1] // 2), np.array(rgb) * 0.3)
    beam = _beam()
    for vehicle in traffic.vehicles:
        length, _ = footprint(vehicle)
        x, _, z = vehicle.position
        cos, sin = np.cos(vehicle.heading), np.sin(vehicle.heading)
        turned = beam if cos > 0.7 else beam[::-1] if cos < -0.7 else beam.T if sin > 0 else beam.T[:, ::-1]
        back, middle = 2 / MAP_CELL, beam.shape[1] / 2
        anchor = (
            (back, middle)
            if cos > 0.7
            else (beam.shape[0] - back, middle)
            if cos < -0.7
            else (middle, back)
            if sin > 0
            else (middle, beam.shape[0] - back)
        )
        _add(light, turned, x + sin * length / 2, z + cos * length / 2, anchor, (0.8, 0.8, 0.78))
        level = 0.3 if vehicle.braking else 0.09
        _add(
            light,
            small,
            x - sin * (length / 2 + 1),
            z - cos * (length / 2 + 1),
            (small.shape[0] // 2, small.shape[1] // 2),
            (level, level * 0.06, level * 0.04),
        )
    return light


def heat_map(traffic: Traffic) -> np.ndarray:
    """Rows (Z), columns (X) float32: kelvin by which running vehicles warm the ground under and behind them."""
    heat = np.zeros(LIGHT_SHAPE, np.float32)
    for vehicle in traffic.vehicles:
        cv2.fillConvexPoly(heat, _cells(_rectangle(vehicle, 0.2), 1 / MAP_CELL), 7.0, cv2.LINE_8, 4)
    return cv2.GaussianBlur(heat, (0, 0), 1.0)
