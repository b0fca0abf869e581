# The ground: road, kerbs, pavements, markings, crossings, patches and cracks, drawn as strips in perspective.
"""Ground of the Nightscape world."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .canvas import Canvas
from .geometry import Road, pick, strip_stations

ROAD, PAVEMENT, TERRAIN = 0, 1, 9
FLAT = (0.0, 1.0, 0.0, 0.0)  # the plane y = 0
MARK_LIFT = 0.0
GRASS_ODDS = {'summer': (0.45, 0.33, 0.15, 0.07), 'autumn': (0.3, 0.2, 0.3, 0.2), 'winter': (0.1, 0.1, 0.4, 0.4)}


@dataclass
class Street:
    """Cross-section of the street. Offsets u are metres to the right of the middle line."""

    road: Road
    lanes_left: int
    lanes_right: int
    lane: float
    parking: tuple[float, float]  # width left and right, 0 for none
    pavement: tuple[float, float]
    verge: tuple[float, float]  # grass between pavement and buildings
    crossing: float  # Z of the middle of a crossing street, 0 for none
    crossing_half: float
    zebra: bool
    yellow: bool
    z_end: float = 230.0

    def edge(self, side: int) -> float:
        """Signed offset of the kerb on a side (-1 left, 1 right)."""
        lanes = self.lanes_right if side > 0 else self.lanes_left
        return side * (lanes * self.lane + 0.4 + self.parking[side > 0])

    def wall(self, side: int) -> float:
        """Signed offset of the building line."""
        return self.edge(side) + side * (self.pavement[side > 0] + self.verge[side > 0])

    def in_crossing(self, z, margin: float = 0.0):
        """Whether Z lies in the crossing street."""
        return (self.crossing > 0) & (np.abs(np.asarray(z) - self.crossing) < self.crossing_half + margin)


def _strip(canvas: Canvas, street: Street, u0: float, u1: float, z0: float, z1: float, paint: int) -> None:
    """A band between two lateral offsets."""
    if z1 <= z0:
        return
    z = strip_stations(z0, z1)
    outline = np.concatenate([street.road.at(u0, z), street.road.at(u1, z[::-1])])
    canvas.fill(outline, paint, convex=False)


def _dashes(
    canvas: Canvas, street: Street, u: float, width: float, on: float, off: float, z0: float, paint: int
) -> None:
    """A broken line."""
    starts = np.arange(z0, 130, on + off, dtype=np.float32)
    starts = starts[~street.in_crossing(starts + on / 2, 3.5)]
    ends = starts + on
    quads = np.stack(
        [
            street.road.at(u - width / 2, starts),
            street.road.at(u + width / 2, starts),
            street.road.at(u + width / 2, ends),
            street.road.at(u - width / 2, ends),
        ],
        1,
    )
    canvas.fill_many(quads, paint)


def _solid(canvas: Canvas, street: Street, u: float, width: float, z0: float, paint: int) -> None:
    """An unbroken line that stops at the crossing."""
    if street.crossing > 0:
        _strip(canvas, street, u - width / 2, u + width / 2, z0, street.crossing - street.crossing_half - 3.5, paint)
        _strip(canvas, street, u - width / 2, u + width / 2, street.crossing + street.crossing_half + 3.5, 200, paint)
    else:
        _strip(canvas, street, u - width / 2, u + width / 2, z0, 200, paint)


def draw_ground(canvas: Canvas, street: Street, rng: np.random.Generator, z_begin: float, season: str) -> None:
    """Draws everything that is flat, from the terrain up to the markings."""
    camera = canvas.camera
    top = int(np.ceil(max(camera.horizon, 0) * camera.oversample))
    tones = _tones(canvas, rng, season)
    canvas.index[top:] = tones['terrain']
    for side in (-1, 1):
        kerb, walls = street.edge(side), street.wall(side)
        _strip(canvas, street, kerb, kerb + side * street.pavement[side > 0], z_begin, street.z_end, tones['pavement'])
        if street.verge[side > 0] == 0 or rng.random() < 0.2:
            _strip(canvas, street, kerb, walls + side * 3, z_begin, street.z_end, tones['pavement'])
    left, right = street.edge(-1), street.edge(1)
    if street.crossing > 0:
        for half, name in ((street.crossing_half + 2.6, 'pavement'), (street.crossing_half + 0.22, 'kerb')):
            _cross_band(canvas, street, half, tones[name])
    _strip(canvas, street, left - 0.22, right + 0.22, z_begin, street.z_end, tones['kerb'])
    if street.crossing > 0:
        _cross_band(canvas, street, street.crossing_half, tones['asphalt'])
    _strip(canvas, street, left, right, z_begin, street.z_end, tones['asphalt'])
    _wear(canvas, street, rng, tones, z_begin)
    _markings(canvas, street, rng, tones, z_begin)


def _cross_band(canvas: Canvas, street: Street, half: float, paint: int) -> None:
    z, x = street.crossing, 130.0
    canvas.fill(np.array([(-x, 0, z - half), (x, 0, z - half), (x, 0, z + half), (-x, 0, z + half)], np.float32), paint)


def _tones(canvas: Canvas, rng: np.random.Generator, season: str) -> dict[str, int]:
    """Paints of the ground."""
    grey = rng.uniform(0.075, 0.17)
    tint = np.array([1, 1, 1]) + rng.uniform(-0.04, 0.04, 3)
    asphalt = canvas.surface(ROAD, plane=FLAT, texture=('asphalt', 72))
    marks = canvas.surface(ROAD, plane=FLAT, texture=('asphalt', 110), retro=0.25)
    slabs = rng.random() < 0.7
    pavement = canvas.surface(PAVEMENT, plane=FLAT, texture=('paving', 85) if slabs else ('asphalt', 70))
    kerb = canvas.surface(PAVEMENT, plane=FLAT, texture=('plaster', 70))
    terrain = canvas.surface(TERRAIN, plane=FLAT, texture=('grass', 115))
    stone = rng.uniform(0.22, 0.4) * (np.array([1.0, 0.97, 0.9]) if rng.random() < 0.6 else np.array([1.0, 0.86, 0.76]))
    grass = np.array([(0.09, 0.14, 0.04), (0.07, 0.12, 0.035), (0.15, 0.15, 0.06), (0.19, 0.15, 0.09)])[
        pick(rng, GRASS_ODDS[season])
    ]
    road_warmth = rng.uniform(3.5, 7.0)
    tone = {}
    for name, surface, albedo, warmth in (
        ('asphalt', asphalt, grey * tint, road_warmth),
        ('patch', asphalt, grey * rng.uniform(0.55, 0.8) * tint, road_warmth + 0.8),
        ('pale', asphalt, grey * rng.uniform(1.2, 1.5) * tint, road_warmth - 0.7),
        ('worn', asphalt, grey * rng.uniform(1.05, 1.2) * tint, road_warmth + 0.5),
        ('crack', asphalt, grey * 0.4 * tint, road_warmth + 0.6),
        ('iron', asphalt, (0.09, 0.085, 0.08), road_warmth - 2),
        ('pavement', pavement, stone, rng.uniform(1.5, 3.5)),
        ('kerb', kerb, stone * 1.25, rng.uniform(1.5, 4.0)),
        ('terrain', terrain, grass * rng.uniform(0.8, 1.2), rng.uniform(-1.5, 0.5)),
        ('white', marks, np.array([0.68, 0.68, 0.65]) * rng.uniform(0.75, 1.1), road_warmth - 0.8),
        ('yellow', marks, np.array([0.6, 0.42, 0.06]) * rng.uniform(0.8, 1.1), road_warmth - 0.8),
    ):
        tone[name] = canvas.paint(surface, tuple(np.clip(albedo, 0.01, 0.85).tolist()), float(warmth))
    return tone


def _wear(canvas: Canvas, street: Street, rng: np.random.Generator, tones: dict, z_begin: float) -> None:
    """Wheel tracks, patches, cracks and manholes."""
    lanes = [
        side * (k + 0.5) * street.lane
        for side, count in ((-1, street.lanes_left), (1, street.lanes_right))
        for k in range(count)
    ]
    for middle in lanes:
        if rng.random() < 0.6:
            for offset in (-0.8, 0.8):
                _strip(canvas, street, middle + offset - 0.28, middle + offset + 0.28, z_begin, 60, tones['worn'])
    for _ in range(int(rng.integers(1, 6))):
        u, z = lanes[rng.integers(0, len(lanes))] + rng.uniform(-1, 1), rng.uniform(4, 45)
        w, length = rng.uniform(0.5, 1.6), rng.uniform(1, 9)
        _strip(
            canvas, street, u - w / 2, u + w / 2, z, z + length, tones[('patch', 'patch', 'pale')[rng.integers(0, 3)]]
        )
    for _ in range(int(rng.integers(1, 6))):
        u, z = rng.uniform(street.edge(-1), street.edge(1)), rng.uniform(4, 35)
        steps = int(rng.integers(4, 10))
        along = rng.random() < 0.6
        du, dz = rng.normal(0, 0.22 if along else 0.7, steps), rng.normal(0.9 if along else 0.1, 0.3, steps)
        us, zs = u + np.cumsum(du), z + np.cumsum(dz)
        a, b = street.road.at(us[:-1], zs[:-1]), street.road.at(us[1:], zs[1:])
        wide = np.array([0.018, 0, 0.012], np.float32)
        canvas.fill_many(np.stack([a - wide, a + wide, b + wide, b - wide], 1), tones['crack'])
    angle = np.linspace(0, 2 * np.pi, 15)[:-1]
    for _ in range(int(rng.integers(0, 4))):
        u, z = lanes[rng.integers(0, len(lanes))] + rng.uniform(-0.6, 0.6), rng.uniform(5, 40)
        canvas.fill(street.road.at(u + 0.33 * np.cos(angle), z + 0.33 * np.sin(angle)), tones['iron'])


def _markings(canvas: Canvas, street: Street, rng: np.random.Generator, tones: dict, z_begin: float) -> None:
    """Centre, lane and edge lines, parking bays, stop lines, zebras and arrows."""
    white, phase = tones['white'], rng.uniform(-8, 0)
    centre = tones['yellow'] if street.yellow else white
    two_way = street.lanes_left > 0
    width = rng.uniform(0.12, 0.18)
    if two_way:
        style = rng.random()
        if style < 0.4 or street.lanes_right > 1:
            _solid(canvas, street, -0.14, width * 0.8, z_begin, centre)
            _solid(canvas, street, 0.14, width * 0.8, z_begin, centre)
        elif style < 0.75:
            _dashes(canvas, street, 0, width, 3, 4.5, z_begin + phase, centre)
        else:
            _solid(canvas, street, 0, width, z_begin, centre)
    for side, count in ((-1, street.lanes_left), (1, street.lanes_right)):
        for k in range(1, count):
            _dashes(canvas, street, side * k * street.lane, width, 3, 5.5, z_begin + phase, white)
        if rng.random() < 0.75:
            _solid(canvas, street, side * (count * street.lane + 0.12), width * 0.9, z_begin, white)
        if street.parking[side > 0] and rng.random() < 0.6:
            edge = street.edge(side)
            starts = np.arange(z_begin, 70, 5.8, dtype=np.float32)
            starts = starts[~street.in_crossing(starts, 6)]
            inner = side * (count * street.lane + 0.4)
            quads = np.stack(
                [
                    street.road.at(inner, starts),
                    street.road.at(edge, starts),
                    street.road.at(edge, starts + 0.12),
                    street.road.at(inner, starts + 0.12),
                ],
                1,
            )
            canvas.fill_many(quads, white)
    if street.crossing > 0:
        _junction_marks(canvas, street, white)
    if rng.random() < 0.35:
        _arrow(canvas, street, rng, (street.lanes_right - 0.5) * street.lane if street.lanes_right else 0, white)


def _junction_marks(canvas: Canvas, street: Street, white: int) -> None:
    """Zebras on all four sides, and stop lines."""
    left, right, half = street.edge(-1), street.edge(1), street.crossing_half
    for sign in (-1, 1):
        z = street.crossing + sign * (half + 1.6)
        if street.zebra:
            u = np.arange(left + 0.4, right - 0.4, 1.0, dtype=np.float32)
            quads = np.stack(
                [
                    street.road.at(u, z - 1.4),
                    street.road.at(u + 0.5, z - 1.4),
                    street.road.at(u + 0.5, z + 1.4),
                    street.road.at(u, z + 1.4),
                ],
                1,
            )
            canvas.fill_many(quads, white)
        stop = z + sign * 2.3
        u0, u1 = (0.3, street.lanes_right * street.lane) if sign < 0 else (-street.lanes_left * street.lane, -0.3)
        if u1 > u0:
            _strip(canvas, street, u0, u1, stop - 0.2, stop + 0.2, white)
    if not street.zebra:
        return
    for side in (-1, 1):
        x = street.edge(side) + side * 1.6 + float(street.road.centre(street.crossing))
        z = np.arange(street.crossing - half + 0.4, street.crossing + half - 0.6, 1.0, dtype=np.float32)
        quads = np.stack(
            [
                np.stack([np.full_like(z, x + dx), np.zeros_like(z), z + dz], -1)
                for dx, dz in ((-1.4, 0), (1.4, 0), (1.4, 0.5), (-1.4, 0.5))
            ],
            1,
        )
        canvas.fill_many(quads, white)


def _arrow(canvas: Canvas, street: Street, rng: np.random.Generator, u: float, paint: int) -> None:
    """A straight arrow in a lane."""
    z = rng.uniform(7, 16)
    if street.in_crossing(z, 8):
        return
    _strip(canvas, street, u - 0.08, u + 0.08, z, z + 2.4, paint)
    canvas.fill(
        np.concatenate([street.road.at(np.array([u - 0.4, u + 0.4]), z + 2.4), street.road.at(np.array([u]), z + 4.2)]),
        paint,
    )
