# Renders one scene of the Nightscape world: layout, drawing, shading, boxes.
"""`render_scene`: a seed becomes a day, a night and a thermal picture, a label map and boxes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import cv2
import numpy as np

from . import buildings, figures, ground, street, vehicles
from .canvas import Canvas
from .gbuffer import GBuffer, depth_map, resolve
from .layout import CONTENTS, World, sample_world
from .lightmaps import heat_map, light_map, shadow_map
from .shading_day import shade_day
from .shading_night import shade_night
from .shading_thermal import shade_thermal
from .traffic import Traffic, sample_traffic
from .weather import THERMAL_CAMERAS, sample_day, sample_night, sample_thermal

NIGHTSCAPE_VERSION = '2.0'
RENDERINGS = ('day', 'night', 'thermal', 'label')
VIEWS = ('driving', 'surveillance')
CATEGORIES = ('person', 'rider', 'car', 'truck', 'bus', 'motorcycle', 'bicycle', 'traffic light', 'traffic sign')
MIN_SIZE = 32


@dataclass
class Scene:
    """Renderings of one scene; those that were not asked for are None.

    Attributes:
        day: uint8 H,W,3 RGB.
        night: uint8 H,W,3 RGB.
        thermal: uint8 H,W, warm is bright.
        label: uint8 H,W, Cityscapes train ids, 255 is unlabelled.
        boxes: one dict per visible object: `bbox` [x, y, w, h] in pixels around its visible part, `category`, `area`
            (visible pixels), `visible` (share of what it painted that nothing hides), `distance` (metres), `light`
            (mean light on it at night; None without a night picture) and `instance`.
        instance: int32 H,W, number of the object a pixel belongs to, 0 for none.
    """

    day: np.ndarray | None
    night: np.ndarray | None
    thermal: np.ndarray | None
    label: np.ndarray
    boxes: list[dict]
    instance: np.ndarray


def _draw_still(canvas: Canvas, world: World, seed: int, rays: np.ndarray) -> None:
    """Ground, skyline and buildings; then remembers what can hide things."""
    rng = np.random.default_rng([seed, 2])
    ground.draw_ground(canvas, world.street, rng, -8.0, world.season)
    buildings.draw_skyline(canvas, rng, world.urban)
    for building in sorted(world.buildings, key=lambda b: -(b.z0 + b.z1)):
        buildings.draw_building(canvas, world.street.road, building)
    canvas.occluder = depth_map(canvas, rays, 2, canvas.occluder_step)


def _items(world: World, traffic: Traffic) -> list[tuple]:
    """Everything that stands on the ground as (depth, function, arguments), far to near."""
    depth = world.camera.depth_of
    out = [(depth(p), street.draw_tree, (np.random.default_rng(s), p, h, world.season)) for p, h, s in world.trees]
    out += [
        (depth(p), street.draw_hedge, (np.random.default_rng(s), p, length, h, world.season))
        for p, length, h, s in world.hedges
    ]
    for kind, points, height, colour in world.barriers:
        for i in range(len(points) - 1):
            middle = (points[i] + points[i + 1]) / 2
            out.append((depth(middle), street.draw_barrier, (kind, points[i : i + 2], height, colour)))
    hues = tuple(street.LAMP_COLOURS.values())
    out += [(depth(p), street.draw_lamp, (p, h, arm, hues[hue], s)) for p, h, arm, hue, s in world.lamps]
    out += [
        (depth(p), street.draw_signal, (np.random.default_rng(s), p, state, facing, arm))
        for p, state, facing, arm, s in world.signals
    ]
    out += [(depth(p), street.draw_sign, (np.random.default_rng(s), p, facing)) for p, facing, s in world.signs]
    out += [(depth(p), street.draw_bin, (np.random.default_rng(s), p)) for p, s in world.bins]
    out += [(depth(v.position), vehicles.draw_vehicle, (v,)) for v in world.parked + traffic.vehicles]
    out += [(depth(f.position), figures.draw_person, (f,)) for f in traffic.people]
    out += [(depth(f.position), figures.draw_two_wheeler, (f,)) for f in traffic.riders]
    out.sort(key=lambda item: -item[0])
    return out


def _draw_bonnet(canvas: Canvas, rng: np.random.Generator) -> None:
    """The own car at the lower edge, unlabelled."""
    width, height = canvas.fine_size
    surface = canvas.surface(255, depth=1.2, shadow=0, lamp=0.3)
    tone = vehicles.CAR_COLOURS[rng.integers(0, 12)] * 0.45
    paint = canvas.paint(surface, tuple(tone.tolist()), 3.0, (0, 1, 0), gloss=0.06)
    edge = canvas.paint(surface, (0.01, 0.01, 0.01), 2.0, (0, 0.5, -1))
    t = np.linspace(-1, 1, 25)
    top = height * (1 - rng.uniform(0.05, 0.12) * (1 - 0.55 * t**4))
    x = width * (0.5 + 0.62 * t)
    for drop, colour in ((0, paint), (height * 0.045, edge)):
        outline = np.concatenate(
            [np.stack([x, top + drop], -1), [[width * 1.2, height * 1.2], [-width * 0.2, height * 1.2]]]
        )
        cv2.fillPoly(canvas.index, [np.round(outline * 16).astype(np.int32)], colour, cv2.LINE_8, 4)


def _boxes(canvas: Canvas, g: GBuffer, fallen: np.ndarray | None) -> list[dict]:
    """Boxes around what is left of each thing."""
    out, square = [], canvas.camera.oversample**2
    for thing in canvas.things:
        x0, y0, x1, y1 = thing.window
        mask = g.instance[y0:y1, x0:x1] == thing.instance
        rows, columns = np.flatnonzero(mask.any(1)), np.flatnonzero(mask.any(0))
        if len(rows) == 0:
            continue
        area = int(np.count_nonzero(mask))
        box = [int(x0 + columns[0]), int(y0 + rows[0]), int(columns[-1] - columns[0] + 1), int(rows[-1] - rows[0] + 1)]
        light = None if fallen is None else round(float(fallen[y0:y1, x0:x1][mask].mean()), 5)
        out.append(
            dict(
                bbox=box,
                category=thing.category,
                area=area,
                distance=round(thing.depth, 2),
                light=light,
                visible=round(min(area * square / max(thing.painted, 1), 1.0), 3),
                instance=thing.instance,
            )
        )
    return out


def _check_arguments(
    seed: int, size: Sequence[int], view: str, renderings: Sequence[str], frame: int, content: str, thermal: str
) -> None:
    for name, value, known in (
        ('view', view, VIEWS),
        ('content', content, tuple(CONTENTS)),
        ('thermal', thermal, THERMAL_CAMERAS),
    ):
        if value not in known:
            raise ValueError(f'{name} must be one of {known}, not {value!r}')
    if len(size) != 2 or min(size) < MIN_SIZE:
        raise ValueError(f'size must be (width, height), each at least {MIN_SIZE} pixels, not {tuple(size)}')
    if seed < 0 or frame < 0:
        raise ValueError(f'seed and frame must not be negative: seed {seed}, frame {frame}')
    wrong = [name for name in renderings if name not in RENDERINGS]
    if wrong:
        raise ValueError(f'renderings must be among {RENDERINGS}, not {wrong}')


def render_scene(
    seed: int,
    size: tuple[int, int] = (512, 256),
    view: str = 'driving',
    renderings: Sequence[str] = RENDERINGS,
    frame: int = 0,
    moving: bool = True,
    content: str = 'any',
    thermal: str = THERMAL_CAMERAS[0],
) -> Scene:
    """Renders a scene.

    Args:
        seed: number of the scene, or of the camera for `view='surveillance'`.
        size: (width, height) in pixels.
        view: 'driving' or 'surveillance' (a fixed camera above the street: the seed decides background, weather and
            exposure, `frame` decides what moves).
        renderings: which of 'day', 'night', 'thermal', 'label' are wanted; what is left out costs less.
        frame: frame of a surveillance camera.
        moving: without moving things (the bare background) if False.
        content: one of CONTENTS: what tends to be seen. A fixed camera's background is the same for all of them.
        thermal: 'gain_controlled' (spreads the grey values over what it sees, as FLIR ADAS) or 'fixed_gain' (a grey
            value is a temperature, soft and flat, as KAIST).

    Raises:
        ValueError: an argument is out of range.
    """
    size = (int(size[0]), int(size[1]))
    _check_arguments(seed, size, view, renderings, frame, content, thermal)
    gains = (None, None) if view == 'driving' else _exposure(seed, size)
    return _render(seed, size, view == 'surveillance', tuple(renderings), frame, moving, gains, content, thermal)[0]


@lru_cache(maxsize=64)
def _exposure(seed: int, size: tuple[int, int]) -> tuple[float, float]:
    """Day and night gain of a fixed camera, set once with the traffic of frame 0: it stays as that changes."""
    return _render(seed, size, True, ('day', 'night'), 0, True, (None, None), 'any', THERMAL_CAMERAS[0])[1]


def _render(
    seed: int,
    size: tuple[int, int],
    fixed: bool,
    renderings: tuple[str, ...],
    frame: int,
    moving: bool,
    gains: tuple[float | None, float | None],
    content: str,
    thermal: str,
) -> tuple[Scene, tuple]:
    """Draws and shades; returns the scene and the gains that were used."""
    places = CONTENTS['any' if fixed else content]
    world = sample_world(np.random.default_rng([seed, 1]), size, fixed, places)
    traffic = Traffic([], [], [])
    if moving:
        traffic = sample_traffic(np.random.default_rng([seed, 3, frame]), world, fixed, CONTENTS[content])
    day = sample_day(np.random.default_rng([seed, 4]), fixed)
    canvas, rays = Canvas(world.camera), world.camera.rays()
    _draw_still(canvas, world, seed, rays)
    for _, draw, arguments in _items(world, traffic):
        draw(canvas, *arguments)
    if world.bonnet:
        _draw_bonnet(canvas, np.random.default_rng([seed, 9]))
    g = resolve(canvas, rays, day.sun)
    pictures: dict[str, np.ndarray | None] = dict.fromkeys(('day', 'night', 'thermal'))
    fallen, (day_gain, night_gain) = None, gains
    if 'day' in renderings:
        shadows = shadow_map(world, traffic, day.sun)
        pictures['day'], day_gain = shade_day(
            g, day, shadows, world.camera, np.random.default_rng([seed, 7, frame]), day_gain
        )
    if 'night' in renderings:
        night = sample_night(np.random.default_rng([seed, 5]), fixed)
        light = light_map(world, traffic, canvas.lights)
        lamp_height = world.lamps[0][1] if world.lamps else 7.0
        pictures['night'], fallen, night_gain = shade_night(
            g,
            night,
            light,
            world.camera,
            lamp_height,
            canvas.glare,
            np.random.default_rng([seed, 8, frame]),
            night_gain,
        )
    if 'thermal' in renderings:
        sensor = sample_thermal(np.random.default_rng([seed, 6]), thermal)
        pictures['thermal'] = shade_thermal(
            g, sensor, heat_map(traffic), np.random.default_rng([seed, 10, frame]), day.cloud_at
        )
    return Scene(**pictures, label=g.label, boxes=_boxes(canvas, g, fallen), instance=g.instance), (
        day_gain,
        night_gain,
    )
