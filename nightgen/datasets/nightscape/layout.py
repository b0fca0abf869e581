# Samples a world from a seed: street, weather, lamps, buildings, furniture and traffic. Nothing is drawn here.
"""Scene layout of the Nightscape world."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from .buildings import Building
from .geometry import Camera, Road, pick
from .ground import Street
from .vehicles import Vehicle, random_vehicle

THEMES = ('city', 'avenue', 'suburb', 'edge')
SEASONS = ('summer', 'autumn', 'winter')


@dataclass(frozen=True)
class Content:
    """What the pictures of a domain tend to show."""

    themes: tuple[float, ...]  # odds of THEMES
    seasons: tuple[float, ...]  # odds of SEASONS
    traffic: tuple[float, float]  # share of the places in a lane that are taken, from and to
    people: float  # factor on their number


# Who records days and who records nights goes to other places, in other months, at other hours. The training domains
# differ likewise; `any` is for scenes that all renderings share.
CONTENTS = {
    'any': Content((0.46, 0.22, 0.2, 0.12), (0.5, 0.3, 0.2), (0.15, 1.0), 1.0),
    'day': Content((0.36, 0.28, 0.24, 0.12), (0.7, 0.2, 0.1), (0.3, 1.0), 1.15),
    'night': Content((0.58, 0.2, 0.12, 0.1), (0.35, 0.3, 0.35), (0.05, 0.6), 0.5),
    'thermal': Content((0.36, 0.2, 0.3, 0.14), (0.3, 0.35, 0.35), (0.05, 0.75), 0.85),
}


@dataclass
class World:
    """Everything that stands still in a scene, and its camera."""

    camera: Camera
    street: Street
    theme: str
    buildings: list[Building]
    season: str
    trees: list[tuple]  # position, height, seed
    hedges: list[tuple]  # position, length, height, seed
    barriers: list[tuple]  # kind, points, height, colour
    lamps: list[tuple]  # position, height, arm, colour, strength
    signals: list[tuple]  # position, state, facing, arm, seed
    signs: list[tuple]  # position, facing, seed
    bins: list[tuple]  # position, seed
    parked: list[Vehicle] = field(default_factory=list)
    urban: float = 0.5
    bonnet: bool = False


def _street(rng: np.random.Generator, theme: str, surveillance: bool) -> Street:
    straight = surveillance or rng.random() < 0.4
    road = Road(
        0.0 if straight else rng.normal(0, 1) * 7e-4,
        rng.uniform(5, 25),
        0 if straight else rng.uniform(-1, 1),
        rng.uniform(0, 6),
    )
    right = 1 if theme == 'suburb' else int(rng.integers(1, 4))
    left = right if rng.random() < 0.8 else max(right - 1, 1)
    parked = theme in ('city', 'suburb') and rng.random() < 0.65
    verge = {'city': 0.0, 'avenue': rng.uniform(0, 3), 'suburb': rng.uniform(3, 7), 'edge': rng.uniform(3, 9)}[theme]
    pavement = rng.uniform(1.8, 3.2) if theme in ('suburb', 'edge') else rng.uniform(2.6, 5.0)
    has_crossing = surveillance or rng.random() < 0.5
    half = rng.uniform(3.3, 6.5)
    near = rng.uniform(17, 27) if surveillance else rng.uniform(14, 60)
    crossing = near + half if has_crossing else 0.0
    return Street(
        road,
        left,
        right,
        rng.uniform(3.0, 3.6),
        (2.2 * parked, 2.2 * parked),
        (pavement, pavement * rng.uniform(0.8, 1.2)),
        (verge, verge * rng.uniform(0.7, 1.2)),
        crossing,
        half,
        bool(rng.random() < 0.75),
        bool(rng.random() < 0.45),
    )


def _camera(rng: np.random.Generator, street: Street, size: tuple[int, int], surveillance: bool) -> Camera:
    width, height = size
    if surveillance:
        side = 1 if rng.random() < 0.5 else -1
        high = rng.uniform(5.5, 9.0)
        x = side * (abs(street.edge(side)) + rng.uniform(-0.5, 1.8))
        target = street.crossing + rng.uniform(-3, 4)
        yaw = np.arctan2(-x * rng.uniform(0.5, 1.1), target)
        focal = width * rng.uniform(0.72, 0.95)
        pitch = np.arctan2(high, target) * rng.uniform(0.72, 0.92)
        return Camera(size, (x, high, 0), yaw, pitch, focal)
    lane = int(rng.integers(0, street.lanes_right))
    x = street.lane * (lane + 0.5) + rng.normal(0, 0.25)
    focal = width * rng.uniform(0.62, 0.92)
    horizon = rng.uniform(-0.06, 0.1) * height  # above the middle row when positive
    return Camera(
        size,
        (x, rng.uniform(1.25, 1.75) if rng.random() < 0.85 else rng.uniform(1.9, 2.5), 0),
        rng.normal(0, 0.025),
        np.arctan2(horizon, focal),
        focal,
    )


def _building_row(rng: np.random.Generator, street: Street, side: int, theme: str, urban: float) -> list[Building]:
    out, z, free = [], -14.0, True
    late = rng.uniform(0.05, 0.45)
    tall = rng.uniform(9, 30) if theme == 'city' else rng.uniform(7, 18)
    while z < 150:
        style = (
            'house'
            if theme == 'suburb'
            else ('brick', 'plaster', 'concrete', 'glass')[pick(rng, (0.3, 0.38, 0.2, 0.12))]
        )
        length = rng.uniform(8, 14) if style == 'house' else rng.uniform(9, 26)
        if street.crossing > 0:
            low, high = street.crossing - street.crossing_half - 3.2, street.crossing + street.crossing_half + 3.2
            if z < low < z + length:
                length = low - z
            elif low <= z < high:
                z, free = high, True
                continue
        height = rng.uniform(3.4, 6.2) if style == 'house' else float(np.clip(rng.normal(tall, tall * 0.35), 5, 60))
        if length > 4 and not (theme == 'edge' and rng.random() < 0.55):
            u = street.wall(side) + side * (rng.uniform(0, 3.5) if theme != 'city' else 0)
            out.append(
                Building(
                    side,
                    float(u),
                    z,
                    z + length,
                    height,
                    style,
                    int(rng.integers(1 << 31)),
                    float(rng.uniform(9, 22)),
                    bool(theme in ('city', 'avenue') and rng.random() < 0.5 and length > 6),
                    float(np.clip(rng.normal(late, 0.12), 0.02, 0.8)),
                    free,
                )
            )
            free = False
        else:
            free = True
        z += length
        gap = {'city': 0.12, 'avenue': 0.3, 'suburb': 0.9, 'edge': 0.7}[theme]
        if rng.random() < gap:
            z, free = z + rng.uniform(2, 12 if theme != 'city' else 6), True
    return out


def _greenery(rng: np.random.Generator, street: Street, theme: str) -> tuple[list, list, list]:
    trees, hedges, barriers = [], [], []
    for side in (-1, 1):
        kerb, wall = abs(street.edge(side)), abs(street.wall(side))
        density = {'city': 0.35, 'avenue': 0.95, 'suburb': 0.7, 'edge': 0.85}[theme]
        if rng.random() < density:
            step, z = rng.uniform(6, 14), rng.uniform(5, 16)
            high = rng.uniform(4.5, 9.5)
            while z < 95:
                u = kerb + rng.uniform(0.9, 1.4) if theme != 'suburb' else rng.uniform(kerb + 2, max(wall, kerb + 2.5))
                if not street.in_crossing(z, 3) and rng.random() < 0.85:
                    trees.append(
                        (street.road.at(side * u, z), float(high * rng.uniform(0.75, 1.3)), int(rng.integers(1 << 31)))
                    )
                z += step * rng.uniform(0.7, 1.4)
        if theme in ('suburb', 'edge'):
            kind = ('fence', 'wall', 'rail', 'hedge', 'none')[pick(rng, (0.3, 0.2, 0.1, 0.25, 0.15))]
            z = rng.uniform(-4, 12)
            while z < 100:
                end = z + rng.uniform(8, 30)
                stations = np.arange(z, end, 4.0)
                stations = stations[~street.in_crossing(stations, 3.5)]
                u = side * (kerb + street.pavement[side > 0] + 0.3)
                if kind == 'hedge':
                    hedges += [
                        (
                            street.road.at(u + side * 0.5, s),
                            5.6,
                            float(rng.uniform(0.8, 1.5)),
                            int(rng.integers(1 << 31)),
                        )
                        for s in np.arange(max(z, 6), end, 5.0)
                        if not street.in_crossing(s, 4)
                    ]
                elif kind != 'none' and len(stations) > 1:
                    colour = {'fence': (0.12, 0.13, 0.12), 'wall': (0.38, 0.34, 0.28), 'rail': (0.4, 0.4, 0.41)}[kind]
                    colour = tuple(float(c) for c in np.array(colour) * rng.uniform(0.6, 1.5))
                    splits = np.split(stations, np.flatnonzero(np.diff(stations) > 5) + 1)
                    barriers += [
                        (kind, street.road.at(u, part), {'fence': 1.3, 'wall': 1.1, 'rail': 0.8}[kind], colour)
                        for part in splits
                        if len(part) > 1
                    ]
                z = end + rng.uniform(1, 14)
        if theme == 'edge':
            for _ in range(int(rng.integers(10, 26))):
                z, u = rng.uniform(8, 105), side * (wall + rng.uniform(1, 22))
                if not street.in_crossing(z, 5):
                    trees.append((street.road.at(u, z), float(rng.uniform(5, 12)), int(rng.integers(1 << 31))))
            for _ in range(int(rng.integers(3, 10))):
                z, u = rng.uniform(6, 70), side * (wall + rng.uniform(-0.5, 8))
                hedges.append(
                    (
                        street.road.at(u, z),
                        float(rng.uniform(1.5, 4)),
                        float(rng.uniform(0.7, 2)),
                        int(rng.integers(1 << 31)),
                    )
                )
    return trees, hedges, barriers


def _furniture(rng: np.random.Generator, street: Street, theme: str, surveillance: bool):
    lamps, signals, signs, bins = [], [], [], []
    spacing, height = rng.uniform(22, 48), rng.uniform(5.5, 9.5)
    colour = pick(rng, (0.3, 0.35, 0.25, 0.1))
    sides = [(-1,), (1,), (-1, 1)][pick(rng, (0.25, 0.35, 0.4))]
    broken = (0.1, 0.4, 0.75)[rng.integers(0, 3)] if theme != 'edge' else (0.4, 0.75, 1.0)[rng.integers(0, 3)]
    for side in sides:
        z = rng.uniform(2, 2 + spacing) if len(sides) == 1 or side > 0 else rng.uniform(2, spacing)
        while z < 125:
            if not street.in_crossing(z, 1):
                strength = 0.0 if rng.random() < broken else float(rng.uniform(0.65, 1.25))
                arm = -side * rng.uniform(0.6, 2.2)
                lamps.append(
                    (street.road.at(street.edge(side) + side * 0.5, z), height, float(arm), int(colour), strength)
                )
            z += spacing
    if street.crossing > 0 and (surveillance or rng.random() < 0.7):
        state = int(pick(rng, (0.5, 0.1, 0.4)))
        front, back = street.crossing - street.crossing_half - 3.0, street.crossing + street.crossing_half + 3.0
        arm = rng.random() < 0.4
        for z, side, facing in ((front, 1, True), (back, 1, True), (back, -1, True), (front, -1, False)):
            if rng.random() < 0.8:
                u = street.edge(side) + side * 0.6
                reach = -side * (abs(street.edge(side)) * 0.55) if arm and z == back else 0.0
                signals.append((street.road.at(u, z), state, facing, float(reach), int(rng.integers(1 << 31))))
    for _ in range(int(rng.integers(1, 7))):
        side = 1 if rng.random() < 0.65 else -1
        z = rng.uniform(7, 75)
        if not street.in_crossing(z):
            signs.append(
                (
                    street.road.at(street.edge(side) + side * rng.uniform(0.5, 1.0), z),
                    bool(side > 0 or rng.random() < 0.3),
                    int(rng.integers(1 << 31)),
                )
            )
    for _ in range(int(rng.integers(0, 6))):
        side = 1 if rng.random() < 0.5 else -1
        z = rng.uniform(6, 45)
        if not street.in_crossing(z):
            bins.append((street.road.at(street.edge(side) + side * rng.uniform(0.6, 2), z), int(rng.integers(1 << 31))))
    return lamps, signals, signs, bins


def sample_world(rng: np.random.Generator, size: tuple[int, int], surveillance: bool, content: Content) -> World:
    """Samples what stands still."""
    theme, season = THEMES[pick(rng, content.themes)], SEASONS[pick(rng, content.seasons)]
    street = _street(rng, theme, surveillance)
    camera = _camera(rng, street, size, surveillance)
    urban = {'city': 0.8, 'avenue': 0.5, 'suburb': 0.15, 'edge': 0.15}[theme]
    buildings = [b for side in (-1, 1) for b in _building_row(rng, street, side, theme, urban)]
    trees, hedges, barriers = _greenery(rng, street, theme)
    if surveillance:  # nothing right in front of the lens
        trees = [tree for tree in trees if camera.depth_of(tree[0]) > 20 or tree[1] < 4]
        hedges = [hedge for hedge in hedges if camera.depth_of(hedge[0]) > 12]
    lamps, signals, signs, bins = _furniture(rng, street, theme, surveillance)
    if surveillance:  # nor a post
        lamps = [lamp for lamp in lamps if not 0 < camera.depth_of(lamp[0]) < 12]
    world = World(
        camera,
        street,
        theme,
        buildings,
        season,
        trees,
        hedges,
        barriers,
        lamps,
        signals,
        signs,
        bins,
        urban=urban,
        bonnet=bool(not surveillance and rng.random() < 0.22),
    )
    for side in (-1, 1):
        if not street.parking[side > 0]:
            continue
        z, busy = rng.uniform(6, 14), rng.uniform(0.3, 0.95)
        while z < 85:
            if rng.random() < busy and not street.in_crossing(z, 7):
                position = street.road.at(street.edge(side) - side * 1.12, z)
                turn = street.road.heading(z) + (np.pi if side < 0 else 0)
                world.parked.append(random_vehicle(rng, position, turn + rng.normal(0, 0.02), False, (0.95, 0.05, 0)))
            z += rng.uniform(5.6, 7.5)
    return world
