# Shapes of vehicles: side profiles and the faces made from them, in the vehicle's own axes (x right, y up, z forward).
"""Vehicle meshes of the Nightscape world, cached per process."""

from __future__ import annotations

from functools import lru_cache

import numpy as np

# Length, width, height; stations from rear to front (z as share of length, y as share of height); share of roof width.
# Stations: rear bottom, rear belt, rear window base, roof rear, roof front, windscreen base, bonnet front, its bottom.
PROFILES = {
    'sedan': (
        (4.6, 1.82, 1.46),
        ((-0.5, 0.2), (-0.5, 0.62), (-0.36, 0.66), (-0.19, 1.0), (0.07, 1.0), (0.25, 0.64), (0.485, 0.5), (0.5, 0.2)),
        0.76,
    ),
    'hatch': (
        (4.1, 1.78, 1.5),
        ((-0.5, 0.2), (-0.5, 0.6), (-0.47, 0.64), (-0.36, 1.0), (0.08, 1.0), (0.28, 0.63), (0.485, 0.5), (0.5, 0.2)),
        0.78,
    ),
    'suv': (
        (4.7, 1.92, 1.76),
        ((-0.5, 0.22), (-0.5, 0.6), (-0.485, 0.62), (-0.42, 1.0), (0.1, 1.0), (0.26, 0.62), (0.485, 0.54), (0.5, 0.22)),
        0.82,
    ),
    'van': (
        (5.2, 2.0, 2.2),
        ((-0.5, 0.17), (-0.5, 0.53), (-0.497, 0.54), (-0.48, 1.0), (0.2, 1.0), (0.37, 0.53), (0.49, 0.42), (0.5, 0.17)),
        0.9,
    ),
    'pickup': (
        (5.4, 1.98, 1.85),
        ((-0.5, 0.25), (-0.5, 0.58), (-0.1, 0.6), (-0.07, 1.0), (0.12, 1.0), (0.25, 0.6), (0.485, 0.54), (0.5, 0.25)),
        0.8,
    ),
    'bus': (
        (11.5, 2.55, 3.15),
        ((-0.5, 0.1), (-0.5, 0.42), (-0.499, 0.43), (-0.495, 1.0), (0.49, 1.0), (0.498, 0.4), (0.5, 0.36), (0.5, 0.1)),
        0.97,
    ),
    'cab': (
        (2.3, 2.4, 2.6),
        ((-0.5, 0.2), (-0.5, 0.5), (-0.499, 0.51), (-0.49, 1.0), (0.25, 1.0), (0.47, 0.5), (0.5, 0.42), (0.5, 0.2)),
        0.94,
    ),
    'box': (
        (6.0, 2.5, 3.4),
        ((-0.5, 0.3), (-0.5, 0.6), (-0.5, 0.61), (-0.5, 1.0), (0.5, 1.0), (0.5, 0.61), (0.5, 0.6), (0.5, 0.3)),
        1.0,
    ),
}


@lru_cache(maxsize=64)
def mesh(kind: str) -> np.ndarray:
    """Station corners 8,2 (left, right),3 in metres, local axes x right, y up, z forward."""
    (length, width, height), stations, roof = PROFILES[kind]
    corners = np.zeros((8, 2, 3), np.float32)
    for i, (z, y) in enumerate(stations):
        half = width / 2 * (roof if i in (3, 4) else 1.0)
        corners[i, :, 1:] = y * height, z * length
        corners[i, :, 0] = -half, half
    return corners


def face(corners: np.ndarray, name: str) -> np.ndarray:
    """Corners 4,3 of a named face: bottom left, bottom right, top right, top left as seen from outside."""
    left, right = corners[:, 0], corners[:, 1]
    quads = {
        'rear': (left[0], right[0], right[1], left[1]),
        'boot': (left[1], right[1], right[2], left[2]),
        'back_glass': (left[2], right[2], right[3], left[3]),
        'roof': (left[3], right[3], right[4], left[4]),
        'screen': (right[5], left[5], left[4], right[4]),
        'bonnet': (right[6], left[6], left[5], right[5]),
        'front': (right[7], left[7], left[6], right[6]),
        'glass_right': (right[2], right[5], right[4], right[3]),
        'glass_left': (left[5], left[2], left[3], left[4]),
    }
    return np.stack(quads[name])


def patch(quad: np.ndarray, s0: float, t0: float, s1: float, t1: float) -> np.ndarray:
    """Part of a quad between shares of its width (s) and of its height (t), 4,3."""
    s = np.array([s0, s1, s1, s0], np.float32)[:, None]
    t = np.array([t0, t0, t1, t1], np.float32)[:, None]
    low, high = quad[0] + (quad[1] - quad[0]) * s, quad[3] + (quad[2] - quad[3]) * s
    return low + (high - low) * t


_CIRCLE = np.stack([np.cos(np.linspace(0, 2 * np.pi, 13)[:-1]), np.sin(np.linspace(0, 2 * np.pi, 13)[:-1])], -1).astype(
    np.float32
)


FACES = ('rear', 'front', 'boot', 'bonnet', 'glass_left', 'glass_right', 'back_glass', 'screen', 'roof', 'box_rear')


@lru_cache(maxsize=16)
def faces(kind: str) -> tuple[dict[str, np.ndarray], np.ndarray, np.ndarray]:
    """Quads by name, and outward unit normals and middles F,3 in the order of FACES."""
    corners = mesh(kind)
    quads = {name: face(corners, name) for name in FACES[:-1]}
    quads['box_rear'] = np.stack([corners[0, 0], corners[0, 1], corners[3, 1], corners[3, 0]])
    all_quads = np.stack([quads[name] for name in FACES])
    normals = np.cross(all_quads[:, 3] - all_quads[:, 1], all_quads[:, 2] - all_quads[:, 0])  # the axes are left-handed
    normals /= np.maximum(np.linalg.norm(normals, axis=1, keepdims=True), 1e-6)
    return quads, normals, all_quads.mean(1)


@lru_cache(maxsize=1024)
def part(kind: str, face: str, s0: float, t0: float, s1: float, t1: float) -> np.ndarray:
    """Part of a named face."""
    return patch(faces(kind)[0][face], s0, t0, s1, t1)


@lru_cache(maxsize=64)
def side_shapes(
    kind: str, side: int, wheels: tuple
) -> tuple[np.ndarray, np.ndarray, list[np.ndarray], list[np.ndarray]]:
    """Lower side outline, sill, for each wheel arch, tyre and hub, and the shapes of `side_details`.

    Side 0 is left, 1 is right.
    """
    outline = mesh(kind)[[0, 1, 2, 5, 6, 7], side]
    sign = 1 if side else -1
    low = outline[:, 1].min()
    sill = np.array(
        [
            [outline[0, 0], y, z]
            for z, y in (
                (outline[0, 2], low),
                (outline[-1, 2], low),
                (outline[-1, 2], low + 0.14),
                (outline[0, 2], low + 0.14),
            )
        ],
        np.float32,
    )
    rings = []
    for z, radius in wheels:
        for share, out in ((1.16, 0.008), (1.0, 0.015), (0.58, 0.02)):
            ring = np.empty((12, 3), np.float32)
            ring[:, 0] = outline[0, 0] + sign * out
            ring[:, 1], ring[:, 2] = radius + _CIRCLE[:, 1] * radius * share, z + _CIRCLE[:, 0] * radius * share
            ring[:, 1] = np.maximum(ring[:, 1], low if share > 1 else 0)
            rings.append(ring)
    return outline, sill, rings, _side_details(outline, kind)


def _side_details(outline: np.ndarray, kind: str) -> list[np.ndarray]:
    """What gives a side its form: the lower half that mirrors the road, the shoulder that mirrors the sky, door gaps
    and handles."""
    x, low, length = outline[0, 0], float(outline[:, 1].min()), float(outline[-1, 2] - outline[0, 2])
    belt = outline[1:5]  # rear to front along the upper edge
    tall = float(belt[:, 1].min()) - low

    def box(z0: float, z1: float, y0: float, y1: float) -> np.ndarray:
        return np.array([(x, y0, z0), (x, y0, z1), (x, y1, z1), (x, y1, z0)], np.float32)

    under = box(outline[0, 2], outline[-1, 2], low, low + 0.42 * tall)
    drop = np.array([0, 0.16 * tall, 0], np.float32)
    shoulder = np.concatenate([belt, (belt - drop)[::-1]])
    gaps = (-0.2, 0.03, 0.25) if kind in ('sedan', 'hatch', 'suv', 'pickup') else (0.2, 0.34)
    high = float(belt[1, 1]) - 0.03
    doors = [box(share * length - 0.012, share * length + 0.012, low + 0.12, high) for share in gaps]
    handles = [box((share - 0.06) * length, (share - 0.02) * length, high - 0.14, high - 0.1) for share in gaps[1:]]
    return [under, shoulder, *doors, *handles]
