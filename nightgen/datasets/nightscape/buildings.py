# Rows of buildings: facades with floors and windows, shop fronts, side walls, roofs, and the far skyline.
"""Buildings of the Nightscape world."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .canvas import Canvas
from .geometry import NEAR, Road

WALLS = {
    'brick': [(0.32, 0.13, 0.09), (0.26, 0.11, 0.08), (0.38, 0.2, 0.13), (0.22, 0.12, 0.1), (0.4, 0.27, 0.18)],
    'plaster': [
        (0.62, 0.57, 0.46),
        (0.66, 0.63, 0.57),
        (0.55, 0.43, 0.3),
        (0.6, 0.5, 0.25),
        (0.48, 0.52, 0.52),
        (0.6, 0.4, 0.3),
        (0.42, 0.5, 0.4),
        (0.68, 0.66, 0.62),
    ],
    'concrete': [(0.36, 0.36, 0.35), (0.45, 0.44, 0.41), (0.3, 0.3, 0.31), (0.5, 0.49, 0.46)],
    'glass': [(0.12, 0.15, 0.17), (0.1, 0.13, 0.14), (0.16, 0.17, 0.17)],
    'house': [(0.66, 0.64, 0.6), (0.55, 0.52, 0.4), (0.45, 0.5, 0.52), (0.5, 0.35, 0.25), (0.62, 0.58, 0.35)],
}
TEXTURES = {
    'brick': ('brick', 115),
    'plaster': ('plaster', 42),
    'concrete': ('plaster', 62),
    'glass': ('plaster', 18),
    'house': ('brick', 46),
}
LIT = np.array(
    [(1.0, 0.72, 0.36), (1.0, 0.82, 0.52), (0.95, 0.9, 0.75), (0.8, 0.9, 1.0), (0.45, 0.6, 1.0), (1.0, 0.6, 0.25)],
    np.float32,
)


@dataclass
class Building:
    """One building: which side of the street, from where to where, how high, in which style."""

    side: int
    u: float
    z0: float
    z1: float
    height: float
    style: str
    seed: int
    wide: float
    shop: bool
    lit: float
    free: bool  # nothing stands against its nearer side wall


def _window_paints(canvas: Canvas, surface: int, rng: np.random.Generator, normal, style: str) -> list[int]:
    """Paints that the windows of a facade pick from: four dark panes, then three lit ones."""
    paints, draws = [], rng.random((7, 6)).tolist()
    for curtain, a, b, c, warm, shine in draws[:4]:
        if curtain < 0.3:
            shade, gloss = (0.15 + 0.25 * a, 0.145 + 0.24 * b, 0.135 + 0.22 * c), 0.03
        else:
            shade, gloss = (0.024 + 0.05 * a, 0.03 + 0.06 * b, 0.036 + 0.07 * c), 0.05 + 0.2 * shine
        paints.append(canvas.paint(surface, shade, 1.0 + 3.5 * warm, normal, gloss=gloss))
    tone = LIT[rng.integers(0, 4)].tolist()
    others = LIT[rng.integers(0, len(LIT), 3)].tolist()
    for (same, level, shade, warm, _, _), other in zip(draws[4:], others, strict=True):
        colour = tone if same < 0.6 else other
        level = (0.12 + 0.9 * level) * (0.6 if style == 'glass' else 1)
        paints.append(
            canvas.paint(
                surface,
                tuple((0.08 + 0.22 * shade) * c for c in colour),
                3.5 + 3.5 * warm,
                normal,
                tuple(level * c for c in colour),
                gloss=0.08,
            )
        )
    return paints


def _wall_frame(canvas: Canvas, a: np.ndarray, b: np.ndarray):
    """Axis, outward normal (towards the camera) and plane of the upright wall over the ground points a and b."""
    run = b - a
    length = float(np.hypot(run[0], run[2]))
    axis = run / max(length, 1e-3)
    normal = np.array([axis[2], 0, -axis[0]], np.float32)
    if normal @ (canvas.camera.position - a) < 0:
        normal = -normal
    return length, axis, normal, (*normal.tolist(), float(normal @ a))


def _cells(length: float, low: float, high: float, bay: float, floor: float, pane: tuple[float, float], sill: float):
    """Rectangles N,4 (x0, y0, x1, y1 in metres on the wall) of a regular grid of windows."""
    columns, rows = max(int(length / bay), 1), max(int((high - low) / floor), 0)
    margin = (length - columns * bay) / 2
    x = np.tile(margin + bay * (np.arange(columns, dtype=np.float32) + 0.5), rows)
    y = np.repeat(low + sill + floor * np.arange(rows, dtype=np.float32), columns)
    out = np.empty((columns * rows, 4), np.float32)
    out[:, 0], out[:, 1], out[:, 2], out[:, 3] = x - pane[0] / 2, y, x + pane[0] / 2, y + pane[1]
    return out, columns, rows


def _on_wall(a: np.ndarray, axis: np.ndarray, cells: np.ndarray) -> np.ndarray:
    """Wall rectangles N,4 as world quads N,4,3."""
    x = cells[:, [0, 2, 2, 0]]
    quads = np.empty((len(cells), 4, 3), np.float32)
    quads[..., 0], quads[..., 1], quads[..., 2] = a[0] + x * axis[0], cells[:, [1, 1, 3, 3]], a[2] + x * axis[2]
    return quads


def _windows(
    canvas: Canvas, rng: np.random.Generator, wall, building: Building, surface: int, low: float, batch: list[tuple]
) -> None:
    """Windows of one wall, coarser when it is far; appends (cells, paints) to `batch`."""
    a, length, axis, normal = wall
    style = building.style
    bay = {'glass': 1.9, 'house': 3.6}.get(style, (2.4, 2.9, 3.4)[rng.integers(0, 3)])
    floor = {'house': 2.9, 'glass': 3.4}.get(style, (2.9, 3.2, 3.6)[rng.integers(0, 3)])
    pane = {'glass': (1.7, 2.5), 'house': (1.3, 1.3)}.get(
        style, (bay * rng.uniform(0.36, 0.58), floor * rng.uniform(0.42, 0.6))
    )
    paints = _window_paints(canvas, surface, rng, normal, style)
    cells, columns, rows = _cells(length, low, building.height - 0.5, bay, floor, pane, 0.9)
    if len(cells) == 0:
        return
    pixels = pane[0] * canvas.camera.focal / max(canvas.camera.depth_of(a + axis * (length * 0.5)), 3.0)
    dark = rng.integers(0, 4, len(cells))
    picks = np.where(rng.random(len(cells)) < building.lit, 4 + dark % 3, dark)
    if style == 'glass':  # whole floors are lit in offices
        picks = np.where(np.repeat(rng.random(rows), columns) < building.lit * 0.8, 4, picks)
    if pixels < 1.1 and style != 'glass':  # too small to be told apart: a band per floor, and the lit ones
        band = np.stack(
            [
                np.full(rows, 1.0, np.float32),
                cells[::columns, 1],
                np.full(rows, length - 1, np.float32),
                cells[::columns, 3],
            ],
            -1,
        )
        tone = canvas.paint(surface, (0.2, 0.2, 0.2), 2.5, normal, gloss=0.05)
        lit = picks > 3
        batch += [(band, np.full(rows, tone)), (cells[lit], np.take(paints, picks[lit]))]
        return
    if style == 'glass' or pixels < 5:
        batch.append((cells, np.take(paints, picks)))
        return
    frame = rng.uniform(0.3, 1.25)
    edge = canvas.paint(surface, (0.6 * frame, 0.58 * frame, 0.55 * frame), 1.0, normal)
    batch.append((cells + np.array([-0.12, -0.16, 0.12, 0.1], np.float32), np.full(len(cells), edge)))
    batch.append((cells, np.take(paints, picks)))
    if pixels > 9:
        bar = cells.copy()
        middle = (cells[:, 0] + cells[:, 2]) / 2
        bar[:, 0], bar[:, 2] = middle - 0.04, middle + 0.04
        batch.append((bar, np.full(len(cells), edge)))


def _shop_front(
    canvas: Canvas, rng: np.random.Generator, wall, surface: int, open_late: bool, batch: list[tuple]
) -> None:
    """Ground floor with show windows, doors and a sign board; remembers the light that it throws on the pavement."""
    a, length, axis, normal = wall
    count = max(int(length / 5), 1)
    part = length / count
    dark = canvas.paint(surface, (0.05, 0.05, 0.055), 2.0, normal, gloss=0.03)
    draws, tones = rng.random((count, 12)).tolist(), LIT[rng.integers(0, 4, count)].tolist()
    for k in range(count):
        awake_draw, level, shine, b0, b1, b2, sign, g0, g1, g2, stock, high = draws[k]
        awake, tone = open_late and awake_draw < 0.75, tones[k]
        level = 0.6 + 1.3 * level if awake else 0.0
        glass = canvas.paint(
            surface,
            tuple(0.1 * c + 0.03 for c in tone),
            5.5 if awake else 2.5,
            normal,
            tuple(c * level for c in tone),
            gloss=0.04 + 0.12 * shine,
        )
        board_tone = (0.02 + 0.58 * b0, 0.02 + 0.46 * b1, 0.02 + 0.46 * b2)
        lit = 1.8 if awake and sign < 0.6 else 0.0
        board = canvas.paint(surface, board_tone, 3.0, normal, tuple(lit * c for c in board_tone))
        letters = canvas.paint(surface, (0.7, 0.7, 0.68), 3.0, normal, (lit * 0.9, lit * 0.9, lit * 0.85))
        goods_tone = (0.05 + 0.45 * g0, 0.05 + 0.45 * g1, 0.05 + 0.45 * g2)
        goods = canvas.paint(
            surface, goods_tone, 4.0, normal, tuple(c * g * level * 1.2 for c, g in zip(tone, goods_tone, strict=True))
        )
        x = k * part
        cells = np.array(
            [
                (x + 0.2, 0, x + part - 0.2, 3.0),
                (x + 0.4, 0.5, x + part - 1.6, 2.6),
                (x + 0.7, 0.5, x + part * (0.25 + 0.2 * stock), 1.0 + 0.9 * high),
                (x + part - 1.4, 0.05, x + part - 0.4, 2.4),
                (x + 0.2, 2.75, x + part - 0.2, 3.5),
                (x + part * 0.25, 2.95, x + part * 0.7, 3.3),
            ],
            np.float32,
        )
        batch.append((cells, np.array([dark, glass, goods, glass, board, letters])))
        if awake:
            canvas.lights.append((a + axis * (x + part / 2), tuple(c * level for c in tone)))


def _wall(
    canvas: Canvas,
    rng: np.random.Generator,
    building: Building,
    a: np.ndarray,
    b: np.ndarray,
    tone: np.ndarray,
    warmth: float,
    main: bool,
) -> None:
    """One wall with everything on it, if it lies in the field of view."""
    x, _, z = canvas.camera.to_camera(np.stack([a, b])).T.tolist()
    wide = canvas.camera.width / 2 / canvas.camera.focal
    reach = [max(depth, NEAR) * wide + 1.0 for depth in z]
    if (
        max(z) < NEAR
        or all(v > r for v, r in zip(x, reach, strict=True))
        or all(v < -r for v, r in zip(x, reach, strict=True))
    ):
        return
    length, axis, normal, plane = _wall_frame(canvas, a, b)
    surface = canvas.surface(
        2,
        plane=plane,
        axis=(float(axis[0]), float(axis[2])),
        upright=True,
        shadow=0,
        lamp=0.75,
        texture=TEXTURES[building.style],
    )
    normal = normal.tolist()
    high = building.height
    wall = canvas.paint(surface, tuple(tone.tolist()), warmth, normal)
    shade = (0.7, 1.25)[rng.integers(0, 2)]
    trim = canvas.paint(surface, tuple(min(c * shade, 0.85) for c in tone.tolist()), warmth, normal)
    bands = [(0, 0, length, high), (0, high - 0.45, length, high), (0, 0, length, 0.5)]
    if building.style in ('plaster', 'concrete') and high > 8:
        bands.append((0, 3.6, length, 3.9))
    batch = [(np.array(bands, np.float32), np.array([wall] + [trim] * (len(bands) - 1)))]
    shop = building.shop and main
    if main or (building.free and rng.random() < 0.8):
        _windows(canvas, rng, (a, length, axis, normal), building, surface, 3.7 if shop else 0.3, batch)
    if shop:
        _shop_front(canvas, rng, (a, length, axis, normal), surface, building.lit > 0.12, batch)
    cells = np.concatenate([cells for cells, _ in batch])
    canvas.fill_many(_on_wall(a, axis, cells), np.concatenate([paints for _, paints in batch]))


def draw_building(canvas: Canvas, road: Road, building: Building) -> None:
    """Draws the walls of a building that can be seen from the camera, and remembers the light of its shops."""
    rng = np.random.default_rng(building.seed)
    tones = WALLS[building.style]
    base = np.clip(np.array(tones[rng.integers(0, len(tones))]) * rng.uniform(0.8, 1.15, 3), 0.02, 0.85)
    near, far = road.at(building.u, building.z0), road.at(building.u, building.z1)
    outward = np.array([building.side * building.wide, 0, 0], np.float32)
    warmth = rng.uniform(0.5, 3.0)
    eye = canvas.camera.eye
    if building.style == 'house':
        _gable(canvas, building, near, far, outward, rng)
    if eye[2] < building.z0 - 0.2:
        _wall(canvas, rng, building, near, near + outward, base if rng.random() < 0.5 else base * 0.85, warmth, False)
    if (eye[0] - (near[0] + far[0]) / 2) * building.side < 0:
        _wall(canvas, rng, building, near, far, base, warmth, True)


def _gable(canvas: Canvas, building: Building, near, far, outward, rng: np.random.Generator) -> None:
    """Pitched roof of a house, ridge along the street."""
    tone = np.array([(0.22, 0.09, 0.06), (0.09, 0.09, 0.1), (0.16, 0.13, 0.1), (0.28, 0.13, 0.07)])[rng.integers(0, 4)]
    eave, ridge = building.height - 0.1, building.height + building.wide * 0.32
    up, top = np.array([0, eave, 0], np.float32), np.array([0, ridge, 0], np.float32)
    inward = np.array([-building.side * 0.5, 0.8, 0], np.float32)
    centre = near + outward / 2 + top
    if inward @ (canvas.camera.position - near - up) > 0:
        plane = (*inward.tolist(), float(inward @ (near + up)))
        surface = canvas.surface(
            2, plane=plane, axis=(0.0, 1.0), upright=True, texture=('brick', 70), shadow=0, lamp=0.2
        )
        roof = canvas.paint(surface, tuple(tone.tolist()), -2.0, tuple(inward.tolist()))
        canvas.fill(np.stack([near + up, far + up, far + outward / 2 + top, centre]), roof)
    if canvas.camera.position[2] < building.z0:
        plane = (0, 0, -1, -float(near[2]))
        side = canvas.surface(2, plane=plane, upright=True, texture=('brick', 46), shadow=0, lamp=0.5)
        wall = canvas.paint(side, (0.5, 0.48, 0.44), 1.0, (0, 0, -1))
        canvas.fill(np.stack([near + up, near + outward + up, centre]), wall)


def draw_skyline(canvas: Canvas, rng: np.random.Generator, urban: float) -> None:
    """Closes the view far away: blocks and tree lines on the horizon."""
    camera = canvas.camera
    distance = 260.0
    surface = canvas.surface(2, depth=distance, upright=True, texture=('plaster', 0), shadow=0, lamp=0)
    woods = canvas.surface(8, depth=distance, upright=True, texture=('grass', 60), shadow=0, lamp=0)
    half = distance * camera.width / camera.focal * 0.6
    origin = camera.position + camera.forward * distance
    origin[1] = 0
    shapes, paints = [], []
    x = -half
    while x < half:
        width = rng.uniform(8, 30)
        height = rng.uniform(6, 16) + (rng.random() < urban) * rng.uniform(5, 45)
        tone = np.array(WALLS['concrete'][rng.integers(0, 4)]) * rng.uniform(0.6, 1.2)
        shapes.append(np.array([(x, 0), (x + width, 0), (x + width, height), (x, height)], np.float32))
        paints.append(canvas.paint(surface, tuple(tone.tolist()), 1.0, (0, 0.2, -1)))
        places = rng.random((int(height * width / 130), 3))
        for (along, up, level), glow in zip(
            places.tolist(), LIT[rng.integers(0, 6, len(places))].tolist(), strict=True
        ):
            px, py = x + 1 + along * (width - 2), 2 + up * (height - 3)
            shapes.append(np.array([(px, py), (px + 1.2, py), (px + 1.2, py + 1.4), (px, py + 1.4)], np.float32))
            paints.append(
                canvas.paint(surface, (0.1, 0.11, 0.12), 2.5, (0, 0.2, -1), tuple(0.5 * level * c for c in glow))
            )
        x += width * rng.uniform(0.7, 1.3)
    tops = np.convolve(rng.uniform(3, 10, 64), np.ones(3) / 3, 'same')
    line = np.stack([np.linspace(-half, half, 64), tops], -1)
    shapes.append(np.concatenate([line, [[half, -2], [-half, -2]]]).astype(np.float32))
    paints.append(canvas.paint(woods, (0.05, 0.085, 0.035), 0.0, (0, 0.5, -0.6)))
    canvas.billboard(origin, shapes, paints)
