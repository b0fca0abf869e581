# Pedestrians, and riders on bicycles and motorcycles: flat jointed figures that face the camera.
"""People and two-wheelers of the Nightscape world."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from .canvas import Canvas

_T = np.linspace(0, 2 * np.pi, 15)[:-1]
_ROUND = np.stack([np.cos(_T), np.sin(_T)], -1).astype(np.float32)
SKIN = np.array([(0.52, 0.33, 0.24), (0.42, 0.25, 0.17), (0.28, 0.16, 0.1), (0.13, 0.07, 0.045)], np.float32)
HAIR = np.array([(0.02, 0.015, 0.012), (0.07, 0.04, 0.02), (0.22, 0.14, 0.06), (0.3, 0.3, 0.29)], np.float32)
CLOTHES = np.array(
    [
        (0.02, 0.02, 0.025),
        (0.05, 0.05, 0.06),
        (0.12, 0.12, 0.13),
        (0.4, 0.4, 0.4),
        (0.65, 0.64, 0.62),
        (0.03, 0.05, 0.16),
        (0.06, 0.12, 0.3),
        (0.35, 0.03, 0.04),
        (0.5, 0.12, 0.03),
        (0.05, 0.16, 0.08),
        (0.45, 0.36, 0.2),
        (0.55, 0.42, 0.06),
        (0.3, 0.08, 0.25),
        (0.2, 0.13, 0.08),
    ],
    np.float32,
)


@dataclass
class Figure:
    """A person (kind 'pedestrian') or a rider with a machine ('bicycle', 'motorcycle'), `ridden` or parked."""

    kind: str
    position: tuple[float, float, float]
    height: float
    phase: float
    view: float  # -1 to 1: how much of a side view the camera gets and to which side it faces
    seed: int
    ridden: bool = True
    away: bool = True


def _limb(a, b, wide_a: float, wide_b: float) -> np.ndarray:
    """A tapered bar from a to b, 4,2."""
    (ax, ay), (bx, by) = a, b
    dx, dy = float(bx - ax), float(by - ay)
    scale = 1 / max(math.hypot(dx, dy), 1e-4)
    nx, ny = -dy * scale, dx * scale
    return np.array(
        [
            (ax + nx * wide_a, ay + ny * wide_a),
            (bx + nx * wide_b, by + ny * wide_b),
            (bx - nx * wide_b, by - ny * wide_b),
            (ax - nx * wide_a, ay - ny * wide_a),
        ],
        np.float32,
    )


def _disc(x: float, y: float, rx: float, ry: float) -> np.ndarray:
    return _ROUND * np.array([rx, ry], np.float32) + np.array([x, y], np.float32)


def _ring_segments(x: float, y: float, radius: float, width: float) -> list[np.ndarray]:
    """A wheel as bars, so that the background shows through."""
    points = _ROUND[::1] * radius + np.array([x, y], np.float32)
    return [_limb(points[i - 1], points[i], width, width) for i in range(len(points))]


def _person_shapes(figure: Figure, rng: np.random.Generator, cloth: dict) -> tuple[list[np.ndarray], list[str]]:
    """Shapes in metres around the feet, and the name of the paint of each."""
    h, side = figure.height, figure.view
    stride = math.sin(figure.phase) * 0.17 * h * (0.25 + 0.75 * abs(side))
    lift = 0.04 * h * max(math.cos(figure.phase), 0)
    facing = 1.0 if side >= 0 else -1.0
    hip, neck = 0.5 * h, 0.83 * h
    width = h * (0.115 - 0.035 * abs(side))
    gap = 0.035 * h * (1 - 0.7 * abs(side))
    shapes, names = [], []

    def add(shape: np.ndarray, name: str) -> None:
        shapes.append(shape)
        names.append(name)

    for direction, bright in ((-1, 'leg_dark'), (1, 'leg')):
        foot = (direction * gap + direction * stride, lift if direction > 0 else 0.0)
        knee = (direction * gap * 0.9 + direction * stride * 0.45 + side * 0.03 * h, 0.26 * h + lift * 0.5)
        add(_limb((direction * gap * 0.8, hip), knee, 0.052 * h, 0.04 * h), bright)
        add(_limb(knee, (foot[0], foot[1] + 0.03 * h), 0.04 * h, 0.028 * h), bright)
        add(
            _limb(
                (foot[0] - 0.015 * h, foot[1] + 0.018 * h),
                (foot[0] + (0.03 + 0.05 * abs(side)) * h * facing, foot[1] + 0.016 * h),
                0.02 * h,
                0.016 * h,
            ),
            'shoe',
        )
    swing = -stride * 0.7
    add(
        _limb((-width * 0.9, neck - 0.03 * h), (-width * 1.15 - swing * 0.8, 0.46 * h), 0.03 * h, 0.022 * h), 'top_dark'
    )
    bottom = hip - (0.16 * h if cloth['coat'] else 0.03 * h)
    add(
        np.array(
            [
                (-width * 0.82, bottom),
                (-width, neck - 0.05 * h),
                (-width * 0.6, neck),
                (width * 0.6, neck),
                (width, neck - 0.05 * h),
                (width * 0.82, bottom),
            ],
            np.float32,
        ),
        'top',
    )
    add(
        np.array(
            [
                (width * 0.1, bottom),
                (width * 0.2, neck),
                (width * 0.6, neck),
                (width, neck - 0.05 * h),
                (width * 0.82, bottom),
            ],
            np.float32,
        ),
        'top_dark',
    )
    add(_limb((width * 0.9, neck - 0.03 * h), (width * 1.15 + swing * 0.8, 0.46 * h), 0.03 * h, 0.022 * h), 'top')
    add(_disc(width * 1.15 + swing * 0.8, 0.445 * h, 0.02 * h, 0.022 * h), 'skin')
    add(_limb((0, neck - 0.01 * h), (side * 0.01 * h, 0.88 * h), 0.028 * h, 0.03 * h), 'skin')
    add(_disc(side * 0.012 * h, 0.925 * h, 0.052 * h, 0.07 * h), 'hair' if figure.away else 'skin')
    if not figure.away:
        add(
            np.concatenate(
                [
                    _disc(side * 0.012 * h, 0.935 * h, 0.056 * h, 0.07 * h)[:8],
                    [[side * 0.012 * h - 0.03 * h, 0.955 * h], [side * 0.012 * h + 0.03 * h, 0.955 * h]],
                ]
            ),
            'hair',
        )
    shadow = 0.028 * h
    if cloth['open']:  # an open jacket over a shirt
        add(_limb((0, bottom + 0.01 * h), (0, neck - 0.01 * h), 0.3 * width, 0.18 * width), 'shirt')
    add(_limb((-width * 0.8, hip), (width * 0.8, hip), 0.014 * h, 0.014 * h), 'belt')
    for x, y, lean in ((-0.5, 0.62, 0.35), (0.15, 0.7, -0.3), (-0.1, 0.56, 0.25)):  # folds
        fold = ((x * width, y * h), ((x + lean) * width, y * h - shadow))
        add(_limb(*fold, 0.006 * h, 0.012 * h), 'top_dark')
    if not figure.away:  # eyes and mouth as a small camera sees them
        for y in (0.935, 0.895):
            middle = side * 0.02 * h
            add(_limb((middle - 0.03 * h, y * h), (middle + 0.03 * h, y * h), 0.007 * h, 0.007 * h), 'shade')
    if cloth['bag']:
        add(_limb((-width * 0.6 * facing, 0.77 * h), (-width * 0.75 * facing, 0.56 * h), 0.07 * h, 0.075 * h), 'bag')
    return shapes, names


def _paints(canvas: Canvas, surface: int, rng: np.random.Generator) -> dict[str, int]:
    """Paints of a dressed person and of a machine, by name."""
    toward = (-canvas.camera.ahead[0], -0.3 * canvas.camera.ahead[1], -canvas.camera.ahead[2])
    chosen = CLOTHES[rng.integers(0, len(CLOTHES), 6)] * rng.uniform(0.8, 1.2, (6, 1))
    top, leg, bag, frame, helmet, shirt = np.minimum(chosen, 0.8).tolist()
    draws = rng.random(5).tolist()
    leg = [0.7 * c for c in leg] if draws[0] < 0.6 else leg
    skin, hair = SKIN[int(draws[1] * 4)].tolist(), HAIR[int(draws[2] * 4)].tolist()
    warm = 5 * draws[3] - 2.5
    shoe = 0.34 if draws[4] < 0.25 else 0.04
    kinds = {
        'top': (top, 10 + warm),
        'top_dark': ([0.72 * c for c in top], 9 + warm),
        'leg': (leg, 9 + warm),
        'leg_dark': ([0.7 * c for c in leg], 8.2 + warm),
        'skin': (skin, 17 + warm * 0.4),
        'hair': (hair, 12.5 + warm * 0.5),
        'shoe': ([shoe] * 3, 5.0),
        'shirt': (shirt, 11 + warm),
        'belt': ([0.03, 0.025, 0.02], 8 + warm),
        'shade': ([0.45 * c for c in skin], 17 + warm * 0.4),
        'bag': (bag, 4.0),
        'frame': (frame, 1.0),
        'rubber': ([0.015] * 3, 2.0),
        'engine': ([0.1, 0.1, 0.11], 22.0),
        'helmet': (helmet, 6.0),
    }
    return {name: canvas.paint(surface, albedo, warmth, toward) for name, (albedo, warmth) in kinds.items()}


def draw_person(canvas: Canvas, figure: Figure) -> None:
    """Draws a pedestrian as a thing with a box."""
    depth = canvas.camera.depth_of(figure.position)
    with canvas.thing('person', figure.position, 0.35 * figure.height, figure.height * 1.02, depth) as thing:
        if thing is None:
            return
        rng = np.random.default_rng(figure.seed)
        surface = canvas.surface(
            11, thing.instance, depth=depth, shadow=0.7, lamp=0.85, texture=('plaster', 60), upright=True
        )
        paints = _paints(canvas, surface, rng)
        cloth = {'coat': rng.random() < 0.35, 'bag': rng.random() < 0.35, 'open': rng.random() < 0.4}
        shapes, names = _person_shapes(figure, rng, cloth)
        canvas.billboard(figure.position, shapes, [paints[name] for name in names])


def _machine_shapes(figure: Figure) -> tuple[list[np.ndarray], list[str]]:
    """Bicycle or motorcycle around the ground point; narrow when seen from behind."""
    squeeze = figure.view  # signed: the front is on the right when positive
    motor = figure.kind == 'motorcycle'
    radius, base = (0.31, 0.72) if motor else (0.34, 0.52)
    shapes, names = [], []

    def add(points: list[np.ndarray], name: str) -> None:
        for shape in points:
            shape = shape.copy()
            shape[:, 0] *= squeeze
            shapes.append(shape)
            names.append(name)

    if abs(squeeze) < 0.35:  # from behind or from the front
        wide = 0.075 if motor else 0.03
        shapes += [
            _limb((0, 0), (0, 2 * radius), wide, wide),
            _limb((0, radius), (0, 0.95), wide * 0.8, wide * 0.6),
            _limb((-0.32, 1.0), (0.32, 1.0), 0.025, 0.025),
        ]
        names += ['rubber', 'frame', 'rubber']
        if motor:
            shapes += [np.array([(-0.16, 0.5), (0.16, 0.5), (0.18, 0.85), (-0.18, 0.85)], np.float32)]
            names += ['frame']
        return shapes, names
    for x in (-base, base):
        if motor:
            add([_disc(x, radius, radius, radius)], 'rubber')
            add([_disc(x, radius, radius * 0.45, radius * 0.45)], 'engine')
        else:
            add(_ring_segments(x, radius, radius, 0.022), 'rubber')
    if motor:
        add(
            [
                np.array(
                    [(-0.45, 0.35), (0.4, 0.35), (0.55, 0.75), (0.2, 0.9), (-0.3, 0.78), (-0.85, 0.85), (-0.8, 0.7)],
                    np.float32,
                )
            ],
            'frame',
        )
        add([np.array([(-0.25, 0.25), (0.25, 0.25), (0.3, 0.5), (-0.2, 0.5)], np.float32)], 'engine')
        add(
            [_limb((base, radius), (base * 0.7, 0.95), 0.035, 0.03), _limb((0.35, 1.0), (0.5, 0.95), 0.03, 0.03)],
            'rubber',
        )
    else:
        add(
            [
                _limb((-base, radius), (-0.08, 0.33), 0.018, 0.018),
                _limb((-0.08, 0.33), (0.42, 0.8), 0.02, 0.02),
                _limb((-0.2, 0.8), (0.4, 0.83), 0.02, 0.02),
                _limb((-0.08, 0.33), (-0.2, 0.92), 0.02, 0.02),
                _limb((base, radius), (0.42, 1.0), 0.018, 0.018),
            ],
            'frame',
        )
        add([_limb((-0.3, 0.94), (-0.08, 0.94), 0.03, 0.02), _limb((0.36, 1.04), (0.5, 1.0), 0.022, 0.02)], 'rubber')
    return shapes, names


def _rider_shapes(figure: Figure) -> tuple[list[np.ndarray], list[str]]:
    """A seated person on the machine."""
    squeeze = figure.view
    motor = figure.kind == 'motorcycle'
    seat = 0.8 if motor else 0.95
    pedal = 0.25 * np.sin(figure.phase)
    parts = []
    if abs(squeeze) < 0.35:
        for sign in (-1, 1):
            parts += [
                (_limb((sign * 0.1, seat), (sign * 0.17, 0.5 + sign * pedal * 0.3), 0.07, 0.06), 'leg'),
                (
                    _limb(
                        (sign * 0.17, 0.5 + sign * pedal * 0.3), (sign * 0.13, 0.2 + sign * pedal * 0.3), 0.055, 0.04
                    ),
                    'leg_dark',
                ),
            ]
        parts += [
            (
                np.array(
                    [
                        (-0.15, seat - 0.06),
                        (-0.21, seat + 0.5),
                        (-0.12, seat + 0.56),
                        (0.12, seat + 0.56),
                        (0.21, seat + 0.5),
                        (0.15, seat - 0.06),
                    ],
                    np.float32,
                ),
                'top',
            )
        ]
        for sign in (-1, 1):
            parts += [(_limb((sign * 0.19, seat + 0.48), (sign * 0.29, 1.05), 0.05, 0.035), 'top_dark')]
        parts += [(_disc(0, seat + 0.7, 0.1, 0.13), 'helmet' if motor or figure.seed % 2 else 'hair')]
        return [p[0] for p in parts], [p[1] for p in parts]
    lean = 0.22 if motor else 0.3
    shoulder, hip = (-0.2 + lean, seat + 0.52), (-0.2, seat)
    knee, foot = (0.12 + pedal * 0.3, 0.62 + pedal * 0.2), (-0.02 + pedal * 0.5, 0.26 + abs(pedal) * 0.3)
    sides = [
        (_limb(hip, knee, 0.085, 0.07), 'leg'),
        (_limb(knee, foot, 0.06, 0.04), 'leg'),
        (_limb(hip, shoulder, 0.12, 0.14), 'top'),
        (_limb(shoulder, (0.4, 1.03), 0.05, 0.035), 'top_dark'),
        (_disc(shoulder[0] + 0.06, shoulder[1] + 0.2, 0.1, 0.13), 'skin'),
        (_disc(shoulder[0] + 0.04, shoulder[1] + 0.24, 0.11, 0.11), 'helmet' if motor or figure.seed % 2 else 'hair'),
    ]
    for shape, name in sides:
        shape = shape.copy()
        shape[:, 0] *= squeeze
        parts.append((shape, name))
    return [p[0] for p in parts], [p[1] for p in parts]


def draw_two_wheeler(canvas: Canvas, figure: Figure) -> None:
    """Draws a bicycle or motorcycle, and its rider as a thing of its own."""
    depth = canvas.camera.depth_of(figure.position)
    motor = figure.kind == 'motorcycle'
    with canvas.thing(figure.kind, figure.position, 1.1, 1.15, depth) as thing:
        if thing is None:
            return
        rng = np.random.default_rng(figure.seed)
        surface = canvas.surface(17 if motor else 18, thing.instance, depth=depth, shadow=0.7, lamp=0.85, upright=True)
        paints = _paints(canvas, surface, rng)
        shapes, names = _machine_shapes(figure)
        if not (figure.ridden and motor):
            paints['engine'] = paints['frame']
        canvas.billboard(figure.position, shapes, [paints[name] for name in names])
        if figure.ridden:
            glow = (1.6, 0.06, 0.04) if figure.away else (3.5, 3.4, 3.2)
            lamp = canvas.paint(surface, (0.4, 0.05, 0.05) if figure.away else (0.6, 0.6, 0.6), 4, glow=glow)
            side = -np.sign(figure.view or 1) if figure.away else np.sign(figure.view or 1)
            x = side * abs(figure.view) * (0.75 if motor else 0.5)
            canvas.billboard(figure.position, [_disc(x, 0.72, 0.06, 0.06)], [lamp])
    if not figure.ridden:
        return
    with canvas.thing('rider', figure.position, 0.9, 1.95, depth - 0.01) as thing:
        if thing is None:
            return
        surface = canvas.surface(
            12, thing.instance, depth=depth, shadow=0.7, lamp=0.85, texture=('plaster', 60), upright=True
        )
        paints = _paints(canvas, surface, np.random.default_rng(figure.seed + 1))
        shapes, names = _rider_shapes(figure)
        canvas.billboard(figure.position, shapes, [paints[name] for name in names])
