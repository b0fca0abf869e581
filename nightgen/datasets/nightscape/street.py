# What stands along a street: trees, hedges, poles, lamps, traffic lights, signs, fences, walls, bins.
"""Street furniture and vegetation of the Nightscape world."""

from __future__ import annotations

import numpy as np

from . import textures
from .canvas import Canvas
from .geometry import pick

_T = np.linspace(0, 2 * np.pi, 13)[:-1]
_DISC = np.stack([np.cos(_T), np.sin(_T)], -1).astype(np.float32)
GREENS = np.array(
    [
        (0.07, 0.13, 0.035),
        (0.05, 0.1, 0.03),
        (0.1, 0.15, 0.04),
        (0.04, 0.085, 0.04),
        (0.16, 0.14, 0.035),
        (0.2, 0.09, 0.02),
    ],
    np.float32,
)
LEAF_ODDS = {  # of GREENS
    'summer': (0.3, 0.28, 0.22, 0.16, 0.03, 0.01),
    'autumn': (0.12, 0.08, 0.14, 0.06, 0.4, 0.2),
    'winter': (0.15, 0.2, 0.1, 0.4, 0.1, 0.05),
}
LAMP_COLOURS = {
    'sodium': (1.0, 0.56, 0.2),
    'warm': (1.0, 0.8, 0.52),
    'white': (0.95, 0.97, 1.0),
    'green': (0.75, 1.0, 0.85),
}


def rectangle(x0: float, y0: float, x1: float, y1: float) -> np.ndarray:
    """Corners 4,2 of a flat rectangle in metres."""
    return np.array([(x0, y0), (x1, y0), (x1, y1), (x0, y1)], np.float32)


def _facing(canvas: Canvas) -> tuple:
    """Normal of something round that faces the camera and a little upwards."""
    return canvas.facing


def _leaves(canvas: Canvas, surface: int, green: np.ndarray, warmth: float) -> int:
    """Paints of the foliage shades, returns the first."""
    first = canvas.paint_count
    red, middle, blue = green.tolist()
    for shade in range(textures.FOLIAGE_SHADES):
        level = 0.28 + 0.24 * shade
        tint = (red * level * (1 + 0.06 * shade), middle * level, blue * level * (1 - 0.03 * shade))
        canvas.paint(surface, tint, warmth - 0.25 * shade, (0, min(0.2 + 0.15 * shade, 1), -0.5))
    return first


def draw_tree(canvas: Canvas, rng: np.random.Generator, position, height: float, season: str) -> None:
    """A tree with a trunk, two branches and a leafy crown; most are bare in winter."""
    depth = canvas.camera.depth_of(position)
    number = int(rng.integers(0, 14))
    slender = number % 3 == 1
    wide = height * (0.5 if slender else rng.uniform(0.62, 0.85))
    tall = height * (0.8 if number % 3 else 0.7)
    with canvas.thing(None, position, wide * 0.55, height * 1.05, depth) as thing:
        if thing is None:
            return
        surface = canvas.surface(8, depth=depth, shadow=0.35, lamp=0.6, texture=('grass', 20), upright=True)
        bark = np.array([0.1, 0.075, 0.05]) * rng.uniform(0.6, 1.3)
        normal = _facing(canvas)
        light = canvas.paint(surface, tuple(bark.tolist()), 2.2, normal)
        dark = canvas.paint(surface, tuple((bark * 0.6).tolist()), 2.0, normal)
        thick = 0.02 * height + 0.04
        stem = np.array(
            [(-thick, 0), (thick, 0), (thick * 0.6, height * 0.6), (-thick * 0.6, height * 0.6)], np.float32
        )
        half = stem * np.array([1, 1], np.float32)
        half[[0, 3], 0] = 0
        fork = [
            np.array(
                [(-thick * 0.4, height * 0.3), (thick * 0.4, height * 0.3), (s * wide * 0.25, height * 0.62)],
                np.float32,
            )
            for s in (-1, 1)
        ]
        canvas.billboard(position, [stem, half, *fork], [light, dark, dark, light])
        green = GREENS[pick(rng, LEAF_ODDS[season])] * rng.uniform(0.75, 1.25)
        bare = season == 'winter' and rng.random() < 0.8
        first = _leaves(canvas, surface, bark if bare else green, rng.uniform(-0.5, 1.0))
        mask = textures.bare_crowns()[number % 4] if bare else textures.crowns()[number]
        mask = mask[:, ::-1] if rng.random() < 0.5 else mask
        middle = (position[0], position[1] + height - tall * 0.5, position[2])
        canvas.stamp(mask, middle, wide, tall, first)


def draw_hedge(
    canvas: Canvas, rng: np.random.Generator, position, length: float, height: float, season: str
) -> None:
    """A bush or a piece of hedge seen across."""
    depth = canvas.camera.depth_of(position)
    with canvas.thing(None, position, length * 0.5, height, depth) as thing:
        if thing is None:
            return
        surface = canvas.surface(8, depth=depth, shadow=0.5, lamp=0.7, texture=('grass', 20), upright=True)
        green = GREENS[pick(rng, LEAF_ODDS[season])] * rng.uniform(0.7, 1.2)
        first = _leaves(canvas, surface, green, rng.uniform(-0.5, 0.8))
        mask = textures.hedges()[rng.integers(0, 4)]
        width = min(384, int(96 * length / height))
        left = int(rng.integers(0, 385 - width))
        middle = (position[0], position[1] + height * 0.5, position[2])
        canvas.stamp(np.ascontiguousarray(mask[:, left : left + width]), middle, length, height, first)


def _post(canvas: Canvas, surface: int, position, height: float, thick: float, albedo, shapes=(), paints=()) -> None:
    """An upright pole with a lit and a shaded side, and further flat shapes."""
    light = canvas.paint(surface, albedo, -0.6, _facing(canvas))
    dark = canvas.paint(surface, tuple(0.6 * a for a in albedo), -0.8, _facing(canvas))
    canvas.billboard(
        position, [rectangle(-thick, 0, thick, height), rectangle(0, 0, thick, height), *shapes], [light, dark, *paints]
    )


def draw_lamp(canvas: Canvas, position, height: float, arm: float, colour, strength: float) -> None:
    """A street lamp with an arm of signed length `arm`; strength 0 is one that does not work."""
    depth = canvas.camera.depth_of(position)
    with canvas.thing(None, position, max(abs(arm), 0.5), height + 0.4, depth) as thing:
        if thing is None:
            return
        surface = canvas.surface(5, depth=depth, shadow=0, lamp=0.9, upright=True)
        metal = canvas.paint(surface, (0.2, 0.2, 0.2), -0.6, _facing(canvas))
        glow = tuple(float(10 * strength * c) for c in colour)
        head = canvas.paint(surface, (0.35, 0.35, 0.34), 10 * (strength > 0), (0, -1, 0), glow)
        reach = arm * canvas.camera.right[0]
        bar = np.array(
            [(0, height - 0.5), (0, height - 0.38), (reach, height + 0.06), (reach, height - 0.02)], np.float32
        )
        tip = reach + 0.55 * np.sign(reach or 1)
        if strength > 0:
            canvas.glare.append(
                ((position[0] + arm, position[1] + height, position[2]), tuple(6 * strength * c for c in colour))
            )
        box = np.array(
            [
                (reach - 0.1 * np.sign(reach or 1), height - 0.06),
                (tip, height - 0.02),
                (tip, height + 0.1),
                (reach, height + 0.14),
            ],
            np.float32,
        )
        glass = np.array([(reach, height - 0.12), (tip, height - 0.1), (tip, height), (reach, height)], np.float32)
        _post(
            canvas, surface, position, height - 0.35, 0.07, (0.22, 0.22, 0.22), [bar, box, glass], [metal, metal, head]
        )


def draw_signal(canvas: Canvas, rng: np.random.Generator, position, state: int, facing: bool, arm: float) -> None:
    """A traffic light on a pole (with an arm of signed length, 0 for none); state 0 red, 1 yellow, 2 green."""
    depth = canvas.camera.depth_of(position)
    height = 3.4 if arm == 0 else 5.8
    with canvas.thing(None, position, max(abs(arm), 0.4), height + 0.8, depth) as thing:
        if thing is None:
            return
        surface = canvas.surface(5, depth=depth, shadow=0, upright=True)
        metal = canvas.paint(surface, (0.16, 0.17, 0.16), -0.6, _facing(canvas))
        bars = [rectangle(min(0, arm), height - 0.1, max(0, arm), height + 0.02)] if arm else []
        _post(canvas, surface, position, height, 0.07, (0.18, 0.19, 0.18), bars, [metal] * len(bars))
    housing = (0.3, 0.24, 0.03) if rng.random() < 0.3 else (0.03, 0.035, 0.03)
    for x in {0.0, arm} if arm else {0.0}:
        base = height - 0.55 if x else 2.5
        spot = np.asarray(position, np.float32) + np.array([x, base, 0], np.float32)
        with canvas.thing('traffic light', spot, 0.25, 1.1, depth) as thing:
            if thing is None:
                continue
            surface = canvas.surface(6, thing.instance, depth=depth, shadow=0, lamp=0.5, upright=True)
            box = canvas.paint(surface, housing if facing else (0.05, 0.05, 0.05), 3, _facing(canvas))
            shapes, paints = [rectangle(-0.18, 0, 0.18, 1.0)], [box]
            if facing:
                colours = ((1.0, 0.05, 0.03), (1.0, 0.55, 0.04), (0.05, 1.0, 0.4))
                for k, colour in enumerate(colours):
                    on = k == state
                    albedo = tuple(0.5 * c + 0.02 for c in colour) if on else tuple(0.06 * c + 0.015 for c in colour)
                    glow = tuple(4.2 * c for c in colour) if on else (0, 0, 0)
                    shapes.append(_DISC * 0.115 + np.array([0, 0.82 - 0.31 * k], np.float32))
                    if on:
                        canvas.glare.append(
                            ((spot[0], spot[1] + 0.82 - 0.31 * k, spot[2]), tuple(0.9 * c for c in colour))
                        )
                    paints.append(canvas.paint(surface, albedo, 9 if on else 3, _facing(canvas), glow))
            canvas.billboard(spot, shapes, paints)


SIGNS = ('speed', 'stop', 'yield', 'mandatory', 'warning', 'guide', 'parking', 'crossing')


def draw_sign(canvas: Canvas, rng: np.random.Generator, position, facing: bool) -> None:
    """A traffic sign on a pole."""
    depth = canvas.camera.depth_of(position)
    kind = SIGNS[pick(rng, (0.22, 0.1, 0.12, 0.14, 0.14, 0.1, 0.1, 0.08))]
    base = rng.uniform(1.9, 2.4)
    size = rng.uniform(0.32, 0.42)
    with canvas.thing(None, position, 0.3, base + 1.2, depth) as thing:
        if thing is None:
            return
        pole = canvas.surface(5, depth=depth, shadow=0, upright=True)
        _post(canvas, pole, position, base + size, 0.035, (0.32, 0.32, 0.32))
    spot = np.asarray(position, np.float32) + np.array([0, base, 0], np.float32)
    with canvas.thing('traffic sign', spot, size * 1.6, size * 2.4, depth) as thing:
        if thing is None:
            return
        surface = canvas.surface(7, thing.instance, depth=depth, shadow=0, upright=True, retro=1.0 if facing else 0)
        normal = _facing(canvas)
        tones = {
            'white': (0.75, 0.75, 0.73),
            'red': (0.55, 0.02, 0.025),
            'blue': (0.02, 0.09, 0.42),
            'yellow': (0.75, 0.5, 0.03),
            'black': (0.02, 0.02, 0.02),
            'green': (0.02, 0.22, 0.09),
            'grey': (0.3, 0.3, 0.3),
        }
        tone = {name: canvas.paint(surface, albedo, -0.5, normal) for name, albedo in tones.items()}
        up = np.array([0, size], np.float32)
        triangle = np.array([(-1, -0.75), (1, -0.75), (0, 0.98)], np.float32) * size
        disc, octagon = (
            _DISC * size,
            np.stack([np.cos(_T[::1] + 0.13), np.sin(_T + 0.13)], -1)[[0, 1, 3, 4, 6, 7, 9, 10]],
        )
        plans = {
            'speed': [
                (disc, 'red'),
                (disc * 0.76, 'white'),
                (rectangle(-0.42, -0.35, -0.08, 0.35) * size, 'black'),
                (rectangle(0.1, -0.35, 0.42, 0.35) * size, 'black'),
            ],
            'stop': [(octagon * size, 'red'), (rectangle(-0.7, -0.18, 0.7, 0.18) * size, 'white')],
            'yield': [(-triangle, 'red'), (-triangle * 0.62, 'white')],
            'mandatory': [
                (disc, 'blue'),
                (rectangle(-0.12, -0.6, 0.12, 0.3) * size, 'white'),
                (np.array([(-0.4, 0.2), (0.4, 0.2), (0, 0.7)], np.float32) * size, 'white'),
            ],
            'warning': [
                (np.array([(0, -1), (1, 0), (0, 1), (-1, 0)], np.float32) * size, 'yellow'),
                (rectangle(-0.1, -0.4, 0.1, 0.5) * size, 'black'),
            ],
            'guide': [
                (rectangle(-1.5, -0.7, 1.5, 0.9) * size, 'green'),
                (rectangle(-1.2, 0.2, 0.9, 0.5) * size, 'white'),
                (rectangle(-1.2, -0.4, 0.5, -0.1) * size, 'white'),
            ],
            'parking': [
                (rectangle(-0.8, -0.8, 0.8, 0.8) * size, 'blue'),
                (rectangle(-0.3, -0.55, -0.05, 0.55) * size, 'white'),
                (_DISC * size * 0.33 + np.array([0.1, 0.22], np.float32) * size, 'white'),
            ],
            'crossing': [
                (rectangle(-0.85, -0.85, 0.85, 0.85) * size, 'blue'),
                (triangle * 0.75, 'white'),
                (rectangle(-0.1, -0.3, 0.1, 0.3) * size, 'black'),
            ],
        }
        plan = plans[kind] if facing else [(plans[kind][0][0], 'grey')]
        canvas.billboard(spot, [shape.astype(np.float32) + up for shape, _ in plan], [tone[name] for _, name in plan])


def draw_bin(canvas: Canvas, rng: np.random.Generator, position) -> None:
    """A bin, box or bollard without a class of its own."""
    depth = canvas.camera.depth_of(position)
    with canvas.thing(None, position, 0.5, 1.3, depth) as thing:
        if thing is None:
            return
        surface = canvas.surface(255, depth=depth, shadow=0.5, lamp=0.8, upright=True)
        colour = np.array(
            [(0.03, 0.1, 0.05), (0.12, 0.12, 0.13), (0.35, 0.05, 0.04), (0.3, 0.28, 0.05), (0.04, 0.08, 0.2)]
        )[rng.integers(0, 5)]
        width, height = rng.uniform(0.08, 0.3), rng.uniform(0.6, 1.15)
        light = canvas.paint(surface, tuple(colour.tolist()), -0.3, _facing(canvas))
        dark = canvas.paint(surface, tuple((colour * 0.6).tolist()), -0.3, _facing(canvas))
        canvas.billboard(
            position,
            [
                rectangle(-width, 0, width, height),
                rectangle(width * 0.3, 0, width, height),
                rectangle(-width * 1.08, height, width * 1.08, height * 1.08),
            ],
            [light, dark, dark],
        )


def draw_barrier(canvas: Canvas, kind: str, points: np.ndarray, height: float, colour) -> None:
    """A fence (bars), wall or guard rail along ground points N,3.

    Args:
        canvas: where to draw.
        kind: 'fence', 'wall' or 'rail'.
        points: consecutive ground points.
        height: metres.
        colour: linear RGB.
    """
    lift = np.array([0, height, 0], np.float32)
    for a, b in zip(points[::-1][1:], points[::-1][:-1], strict=True):
        run = b - a
        length = float(np.hypot(run[0], run[2]))
        if length < 0.1:
            continue
        axis = (run[0] / length, run[2] / length)
        normal = np.array([axis[1], 0, -axis[0]])
        if normal @ (canvas.camera.position - a) < 0:
            normal = -normal
        plane = (*normal.tolist(), float(normal @ a))
        label = 3 if kind == 'wall' else 4
        weights = ('brick', 80) if kind == 'wall' else ('asphalt', 30)
        surface = canvas.surface(label, plane=plane, axis=axis, upright=True, texture=weights, shadow=0.3, lamp=0.7)
        normal = tuple(normal.tolist())
        paint = canvas.paint(surface, colour, 0.5 if kind == 'wall' else -0.8, normal)
        if kind == 'wall':
            top = canvas.paint(surface, tuple(min(1.3 * c, 0.8) for c in colour), 0.2, (0, 1, 0))
            canvas.fill_many(
                np.stack(
                    [
                        np.stack([a, b, b + lift, a + lift]),
                        np.stack([a + lift * 0.93, b + lift * 0.93, b + lift, a + lift]),
                    ]
                ),
                [paint, top],
            )
            continue
        bars = [(0.0, 0.12), (0.5, 0.6), (0.92, 1.0)] if kind == 'fence' else [(0.55, 1.0)]
        shapes = [np.stack([a + lift * low, b + lift * low, b + lift * high, a + lift * high]) for low, high in bars]
        depth = max(canvas.camera.depth_of(a), 2.0)
        pitch = np.clip(depth * 0.012, 0.14, 1.0) if kind == 'fence' else 2.0
        steps = np.arange(0, length, pitch, dtype=np.float32)[:, None] / length
        feet = a + run * steps
        thick = np.append(run / length * (0.025 if kind == 'fence' else 0.06), 0)[:3].astype(np.float32)
        shapes += list(np.stack([feet - thick, feet + thick, feet + thick + lift, feet - thick + lift], 1))
        canvas.fill_many(np.stack(shapes), paint)
