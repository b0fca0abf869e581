# The cameras behind both colour pictures: exposure, tone curve, motion blur, noise reduction, JPEG.
"""From linear light to the bytes that a camera writes."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from . import textures
from .geometry import Camera

WHITE = 1.05  # share of full scale that the shoulder runs to: what is brighter is clipped, as sensors do
OWN = 1.5  # metres; only the own bonnet is that near
TAPS = 3  # positions over which an exposure is averaged, odd: the middle one costs nothing


@dataclass
class Sensor:
    """A colour camera. Levels are shares of full scale."""

    level: float  # mean of the picture that the exposure aims at
    gain_limit: float
    cast: np.ndarray  # gain of red, green and blue
    contrast: float  # exponent of the tone curve; 0.5 is a soft curve, 1 has deep blacks
    saturation: float  # factor on the distance from grey
    read_noise: float  # deviation of the grain in the dark, linear
    shot_noise: float  # variance of the grain per linear light
    black: float  # linear light that is lost in the sensor's floor
    step: float  # linear light of one step of the converter, after the gain
    smoothing: float  # noise reduction: deviation of details that are lost in the dark, in the developed picture
    pedestal: float  # level of black in the file
    soft: float  # deviation of the lens's blur, pixels of a 512 wide picture
    blur: float  # metres that the own car moves during the exposure
    quality: int  # of the JPEG file


def tone(linear: np.ndarray, contrast: float) -> np.ndarray:
    """Tone curve: linear >= 0 to 0..WHITE, with a soft shoulder and, for a high contrast, a deep toe."""
    return np.float32(WHITE) * (1 - np.exp(-np.maximum(linear, 0))) ** np.float32(contrast)


def _tone_all(linear: np.ndarray, contrast: float) -> np.ndarray:
    """`tone` of a whole picture by a table, to 1 / 8192 of linear light; overwrites its input."""
    table = tone(np.arange(1 << 16, dtype=np.float32) * np.float32(1 / 8192), contrast)
    linear *= np.float32(8192)
    linear += np.float32(0.5)
    np.clip(linear, 0, (1 << 16) - 1, out=linear)
    return np.take(table, linear.astype(np.uint16), out=linear, mode='clip')


def expose(picture: np.ndarray, sensor: Sensor) -> float:
    """Gain with which the tone curve gives the picture (3,H,W linear) the mean `sensor.level`, by bisection."""
    sample = picture[:, 2::11, 2::9] * np.asarray(sensor.cast, np.float32)[:, None, None]
    low, high = 1e-2, sensor.gain_limit
    for _ in range(9):
        middle = (low * high) ** 0.5
        light = sample * np.float32(middle)
        light -= np.float32(sensor.black)
        if float(np.minimum(tone(light, sensor.contrast), 1).mean()) < sensor.level:
            low = middle
        else:
            high = middle
    return (low * high) ** 0.5


def move(picture: np.ndarray, depth: np.ndarray, camera: Camera, metres: float) -> np.ndarray:
    """Motion blur of a car that drives `metres` along its view during the exposure.

    Args:
        picture: 3,H,W linear.
        depth: H,W metres; a point at depth z moves by metres / z of its distance from the vanishing point; what is
            nearer than OWN is the own car and stands still.
        camera: its height over the horizon tells the vanishing point.
        metres: way.

    Returns:
        The mean over TAPS positions, 3,H,W.
    """
    height, width = depth.shape
    share = np.float32(metres / TAPS) / np.maximum(depth, np.float32(2.5))
    share *= depth > OWN
    x = np.arange(width, dtype=np.float32)[None]
    y = np.arange(height, dtype=np.float32)[:, None]
    dx, dy = share * (np.float32(width / 2) - x), share * (np.float32(camera.horizon) - y)
    total = picture * np.float32(1 / TAPS)  # the middle position
    moved = np.empty_like(dx)
    for k in range(TAPS):
        at = np.float32(k - (TAPS - 1) / 2)
        if at == 0:
            continue
        maps = cv2.convertMaps(dx * at + x, dy * at + y, cv2.CV_16SC2)
        for plane, out in zip(picture, total, strict=True):
            cv2.remap(plane, *maps, cv2.INTER_LINEAR, dst=moved, borderMode=cv2.BORDER_REPLICATE)
            moved *= np.float32(1 / TAPS)
            out += moved
    return total


def _add_grain(light: np.ndarray, sensor: Sensor, rng: np.random.Generator) -> None:
    """Read and shot noise on 3,H,W linear light, then the converter's steps and its floor; in place."""
    _, height, width = light.shape
    spread = np.maximum(light[1], 0)
    spread *= np.float32(sensor.shot_noise)
    spread += np.float32(sensor.read_noise**2)
    np.sqrt(spread, out=spread)
    spread *= np.float32(min(width / 512, 1))  # a small frame is a large one scaled down: its grain averages out
    for plane, grain in zip(light, textures.noise(rng, height, width), strict=True):
        plane += grain * spread
    light -= np.float32(sensor.black)
    if sensor.step > 0:
        light *= np.float32(1 / sensor.step)
        np.rint(light, out=light)
        light *= np.float32(sensor.step)


def _smooth(picture: np.ndarray, sensor: Sensor) -> None:
    """Noise reduction, in place: faint details are lost with the grain, and the more of them the darker it is.

    A detail d is kept by the share d^2 / (d^2 + t^2), where t is `sensor.smoothing` in the dark and 0 in white.
    """
    base, square = np.empty_like(picture[0]), np.empty_like(picture[0])
    for plane in picture:
        cv2.GaussianBlur(plane, (7, 7), 1.3, dst=base)
        plane -= base
        np.multiply(plane, plane, out=square)
        floor = np.float32(WHITE) - base
        floor *= np.float32(sensor.smoothing)
        floor *= floor
        floor += square
        floor += np.float32(1e-12)
        square /= floor
        plane *= square
        plane += base


def develop(light: np.ndarray, sensor: Sensor, gain: float, rng: np.random.Generator) -> np.ndarray:
    """The file's picture, uint8 H,W,3 RGB. Overwrites `light` (3,H,W linear, before the gain)."""
    if sensor.soft > 0:
        wide = sensor.soft * light.shape[2] / 512
        for plane in light:
            cv2.GaussianBlur(plane, (0, 0), wide, dst=plane)
    light *= (np.asarray(sensor.cast) * gain).astype(np.float32)[:, None, None]
    _add_grain(light, sensor, rng)
    picture = _tone_all(light, sensor.contrast)
    if sensor.smoothing > 0:
        _smooth(picture, sensor)
    grey = picture[0] * np.float32(0.299)
    grey += picture[1] * np.float32(0.587)
    grey += picture[2] * np.float32(0.114)
    grey *= np.float32(1 - sensor.saturation)
    picture *= np.float32(sensor.saturation)
    picture += grey
    top, low = 255 * (1 - sensor.pedestal), 255 * sensor.pedestal
    picture *= np.float32(top)
    picture += np.float32(low + 0.5)
    np.clip(picture, 0, 255, out=picture)
    return compress(cv2.merge([plane.astype(np.uint8) for plane in picture[::-1]]), sensor.quality)


def compress(picture: np.ndarray, quality: int) -> np.ndarray:
    """What a JPEG file of a BGR picture of that quality shows, as RGB."""
    done, data = cv2.imencode('.jpg', picture, [cv2.IMWRITE_JPEG_QUALITY, quality])
    if not done:
        raise ValueError(f'OpenCV could not encode an image of shape {picture.shape} as JPEG')
    return cv2.cvtColor(cv2.imdecode(data, cv2.IMREAD_COLOR), cv2.COLOR_BGR2RGB)
