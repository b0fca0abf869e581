# Samples what moves in a world: vehicles in lanes and across, people on pavements and crossings, riders.
"""Traffic of the Nightscape world. Nothing is drawn here."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .figures import Figure
from .layout import Content, World
from .vehicles import Vehicle, random_vehicle


@dataclass
class Traffic:
    """Everything that moves."""

    vehicles: list[Vehicle]
    people: list[Figure]
    riders: list[Figure]


def sample_traffic(rng: np.random.Generator, world: World, surveillance: bool, content: Content) -> Traffic:
    """Samples what moves: vehicles in lanes and across, people on pavements and crossings, riders."""
    street, vehicles = world.street, []
    busy = rng.uniform(*content.traffic)
    for side, count in ((-1, street.lanes_left), (1, street.lanes_right)):
        for k in range(count):
            u = side * (k + 0.5) * street.lane
            own = not surveillance and side > 0 and abs(u - world.camera.position[0]) < 1.6
            z = rng.uniform(9, 30) if own else rng.uniform(5, 22)
            while z < 105:
                if rng.random() < busy:
                    heading = street.road.heading(z) + (np.pi if side < 0 else 0)
                    spread = rng.normal(0, 0.2)
                    vehicles.append(
                        random_vehicle(rng, street.road.at(u + spread, z), heading + rng.normal(0, 0.02), True)
                    )
                z += rng.uniform(9, 34)
    if street.crossing > 0:
        for direction in (-1, 1):
            x = rng.uniform(-40, -25)
            while x < 40:
                if rng.random() < busy * 0.35:
                    z = street.crossing - direction * street.crossing_half * 0.5
                    vehicles.append(random_vehicle(rng, (x, 0, z), direction * np.pi / 2, True))
                x += rng.uniform(9, 25)
    vehicles = _spread_out(vehicles)
    people = _people(rng, world, surveillance, content.people)
    riders = _riders(rng, world, vehicles)
    return Traffic(vehicles, people, riders)


def _spread_out(vehicles: list[Vehicle]) -> list[Vehicle]:
    """Leaves out vehicles that would stand inside another one."""
    kept: list[Vehicle] = []
    for vehicle in vehicles:
        reach = 7.5 if vehicle.category != 'car' else 4.8
        clear = all(
            abs(vehicle.position[2] - other.position[2]) > reach + (4 if other.category != 'car' else 0)
            or abs(vehicle.position[0] - other.position[0])
            > 2.5 + 3 * (abs(np.sin(vehicle.heading - other.heading)) > 0.5)
            for other in kept
        )
        if clear:
            kept.append(vehicle)
    return kept


def _person(rng: np.random.Generator, position) -> Figure:
    height = float(np.clip(rng.normal(1.71, 0.09), 1.45, 1.95)) if rng.random() < 0.9 else float(rng.uniform(1.0, 1.4))
    return Figure(
        'pedestrian',
        tuple(float(p) for p in position),
        height,
        float(rng.uniform(0, 6.3)),
        float(rng.uniform(-1, 1)),
        int(rng.integers(1 << 31)),
        away=bool(rng.random() < 0.5),
    )


def _people(rng: np.random.Generator, world: World, surveillance: bool, many: float) -> list[Figure]:
    street, out = world.street, []
    count = int(rng.gamma(2.0, many * (3.8 if world.theme in ('city', 'avenue') else 2.2)))
    for _ in range(min(count, 22)):
        side = 1 if rng.random() < 0.5 else -1
        wide = street.pavement[side > 0]
        u = street.edge(side) + side * rng.uniform(0.4, max(wide - 0.3, 0.6))
        z = 4.5 + 70 * rng.beta(1.2, 2.4)
        group = 1 + int(rng.random() < 0.25) + int(rng.random() < 0.08)
        for _ in range(group):
            out.append(_person(rng, street.road.at(u + rng.normal(0, 0.45), z + rng.normal(0, 0.5))))
    if street.crossing > 0:
        for _ in range(int(rng.integers(0, 6 if surveillance else 4))):
            z = street.crossing + rng.choice((-1, 1)) * (street.crossing_half + 1.6) + rng.uniform(-1, 1)
            person = _person(rng, street.road.at(rng.uniform(street.edge(-1), street.edge(1)), z))
            person.view = float(np.sign(person.view) * rng.uniform(0.7, 1))
            out.append(person)
    elif rng.random() < 0.3:  # somebody crosses where there is no crossing
        out.append(_person(rng, street.road.at(rng.uniform(street.edge(-1), street.edge(1)), rng.uniform(12, 45))))
    return out


def _riders(rng: np.random.Generator, world: World, vehicles: list[Vehicle]) -> list[Figure]:
    street, out = world.street, []
    for _ in range(int(rng.poisson(1.6))):
        motor = rng.random() < 0.42
        side = 1 if rng.random() < 0.6 else -1
        z = rng.uniform(7, 55)
        u = street.edge(side) - side * (0.7 + street.parking[side > 0] + (rng.uniform(0.3, 1.5) if motor else 0))
        view = rng.uniform(-0.3, 0.3)
        if street.crossing > 0 and rng.random() < 0.4:
            z, u, view = (
                street.crossing + rng.uniform(-2, 2),
                rng.uniform(-8, 8),
                rng.choice((-1, 1)) * rng.uniform(0.75, 1),
            )
        spot = street.road.at(u, z)
        if all(np.hypot(spot[0] - v.position[0], spot[2] - v.position[2]) > 3 for v in vehicles):
            out.append(
                Figure(
                    'motorcycle' if motor else 'bicycle',
                    tuple(float(p) for p in spot),
                    1.75,
                    float(rng.uniform(0, 6.3)),
                    float(view),
                    int(rng.integers(1 << 31)),
                    away=bool(side > 0),
                )
            )
    for _ in range(int(rng.integers(0, 3)) if world.theme != 'edge' else 0):  # parked
        side = 1 if rng.random() < 0.5 else -1
        z = rng.uniform(6, 30)
        if not street.in_crossing(z):
            spot = street.road.at(street.edge(side) + side * rng.uniform(0.6, 1.5), z)
            out.append(
                Figure(
                    'motorcycle' if rng.random() < 0.3 else 'bicycle',
                    tuple(float(p) for p in spot),
                    1.75,
                    0.0,
                    float(rng.choice((-1, 1)) * rng.uniform(0.6, 1)),
                    int(rng.integers(1 << 31)),
                    ridden=False,
                )
            )
    return out
