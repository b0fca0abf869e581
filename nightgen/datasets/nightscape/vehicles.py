# Cars, vans, trucks and buses: small meshes made from a side profile, with windows, wheels, lamps and plates.
"""Vehicles of the Nightscape world."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .canvas import Canvas
from .geometry import pick
from .vehicle_mesh import FACES, PROFILES, faces, mesh, patch, side_shapes
from .vehicle_mesh import part as mesh_part

CAR_COLOURS = np.array(
    [
        (0.72, 0.72, 0.72),
        (0.62, 0.63, 0.64),
        (0.4, 0.41, 0.43),
        (0.22, 0.23, 0.25),
        (0.025, 0.025, 0.03),
        (0.06, 0.06, 0.07),
        (0.45, 0.03, 0.03),
        (0.28, 0.02, 0.04),
        (0.03, 0.08, 0.32),
        (0.06, 0.16, 0.4),
        (0.1, 0.25, 0.42),
        (0.03, 0.16, 0.09),
        (0.45, 0.33, 0.2),
        (0.6, 0.36, 0.05),
        (0.62, 0.5, 0.1),
        (0.3, 0.2, 0.14),
    ],
    np.float32,
)
COLOUR_ODDS = (0.17, 0.12, 0.12, 0.1, 0.12, 0.06, 0.08, 0.03, 0.06, 0.04, 0.02, 0.02, 0.02, 0.01, 0.02, 0.01)
LABELS = {'car': 13, 'truck': 14, 'bus': 15}

GLASS = (0.03, 0.04, 0.05)
TYRE = (0.015, 0.015, 0.016)


@dataclass
class Vehicle:
    """What is drawn: kind (a PROFILES name or 'truck'), place, heading (radians from +Z) and state."""

    kind: str
    category: str
    position: tuple[float, float, float]
    heading: float
    scale: float
    colour: tuple[float, float, float]
    running: bool
    braking: bool
    second_colour: tuple[float, float, float] = (0.7, 0.7, 0.7)
    livery: float = 0.0  # a number that picks windows and stripes


def random_vehicle(
    rng: np.random.Generator, position, heading: float, running: bool, odds=(0.84, 0.07, 0.09)
) -> Vehicle:
    """Draws a vehicle at a place; `odds` of car, truck and bus."""
    category = ('car', 'truck', 'bus')[pick(rng, odds)]
    colour = CAR_COLOURS[pick(rng, COLOUR_ODDS)]
    second = CAR_COLOURS[pick(rng, COLOUR_ODDS)]
    kind = category
    if category == 'car':
        kind = ('sedan', 'hatch', 'suv', 'van', 'pickup')[pick(rng, (0.34, 0.26, 0.26, 0.08, 0.06))]
    elif category == 'truck':
        second = (0.75, 0.75, 0.73) if rng.random() < 0.5 else second
    colour = tuple(float(c) for c in np.clip(colour * rng.uniform(0.85, 1.15, 3), 0, 0.9))
    return Vehicle(
        kind,
        category,
        tuple(float(p) for p in position),
        float(heading),
        float(rng.uniform(0.94, 1.07)),
        colour,
        running,
        bool(running and rng.random() < 0.35),
        tuple(float(c) for c in second),
        float(rng.random()),
    )


def footprint(vehicle: Vehicle) -> tuple[float, float]:
    """Length and width on the ground, metres."""
    if vehicle.kind == 'truck':
        return 8.4 * vehicle.scale, 2.5 * vehicle.scale
    length, width, _ = PROFILES[vehicle.kind][0]
    return length * vehicle.scale, width * vehicle.scale


def height_of(vehicle: Vehicle) -> float:
    """Height in metres."""
    return PROFILES['box' if vehicle.kind == 'truck' else vehicle.kind][0][2] * vehicle.scale


class _Body:
    """Collects the visible shapes of one mesh at a pose and draws them at once."""

    def __init__(self, canvas: Canvas, surface: int, vehicle: Vehicle, kind: str, origin):
        cos, sin = float(np.cos(vehicle.heading)), float(np.sin(vehicle.heading))
        self.turn = np.array([[cos, 0, -sin], [0, 1, 0], [sin, 0, cos]], np.float32)
        self.origin, self.scale = np.asarray(origin, np.float32), vehicle.scale
        self.canvas, self.surface, self.kind = canvas, surface, kind
        self.eye = (canvas.camera.position - self.origin) @ self.turn.T / vehicle.scale
        self.quads, normals, middles = faces(kind)
        seen = ((self.eye - middles) * normals).sum(1) > 0
        self.seen = dict(zip(FACES, seen.tolist(), strict=True))
        self.normals = dict(zip(FACES, (normals @ self.turn).tolist(), strict=True))
        self.shapes: list[np.ndarray] = []
        self.paints: list[int] = []

    def paint(self, albedo, warmth, face: str, glow=(0, 0, 0), gloss=0.0) -> int:
        return self.canvas.paint(self.surface, albedo, warmth, self.normals[face], glow, gloss)

    def add(self, shape: np.ndarray, paint: int) -> None:
        self.shapes.append(shape)
        self.paints.append(paint)

    def part(self, face: str, s0: float, t0: float, s1: float, t1: float, paint: int) -> None:
        self.add(mesh_part(self.kind, face, s0, t0, s1, t1), paint)

    def draw(self) -> None:
        if self.shapes:
            world = self.origin + (np.concatenate(self.shapes) * self.scale) @ self.turn
            self.canvas.fill_mixed(self.shapes, self.paints, world)


def _side(body: _Body, side: int, wheels, colour, warmth: float, detail: bool) -> None:
    """Lower side with wheels; side 0 is left, 1 is right."""
    outline, sill, rings, details = side_shapes(body.kind, side, wheels)
    sign = 1 if side else -1
    if (body.eye[0] - outline[0, 0]) * sign <= 0:
        return
    face = 'glass_right' if side else 'glass_left'
    dark = tuple(0.35 * c for c in colour)
    body.add(outline, body.paint(colour, warmth, face, gloss=0.04))
    if detail and body.kind != 'box':
        under = body.paint(tuple(0.62 * c for c in colour), warmth + 0.6, face, gloss=0.01)
        shoulder = body.paint(tuple(min(1.15 * c, 0.9) for c in colour), warmth - 1.0, face, gloss=0.12)
        gap = body.paint(tuple(0.25 * c for c in colour), warmth + 0.5, face)
        for k, shape in enumerate(details):
            body.add(shape, (under, shoulder, gap)[min(k, 2)])
    if detail:
        body.add(sill, body.paint(dark, warmth + 1, face))
    hot = warmth > 3
    arch = body.paint((0.012, 0.012, 0.012), warmth + 2 * hot, face)
    tyre = body.paint(TYRE, warmth + 6 * hot, face)
    hub = body.paint((0.3, 0.3, 0.31), warmth + 11 * hot, face)
    for k, ring in enumerate(rings):
        if detail or k % 3 == 1:
            body.add(ring, (arch, tyre, hub)[k % 3])


def _glasses(body: _Body, face: str, frame, panes, warmth: float, glow, vehicle: Vehicle, detail: bool) -> None:
    """One window face: body-coloured frame with panes given as (s0, t0, s1, t1)."""
    if not body.seen[face]:
        return
    body.add(body.quads[face], body.paint(frame, warmth, face, gloss=0.04))
    low = body.paint(GLASS, warmth - 2.5, face, glow, gloss=0.03 + 0.04 * vehicle.livery)
    high = body.paint(GLASS, warmth - 3, face, glow, gloss=0.09 + 0.1 * vehicle.livery)
    for s0, t0, s1, t1 in panes:
        body.part(face, s0, t0, s1, t1, high if vehicle.livery > 0.3 else low)
        if detail:  # the street is mirrored below, the sky above
            middle = t0 + (t1 - t0) * (0.35 + 0.2 * vehicle.livery)
            body.part(face, s0, t0, s1, middle, low)


def _end(body: _Body, vehicle: Vehicle, front: bool, warmth: float, detail: bool) -> None:
    """Front or rear face with lamps, bumper, grille and plate."""
    face = 'front' if front else 'rear'
    if not body.seen[face]:
        return
    running = vehicle.running
    dark = tuple(0.3 * c for c in vehicle.colour)
    body.add(body.quads[face], body.paint(vehicle.colour, warmth + (5 * running if front else 0), face, gloss=0.03))
    if detail:  # the edge under the bonnet or the boot's lid mirrors the sky
        light = tuple(min(1.15 * c, 0.9) for c in vehicle.colour)
        body.part(face, 0, 0.86, 1, 1, body.paint(light, warmth - 0.5, face, gloss=0.1))
        body.part(face, 0.02, 0.84, 0.98, 0.87, body.paint(dark, warmth, face))
    body.part(face, 0, 0, 1, 0.3, body.paint(dark, warmth + 2 * running, face))
    if front:
        lamp = body.paint((0.6, 0.6, 0.6), warmth + 8 * running, face, (7, 7.2, 7.5) if running else (0, 0, 0))
        body.part(face, 0.3, 0.34, 0.7, 0.72, body.paint((0.02, 0.02, 0.02), warmth + 9 * running, face))
    else:
        level = 5.0 if vehicle.braking else 1.7 if running else 0
        lamp = body.paint((0.42, 0.02, 0.02), warmth + 3 * running, face, (level, 0.045 * level, 0.03 * level))
    t0, t1 = (0.55, 0.85) if front else (0.52, 0.95)
    tall = 0.04 + 0.12 * vehicle.livery  # lamps differ from car to car
    body.part(face, 0.04, t0 - (0 if front else tall), 0.12 + tall, t1, lamp)
    body.part(face, 0.88 - tall, t0 - (0 if front else tall), 0.96, t1, lamp)
    if detail:
        glow = (0.06, 0.06, 0.055) if running and not front else (0, 0, 0)
        body.part(face, 0.37, 0.32, 0.63, 0.5, body.paint((0.62, 0.62, 0.55), warmth, face, glow))
        body.part(face, 0.36, 0.1, 0.64, 0.13, body.paint(TYRE, warmth, face))
        if running and not front:
            body.part(face, 0.16, 0, 0.27, 0.12, body.paint(TYRE, warmth + 24, face))


def _panes(kind: str, livery: float) -> list[tuple[float, float, float, float]]:
    if kind == 'bus':
        return [(0.03 + i * 0.137, 0.12, 0.155 + i * 0.137, 0.8) for i in range(7)]
    if kind == 'van' and livery < 0.5:
        return [(0.76, 0.12, 0.95, 0.88)]
    if kind == 'cab':
        return [(0.35, 0.1, 0.9, 0.85)]
    if kind == 'pickup':
        return [(0.1, 0.1, 0.9, 0.86)]
    return [(0.08, 0.1, 0.46, 0.88), (0.52, 0.1, 0.92, 0.88)]


def _shell(
    canvas: Canvas,
    surface: int,
    vehicle: Vehicle,
    kind: str,
    origin,
    warmth: float,
    colour,
    wheels,
    detail: bool,
    ends: tuple[bool, bool],
) -> None:
    """One mesh: ends, sides, upper faces."""
    body = _Body(canvas, surface, vehicle, kind, origin)
    for front in (False, True):
        if ends[front]:
            _end(body, vehicle, front, warmth, detail)
    for side in (0, 1):
        _side(body, side, wheels, colour, warmth, detail)
    for name, extra in (('boot', 0.0), ('bonnet', 5.0 * vehicle.running)):
        if body.seen[name]:
            body.add(body.quads[name], body.paint(colour, warmth + extra, name, gloss=0.08))
    cabin = (0.35, 0.33, 0.28) if kind == 'bus' and vehicle.running else (0, 0, 0)
    closed = kind == 'box'
    shaded = tuple(0.92 * c for c in colour)
    panes = _panes(kind, vehicle.livery)
    mirrored = [(1 - s1, t0, 1 - s0, t1) for s0, t0, s1, t1 in panes]
    for name, some in (
        ('glass_left', mirrored),
        ('glass_right', panes),
        ('back_glass', [(0.06, 0.1, 0.94, 0.88)]),
        ('screen', [(0.05, 0.06, 0.95, 0.92)]),
    ):
        if not closed:
            _glasses(body, name, shaded, some, warmth, cabin, vehicle, detail)
        elif body.seen[name]:
            body.add(body.quads[name], body.paint(colour, warmth, name))
    if body.seen['roof']:
        body.add(body.quads['roof'], body.paint(colour, warmth - 1.5, 'roof', gloss=0.1))
    if closed:
        _cargo_marks(body, vehicle, warmth)
    if kind == 'bus' and detail:
        glow = (2.4, 1.2, 0.15) if vehicle.running else (0, 0, 0)
        for name in ('screen', 'back_glass'):
            if body.seen[name]:
                body.part(name, 0.2, 0.82, 0.8, 0.95, body.paint((0.25, 0.14, 0.02), 4, name, glow))
    body.draw()


def _cargo_marks(body: _Body, vehicle: Vehicle, warmth: float) -> None:
    """Rear doors, lamps and a stripe on a truck's box."""
    if body.seen['box_rear']:
        face = 'box_rear'
        dark = body.paint(tuple(0.4 * c for c in vehicle.second_colour), warmth, face)
        level = 5.0 if vehicle.braking else 1.7 if vehicle.running else 0
        lamp = body.paint((0.42, 0.02, 0.02), warmth + 3, face, (level, 0.045 * level, 0.03 * level))
        under = body.paint(TYRE, warmth + 4, face)
        base = body.paint(vehicle.second_colour, warmth, face)
        for s0, t0, s1, t1, paint in (
            (0, 0, 1, 1, base),
            (0.49, 0.1, 0.51, 0.98, dark),
            (0, 0, 1, 0.06, dark),
            (0.03, 0.01, 0.13, 0.06, lamp),
            (0.87, 0.01, 0.97, 0.06, lamp),
            (0.1, -0.25, 0.9, 0, under),
        ):
            body.part(face, s0, t0, s1, t1, paint)
    for side, face in ((0, 'glass_left'), (1, 'glass_right')):
        if vehicle.livery > 0.4 and body.seen[face]:
            corners = mesh(body.kind)
            quad = np.stack([corners[i, side] for i in ((0, 7, 4, 3) if side else (7, 0, 3, 4))])
            body.add(patch(quad, 0.1, 0.45, 0.9, 0.7), body.paint(vehicle.colour, warmth, face))


def _dazzle(canvas: Canvas, vehicle: Vehicle, length: float) -> None:
    """Remembers head and tail lamps as sources of glare, if they point at the camera."""
    x, y, z = vehicle.position
    sin, cos = float(np.sin(vehicle.heading)), float(np.cos(vehicle.heading))
    ex, _, ez = canvas.camera.eye
    away = (ex - x) * sin + (ez - z) * cos < 0
    sign, rgb = (-1, (1.3, 0.05, 0.03) if vehicle.braking else (0.5, 0.02, 0.012)) if away else (1, (5.0, 5.0, 5.1))
    kind = ('box' if away else 'cab') if vehicle.kind == 'truck' else vehicle.kind
    (_, width, height), stations, _ = PROFILES[kind]
    low, high = (stations[0][1], stations[1][1]) if away else (stations[7][1], stations[6][1])
    lift = (low + (0.03 if kind == 'box' else 0.7) * (high - low)) * height * vehicle.scale
    for offset in (-0.38 * width, 0.38 * width):
        spot = (x + sign * sin * length / 2 + offset * cos, y + lift, z + sign * cos * length / 2 - offset * sin)
        canvas.glare.append((spot, rgb))


def draw_vehicle(canvas: Canvas, vehicle: Vehicle) -> None:
    """Draws a vehicle as a thing with a box."""
    length, width = footprint(vehicle)
    height = height_of(vehicle)
    depth = canvas.camera.depth_of(vehicle.position)
    half = (length * abs(np.sin(vehicle.heading)) + width * abs(np.cos(vehicle.heading))) / 2
    reach = float(np.hypot(length, width) / 2)
    with canvas.thing(vehicle.category, vehicle.position, reach, height, max(depth - half * 0.3, 1.0)) as thing:
        if thing is None:
            return
        pixels = height * canvas.camera.focal * canvas.camera.oversample / max(depth, 1.0)
        detail = pixels > 18
        warmth = 4.5 if vehicle.running else 0.3
        surface = canvas.surface(
            LABELS[vehicle.category],
            thing.instance,
            depth=max(depth, 0.5),
            shadow=0.85,
            lamp=0.8,
            texture=('plaster', 10),
            upright=True,
        )
        if vehicle.running:
            _dazzle(canvas, vehicle, length)
        if vehicle.kind != 'truck':
            size = PROFILES[vehicle.kind][0]
            radius = 0.5 if vehicle.kind == 'bus' else 0.36 if vehicle.kind in ('suv', 'pickup', 'van') else 0.32
            wheels = ((-0.3 * size[0], radius), (0.32 * size[0], radius))
            _shell(
                canvas,
                surface,
                vehicle,
                vehicle.kind,
                vehicle.position,
                warmth,
                vehicle.colour,
                wheels,
                detail,
                (True, True),
            )
            return
        forward = np.array([np.sin(vehicle.heading), 0, np.cos(vehicle.heading)])
        box = np.asarray(vehicle.position) - forward * 1.2 * vehicle.scale
        cab = np.asarray(vehicle.position) + forward * 3.0 * vehicle.scale
        parts = [
            ('box', box, vehicle.second_colour, ((-2.0, 0.5), (-0.9, 0.5)), (False, False)),
            ('cab', cab, vehicle.colour, ((0.1, 0.5),), (False, True)),
        ]
        if (canvas.camera.position - np.asarray(vehicle.position)) @ forward < 0:
            parts.reverse()
        for kind, origin, colour, wheels, ends in parts:
            _shell(
                canvas,
                surface,
                vehicle,
                kind,
                origin,
                warmth if kind == 'cab' else warmth * 0.4,
                colour,
                wheels,
                detail,
                ends,
            )
