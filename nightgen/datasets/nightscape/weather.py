# Samples the light, the air and the cameras of a scene: everything that the three pictures differ in.
"""Weather and sensor parameters of the Nightscape world."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .geometry import pick
from .sensor import Sensor


@dataclass
class Day:
    """Daylight and the day camera."""

    sun: np.ndarray  # unit vector towards the sun
    sun_rgb: np.ndarray
    sky_rgb: np.ndarray  # light from the whole sky
    zenith: np.ndarray
    horizon: np.ndarray
    cloud: float
    cloud_at: tuple[float, float]
    haze: float  # metres over which the air takes 63 %
    sky: float  # how much brighter the sky is than a white wall
    wet: float
    flare: float  # share of light that the lens scatters
    sensor: Sensor


@dataclass
class Night:
    """Night light and the night camera."""

    moon: float
    town: np.ndarray  # sky glow at the horizon
    lamps: float  # light of lamps and windows against what they light up
    wet: float
    headlights: float
    bloom: float
    sensor: Sensor


THERMAL_CAMERAS = ('gain_controlled', 'fixed_gain')


@dataclass
class Thermal:
    """Thermal camera; temperatures are relative to the air's."""

    level: float  # grey value of the air's temperature; unused under gain control
    gain: float  # grey values per kelvin; under gain control a factor on details
    sky: float  # kelvin, zenith
    noise: float  # grey values
    columns: float
    blur: float
    reach: float  # metres over which the air takes 63 %
    sharpen: float
    detail: float  # kelvin between the light and dark spots of a texture
    plateau: float  # of the equalised histogram: largest share of one of its cells; 0 without gain control
    shift: tuple[float, float]  # pixels of a 512 wide picture by which it is off the colour camera's
    scale: float  # and the factor of its size


def _day_sensor(rng: np.random.Generator, fixed: bool) -> Sensor:
    """A camera by day."""
    return Sensor(
        level=float(rng.uniform(0.36, 0.56) if fixed else rng.uniform(0.28, 0.5)),
        gain_limit=60.0,
        cast=np.array([1, 1, 1]) + rng.normal(0, 0.02, 3),
        contrast=float(rng.uniform(1.2, 1.7) if fixed else rng.uniform(0.9, 1.6)),
        saturation=float(rng.uniform(0.95, 1.35) if fixed else rng.uniform(0.75, 1.15)),
        read_noise=float(rng.uniform(0.0015, 0.007) * (3 if fixed else 1)),
        shot_noise=float(rng.uniform(0.00005, 0.0004) * (10 if fixed else 1)),
        black=float(rng.uniform(0.0, 0.026 if fixed else 0.016)),
        step=0.0,
        smoothing=float(rng.uniform(0.0, 0.01)),
        pedestal=float(rng.uniform(0.0, 0.02)),
        soft=float(rng.uniform(0.35, 0.6)),
        blur=0.0 if fixed or rng.random() < 0.6 else float(rng.uniform(0.02, 0.1)),
        quality=int(rng.integers(80, 96)),
    )


def sample_day(rng: np.random.Generator, fixed: bool) -> Day:
    """Clear, hazy, overcast, wet or sunset; `fixed` is a camera on a pole."""
    kind = pick(rng, (0.46, 0.2, 0.22, 0.12))
    elevation = np.deg2rad(rng.uniform(12, 22) if kind == 3 else rng.uniform(26, 66))
    azimuth = rng.uniform(0, 2 * np.pi)
    sun = np.array([np.cos(elevation) * np.sin(azimuth), np.sin(elevation), np.cos(elevation) * np.cos(azimuth)])
    sun_rgb = {
        0: np.array([1.0, 0.95, 0.86]) * 2.1,
        1: np.array([1.0, 0.96, 0.9]) * 1.25,
        2: np.array([1.0, 1.0, 1.0]) * 0.12,
        3: np.array([1.0, 0.74, 0.48]) * 1.9,
    }[kind]
    sky_rgb = {
        0: np.array([0.78, 0.9, 1.12]) * 0.62,
        1: np.array([0.93, 0.97, 1.03]) * 0.8,
        2: np.array([0.97, 1.0, 1.03]) * 1.15,
        3: np.array([0.9, 0.88, 1.02]) * 0.65,
    }[kind]
    zenith = {
        0: np.array([0.16, 0.36, 0.86]),
        1: np.array([0.45, 0.6, 0.85]),
        2: np.array([0.7, 0.74, 0.78]),
        3: np.array([0.25, 0.36, 0.66]),
    }[kind] * rng.uniform(0.85, 1.15)
    horizon = {
        0: np.array([0.72, 0.86, 1.0]),
        1: np.array([0.88, 0.92, 0.95]),
        2: np.array([0.92, 0.93, 0.94]),
        3: np.array([1.15, 0.78, 0.5]),
    }[kind]
    cloud = {0: rng.uniform(0, 0.6), 1: rng.uniform(0.1, 0.6), 2: rng.uniform(0.5, 1.0), 3: rng.uniform(0.1, 0.7)}[kind]
    haze = {0: rng.uniform(350, 900), 1: rng.uniform(130, 320), 2: rng.uniform(200, 600), 3: rng.uniform(200, 500)}[
        kind
    ]
    return Day(
        sun.astype(np.float32),
        sun_rgb * rng.uniform(0.9, 1.1),
        sky_rgb,
        zenith,
        horizon,
        cloud,
        (float(rng.uniform(0, 512)), float(rng.uniform(0, 512))),
        haze,
        sky=float(rng.uniform(1.3, 2.1) if fixed else rng.uniform(1.15, 1.6)),
        wet=float(rng.uniform(0.4, 1.0)) if kind == 2 and rng.random() < 0.5 else 0.0,
        flare=float(rng.uniform(0.0, 0.02)),
        sensor=_day_sensor(rng, fixed),
    )


def _night_sensor(rng: np.random.Generator, fixed: bool) -> Sensor:
    """A camera by night: long exposures, much gain, and noise reduction that takes details with the grain."""
    cast = np.array([(1.1, 0.98, 0.82), (1.0, 1.0, 1.0), (0.95, 1.02, 1.0), (1.06, 0.96, 0.96)])[
        pick(rng, (0.4, 0.25, 0.2, 0.15))
    ]
    return Sensor(
        # real driving frames have a mean of about 0.22, real fixed cameras of 0.17
        level=float(rng.uniform(0.075, 0.155) if fixed else rng.uniform(0.13, 0.3)),
        gain_limit=float(rng.uniform(6, 14) if fixed else rng.uniform(12, 34)),
        cast=cast * (1 + rng.normal(0, 0.02, 3)),
        contrast=float(rng.uniform(0.5, 0.75) if fixed else rng.uniform(0.5, 0.65)),
        saturation=float(rng.uniform(1.0, 1.5)),
        read_noise=float(rng.uniform(0.006, 0.016) if fixed else rng.uniform(0.002, 0.005)),
        shot_noise=float(rng.uniform(0.0015, 0.006)),
        black=float(rng.uniform(0.002, 0.008)),
        step=float(1 / rng.uniform(300, 1200)),
        smoothing=float(rng.uniform(0.0, 0.04) if fixed else rng.uniform(0.025, 0.085)),
        pedestal=float(rng.uniform(0.01, 0.06) if fixed else max(rng.uniform(-0.008, 0.042), 0)),
        soft=0.0,
        blur=0.0 if fixed or rng.random() < 0.3 else float(rng.uniform(0.05, 0.4)),
        quality=int(rng.integers(70, 94)),
    )


def sample_night(rng: np.random.Generator, fixed: bool) -> Night:
    """From a bright town to a moonless lane; `fixed` is a camera on a pole."""
    town = np.array([(0.02, 0.014, 0.009), (0.007, 0.009, 0.014), (0.012, 0.011, 0.012)])[
        rng.integers(0, 3)
    ] * rng.uniform(0.2, 1.6)
    return Night(
        moon=float(rng.uniform(0.0008, 0.006)),
        town=town,
        lamps=float(rng.uniform(1.0, 1.9) if fixed else rng.uniform(0.38, 0.8)),
        wet=float(rng.uniform(0.3, 1.0)) if rng.random() < 0.3 else 0.0,
        headlights=0.0 if fixed else float(rng.uniform(0.3, 1.1)),
        bloom=float(rng.uniform(0.7, 1.6)),
        sensor=_night_sensor(rng, fixed),
    )


def sample_thermal(rng: np.random.Generator, camera: str) -> Thermal:
    """A `fixed_gain` camera maps kelvin to grey values and is soft and flat; a `gain_controlled` one spreads the grey
    values over what it sees, enhances edges, and stands a little beside the colour camera."""
    air = dict(
        sky=float(rng.uniform(-26, -13) * (0.5 if camera == 'fixed_gain' else 1)),
        columns=float(rng.uniform(0, 0.2)),
        reach=float(rng.uniform(150, 400)),
    )
    if camera == 'fixed_gain':
        return Thermal(
            level=float(rng.uniform(38, 54)),
            gain=float(rng.uniform(2.2, 3.4)),
            noise=float(rng.uniform(0.05, 0.2)),
            blur=float(rng.uniform(0.55, 0.85)),
            sharpen=float(rng.uniform(0.9, 1.6)),
            detail=2.2,
            plateau=0.0,
            shift=(0.0, 0.0),
            scale=1.0,
            **air,
        )
    return Thermal(
        level=0.0,
        gain=1.0,
        noise=float(rng.uniform(0.8, 2.2)),
        blur=float(rng.uniform(0.6, 0.95)),
        sharpen=float(rng.uniform(0.5, 1.1)),
        detail=float(rng.uniform(1.8, 3.4)),
        plateau=float(rng.uniform(0.01, 0.04)),
        shift=(float(rng.normal(0, 1.3)), float(rng.normal(0, 0.8))),
        scale=float(1 + rng.normal(0, 0.004)),
        **air,
    )
