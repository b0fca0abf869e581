# Camera and road geometry of the Nightscape world. World axes: X right, Y up, Z along the street; metres.
"""Pinhole camera with yaw and pitch, and the curved street that everything is placed along."""

from __future__ import annotations

import numpy as np

NEAR = 0.4  # metres; nothing nearer than this is drawn


class Camera:
    """A pinhole camera without roll.

    Args:
        size: image size as (width, height) in pixels.
        position: world position in metres.
        yaw: rotation to the right, radians.
        pitch: rotation downwards, radians.
        focal: focal length in pixels.
        oversample: linear factor between image pixels and the finer grid on which shapes are drawn.
    """

    def __init__(self, size: tuple[int, int], position, yaw: float, pitch: float, focal: float, oversample: int = 2):
        self.width, self.height = size
        self.position = np.asarray(position, np.float32)
        self.focal, self.oversample = float(focal), oversample
        sin_y, cos_y, sin_p, cos_p = np.sin(yaw), np.cos(yaw), np.sin(pitch), np.cos(pitch)
        self.forward = np.array([sin_y * cos_p, -sin_p, cos_y * cos_p], np.float32)
        self.right = np.array([cos_y, 0, -sin_y], np.float32)
        self.up = np.array([sin_y * sin_p, cos_p, cos_y * sin_p], np.float32)
        self.eye, self.ahead = self.position.tolist(), self.forward.tolist()
        self.axes = np.stack([self.right, self.up, self.forward], 1)
        unit = oversample * 16
        self._fine_scale = np.array([self.focal, -self.focal], np.float32) * unit
        self._fine_centre = np.array([self.width / 2 * unit - 8, self.height / 2 * unit - 8], np.float32)
        self.horizon = self.height / 2 - focal * np.tan(pitch)

    def rays(self) -> np.ndarray:
        """World direction of each pixel, 3,H,W float32, of unit length along the optical axis."""
        x = (np.arange(self.width, dtype=np.float32) + 0.5 - self.width / 2) / self.focal
        y = (self.height / 2 - np.arange(self.height, dtype=np.float32) - 0.5) / self.focal
        rays = np.empty((3, self.height, self.width), np.float32)
        for axis in range(3):
            np.add.outer(self.up[axis] * y + self.forward[axis], self.right[axis] * x, out=rays[axis])
        return rays

    def to_camera(self, points: np.ndarray) -> np.ndarray:
        """World points ...,3 in camera coordinates (right, up, depth)."""
        return (points - self.position) @ self.axes

    def to_fine(self, camera_points: np.ndarray) -> np.ndarray:
        """Camera coordinates N,3 (depth > 0) on the oversampled grid, in 1/16 of its pixels, int32 N,2."""
        out = camera_points[:, :2] * (self._fine_scale / camera_points[:, 2:])
        out += self._fine_centre
        return np.minimum(np.maximum(out, -400_000), 400_000).astype(np.int32)

    def depth_of(self, point) -> float:
        """Depth of one world point along the optical axis, metres."""
        (x, y, z), (px, py, pz), (fx, fy, fz) = point, self.eye, self.ahead
        return (float(x) - px) * fx + (float(y) - py) * fy + (float(z) - pz) * fz


def clip_near(polygon: np.ndarray) -> np.ndarray:
    """Cuts a camera-space polygon K,3 at the near plane (Sutherland-Hodgman); may return fewer than 3 points."""
    out = []
    previous = polygon[-1]
    for current in polygon:
        inside, was_inside = current[2] >= NEAR, previous[2] >= NEAR
        if inside != was_inside:
            t = (NEAR - previous[2]) / (current[2] - previous[2])
            out.append(previous + t * (current - previous))
        if inside:
            out.append(current)
        previous = current
    return np.asarray(out, np.float32).reshape(-1, 3)


class Road:
    """The middle line of the street: X as a function of Z, straight up to the camera and bending behind `begin`."""

    def __init__(self, bend: float, begin: float, sway: float, phase: float):
        self.bend, self.begin, self.sway, self.phase = bend, begin, sway, phase

    def centre(self, z):
        """X of the middle line at Z (metres)."""
        ahead = np.maximum(np.asarray(z, np.float32) - self.begin, 0)
        if self.bend == 0 and self.sway == 0:
            return ahead * 0
        return self.bend * ahead**2 + self.sway * (np.sin(ahead / 37 + self.phase) - np.sin(self.phase))

    def heading(self, z: float) -> float:
        """Direction of the street at Z, radians to the right of +Z."""
        return float(np.arctan(self.centre(z + 0.5) - self.centre(z - 0.5)))

    def at(self, u, z, y=0.0) -> np.ndarray:
        """World points ...,3 at lateral offset u from the middle line, at Z and height y."""
        x = self.centre(z) + u
        out = np.empty((*np.shape(x), 3), np.float32)
        out[..., 0], out[..., 1], out[..., 2] = x, y, z
        return out


def pick(rng: np.random.Generator, odds) -> int:
    """A random index with the given odds (any positive sum); much faster than `Generator.choice`."""
    target = rng.random() * sum(odds)
    for number, share in enumerate(odds):
        target -= share
        if target < 0:
            return number
    return len(odds) - 1


def strip_stations(z_begin: float, z_end: float) -> np.ndarray:
    """Z positions between two ends that follow a curve well: dense where the camera is."""
    if z_end - z_begin < 8:
        return np.array([z_begin, z_end], np.float32)
    count = min(max(int((z_end - z_begin) / 8), 3), 18)
    t = np.linspace(0, 1, count, dtype=np.float32)
    return z_begin + (z_end - z_begin) * t**1.5
