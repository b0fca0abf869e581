# The drawing surface: shapes are filled into one index buffer, whose entries point into tables of paints.
"""Visibility-buffer drawing: every shape writes the number of its paint; all renderings look the paints up later."""

from __future__ import annotations

import contextlib
from array import array
from dataclasses import dataclass, field

import cv2
import numpy as np

from . import textures
from .geometry import NEAR, Camera, clip_near

SKY_PAINT = 0
UP = (0.0, 1.0, 0.0)


@dataclass
class Thing:
    """An object that gets a box: what it is, where, and how many fine pixels it painted before others hid it."""

    category: str
    instance: int
    depth: float
    painted: int = 0
    window: tuple[int, int, int, int] = (0, 0, 0, 0)  # x0, y0, x1, y1 in image pixels
    extra: dict = field(default_factory=dict)


class Canvas:
    """Index buffer of a scene with its tables of surfaces and paints.

    A surface carries geometry (plane, texture axes), class and instance; a paint belongs to a surface and carries
    albedo, temperature, emission and normal. Shapes are drawn from far to near.
    """

    def __init__(self, camera: Camera):
        self.camera = camera
        factor = camera.oversample
        self.fine_size = (camera.width * factor, camera.height * factor)
        self._right, self._upward = camera.right.tolist(), camera.up.tolist()
        normal = np.array([0, 0.2, 0], np.float32) - camera.forward
        self.facing = tuple((normal / np.linalg.norm(normal)).tolist())  # normal of round things
        self.index = np.zeros((self.fine_size[1], self.fine_size[0]), np.int32)
        self.surfaces: list[tuple] = []
        self._paints = array('f')
        self.paint_count = 0
        self.things: list[Thing] = []
        self.lights: list[tuple] = []  # (position, rgb) of shops, for the light map
        self.glare: list[tuple] = []  # (position, rgb) of light sources that dazzle the night camera
        self.occluder: np.ndarray | None = None  # depth of buildings, for every `occluder_step`-th image pixel
        self.occluder_step = 2
        self._minimum = np.float32(-16.0)
        self._maximum = np.array(self.fine_size, np.float32) * 16 + 16
        sky = self.surface(10, plane=(0, 0, 0, 0))
        self.paint(sky, (0, 0, 0), 0)

    # ------------------------------------------------------------------ tables
    def surface(
        self,
        label: int,
        instance: int = 0,
        plane=None,
        depth: float | None = None,
        axis=(1.0, 0.0),
        upright: bool = False,
        texture=('asphalt', 0),
        shadow: float = 1.0,
        lamp: float = 1.0,
        retro: float = 0.0,
    ) -> int:
        """Adds a surface and returns its number.

        Args:
            label: Cityscapes train id, 255 for unlabelled.
            instance: number of the thing that it belongs to, 0 for none.
            plane: (nx, ny, nz, d) with n.P = d in world coordinates; or give `depth` for one facing the camera.
            depth: depth in metres of a surface that faces the camera.
            axis: horizontal direction (x, z) of the texture's first axis.
            upright: texture's second axis is the height instead of Z.
            texture: (one of textures.LAYERS, strength 0 to 120).
            shadow: how much of the sun shadow map it takes, 0 to 1.
            lamp: how much light of lamps it takes.
            retro: how strongly it throws headlight back (traffic signs, number plates).
        """
        if plane is None:
            plane = (*self.camera.ahead, 0.0)
            offset = 0.0 if depth is None else depth
        else:
            offset = plane[3] - sum(n * p for n, p in zip(plane, self.camera.eye, strict=False))
        layer = textures.layer_offset(textures.LAYERS.index(texture[0]))
        self.surfaces.append(
            (
                *plane[:3],
                offset,
                axis[0],
                axis[1],
                float(upright),
                layer,
                texture[1],
                shadow,
                lamp,
                retro,
                label,
                instance,
            )
        )
        return len(self.surfaces) - 1

    def paint(self, surface: int, albedo, warmth: float, normal=UP, glow=(0.0, 0.0, 0.0), gloss: float = 0.0) -> int:
        """Adds a paint and returns its number.

        Args:
            surface: number of its surface.
            albedo: linear RGB reflectance, 0 to 1.
            warmth: temperature above the air's, kelvin.
            normal: unit normal in world coordinates, for the shading.
            glow: linear RGB emission at night (1 is a white wall under a lamp).
            gloss: share of sky that it mirrors by day (glass, car bodies).
        """
        self._paints.extend((surface, *albedo, warmth, *glow, *normal, gloss))
        self.paint_count += 1
        return self.paint_count - 1

    def paint_table(self) -> np.ndarray:
        """All paints, one per row: surface, albedo (3), warmth, glow (3), normal (3), gloss."""
        return np.array(self._paints, np.float32).reshape(self.paint_count, -1)

    # ------------------------------------------------------------------ shapes
    def fill(self, points: np.ndarray, paint: int, convex: bool = True) -> None:
        """Fills one world polygon K,3."""
        points = self.camera.to_camera(points)
        if points[:, 2].min() < NEAR:
            points = clip_near(points)
            if len(points) < 3:
                return
        self._fill_fine(self.camera.to_fine(points), paint, convex)

    def _fill_fine(self, fine: np.ndarray, paint: int, convex: bool) -> None:
        if convex:
            cv2.fillConvexPoly(self.index, fine, paint, cv2.LINE_8, 4)
        else:
            cv2.fillPoly(self.index, [fine], paint, cv2.LINE_8, 4)

    def fill_many(self, polygons: np.ndarray, paints) -> None:
        """Fills convex world polygons N,K,3 with one paint each (or one for all), in order."""
        count, corners = polygons.shape[:2]
        if count == 0:
            return
        points = self.camera.to_camera(polygons.reshape(-1, 3))
        depth = points[:, 2]
        whole = depth >= NEAR
        if not whole.all():
            points[~whole, 2] = NEAR
            kept = self.camera.to_camera(polygons)
            whole = whole.reshape(count, corners).all(1)
        else:
            whole, kept = None, None
        fine = self.camera.to_fine(points).reshape(count, corners, 2)
        lowest = highest = fine[:, 0]
        for k in range(1, corners):
            lowest, highest = np.minimum(lowest, fine[:, k]), np.maximum(highest, fine[:, k])
        seen = ((highest > self._minimum) & (lowest < self._maximum)).all(1)
        if whole is not None:
            seen |= ~whole
        numbers = np.flatnonzero(seen)
        chosen = [paints] * len(numbers) if np.isscalar(paints) else np.asarray(paints)[numbers].tolist()
        index = self.index
        for i, paint in zip(numbers.tolist(), chosen, strict=True):
            if whole is None or whole[i]:
                cv2.fillConvexPoly(index, fine[i], paint, cv2.LINE_8, 4)
                continue
            cut = clip_near(kept[i])
            if len(cut) > 2:
                cv2.fillConvexPoly(index, self.camera.to_fine(cut), paint, cv2.LINE_8, 4)

    def fill_mixed(self, shapes: list[np.ndarray], paints: list[int], world: np.ndarray | None = None) -> None:
        """Fills world polygons of different lengths in order; those of four points are taken as convex.

        Args:
            shapes: polygons K,3.
            paints: one per polygon.
            world: the points of all shapes in one array, if they are at hand; else taken from `shapes`.
        """
        points = self.camera.to_camera(np.concatenate(shapes) if world is None else world)
        at, index = 0, self.index
        if points[:, 2].min() < NEAR:
            for shape, paint in zip(shapes, paints, strict=True):
                cut = clip_near(points[at : at + len(shape)])
                at += len(shape)
                if len(cut) > 2:
                    self._fill_fine(self.camera.to_fine(cut), paint, len(shape) == 4)
            return
        fine = self.camera.to_fine(points)
        for shape, paint in zip(shapes, paints, strict=True):
            end = at + len(shape)
            if end - at == 4:
                cv2.fillConvexPoly(index, fine[at:end], paint, cv2.LINE_8, 4)
            else:
                cv2.fillPoly(index, [fine[at:end]], paint, cv2.LINE_8, 4)
            at = end

    def billboard(self, anchor, shapes: list[np.ndarray], paints: list[int]) -> None:
        """Fills flat shapes in metres (x right, y up) on an upright plane through `anchor` that faces the camera."""
        flat = np.concatenate(shapes)
        world = np.empty((len(flat), 3), np.float32)
        world[:, 0] = anchor[0] + flat[:, 0] * self.camera.right[0]
        world[:, 1] = anchor[1] + flat[:, 1]
        world[:, 2] = anchor[2] + flat[:, 0] * self.camera.right[2]
        self.fill_mixed(shapes, paints, world)

    def stamp(self, mask: np.ndarray, centre, width: float, height: float, first_paint: int) -> None:
        """Stamps a picture of paint offsets (0 = nothing, k = paint first_paint + k - 1) facing the camera.

        Args:
            mask: uint8 h,w.
            centre: world position of its middle.
            width: width in metres.
            height: height in metres.
            first_paint: paint of the offset 1.
        """
        point = self.camera.to_camera(np.asarray(centre, np.float32))
        if point[2] < NEAR * 2:
            return
        x, y = self.camera.to_fine(point[None])[0] / 16.0
        scale = self.camera.focal * self.camera.oversample / point[2]
        half_w, half_h = width * scale / 2, height * scale / 2
        if half_w > 4 * self.fine_size[0]:
            return
        x0, x1, y0, y1 = int(x - half_w), int(x + half_w) + 1, int(y - half_h), int(y + half_h) + 1
        left, top = max(x0, 0), max(y0, 0)
        right, bottom = min(x1, self.fine_size[0]), min(y1, self.fine_size[1])
        if right <= left or bottom <= top:
            return
        columns = ((np.arange(left, right) - x0) * mask.shape[1] // max(x1 - x0, 1)).clip(0, mask.shape[1] - 1)
        rows = ((np.arange(top, bottom) - y0) * mask.shape[0] // max(y1 - y0, 1)).clip(0, mask.shape[0] - 1)
        piece = mask.take(rows, 0).take(columns, 1)
        target = self.index[top:bottom, left:right]
        numbers = piece.astype(np.int32)
        numbers += first_paint - 1
        cv2.copyTo(numbers, piece, target)

    # ------------------------------------------------------------------ things
    def window(self, position, half_width: float, height: float) -> tuple[int, int, int, int]:
        """Image rectangle (x0, y0, x1, y1) around an upright thing, cut at the frame; empty ones have x1 <= x0."""
        camera = self.camera
        (ex, ey, ez), (fx, fy, fz) = camera.eye, camera.ahead
        (rx, _, rz), (ux, uy, uz) = self._right, self._upward
        x, y, z = float(position[0]) - ex, float(position[1]) - ey, float(position[2]) - ez
        depth, right, up = x * fx + y * fy + z * fz, x * rx + z * rz, x * ux + y * uy + z * uz
        reach = 1.42 * half_width
        lean, spread = height * abs(fy), reach * abs(fy)
        near = camera.focal / max(depth - reach - lean, NEAR)
        far = camera.focal / max(depth + reach + lean, NEAR)
        left, low, high = right - reach, up - 0.3 - spread, up + height * uy + spread
        right += reach
        x0, x1 = left * (near if left < 0 else far), right * (near if right > 0 else far)
        y0, y1 = low * (near if low < 0 else far), high * (near if high > 0 else far)
        half_w, half_h = camera.width / 2, camera.height / 2
        return (
            max(int(half_w + x0) - 3, 0),
            max(int(half_h - y1) - 3, 0),
            min(int(half_w + x1) + 4, camera.width),
            min(int(half_h - y0) + 4, camera.height),
        )

    @contextlib.contextmanager
    def thing(self, category: str | None, position, half_width: float, height: float, depth: float, **extra):
        """Draws a thing inside the `with` block: hides what stands behind buildings and counts what it painted."""
        window = self.window(position, half_width, height)
        x0, y0, x1, y1 = window
        if x1 <= x0 or y1 <= y0 or depth < NEAR * 2:
            yield None
            return
        factor, step = self.camera.oversample, self.occluder_step
        x0, y0 = x0 - x0 % step, y0 - y0 % step
        region = self.index[y0 * factor : y1 * factor, x0 * factor : x1 * factor]
        hidden = None
        if self.occluder is not None:
            hidden = self.occluder[y0 // step : -(-y1 // step), x0 // step : -(-x1 // step)] < depth - 0.4
            if hidden.any():
                hidden = hidden.repeat(factor * step, 0).repeat(factor * step, 1)[: region.shape[0], : region.shape[1]]
                if hidden.shape != region.shape:  # the depth map has no cell for an odd last row or column
                    lacking = [(0, whole - part) for whole, part in zip(region.shape, hidden.shape, strict=True)]
                    hidden = np.pad(hidden, lacking, mode='edge')
            else:
                hidden = None
        before = region.copy() if hidden is not None else None
        first = self.paint_count
        thing = Thing(category or '', len(self.things) + 1, depth, window=window, extra=extra)
        if category is not None:
            self.things.append(thing)
        yield thing
        if category is not None:
            thing.painted = int(np.count_nonzero(region >= first))
        if hidden is not None:
            np.copyto(region, before, where=hidden)
