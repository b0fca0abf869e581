# Samples the light, the air and the cameras of a scene: everything that the three pictures differ in.
"""Weather and sensor parameters of the Nightscape world."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .geometry import pick


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
    level: float  # mean of the picture, 0 to 1
    cast: np.ndarray
    noise: float


@dataclass
class Night:
    """Night light and the night camera."""

    moon: float
    town: np.ndarray  # sky glow at the horizon
    level: float  # mean that the exposure aims at
    gain_limit: float
    cast: np.ndarray
    read_noise: float
    shot_noise: float
    black: float  # taken off before the tone curve; real night frames hold 1 to 2 % of zeros, so it must hardly crush
    wet: float
    headlights: float
    bloom: float


@dataclass
class Thermal:
    """Thermal camera; temperatures are relative to the air's."""

    level: float  # grey value of the air's temperature
    gain: float  # grey values per kelvin
    sky: float  # kelvin, zenith
    noise: float
    columns: float
    blur: float
    reach: float  # metres over which the air takes 63 %
    sharpen: float


def sample_day(rng: np.random.Generator) -> Day:
    """Clear, hazy, overcast or sunset."""
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
    cast = np.array([1, 1, 1]) + rng.normal(0, 0.015, 3)
    return Day(
        sun.astype(np.float32),
        sun_rgb * rng.uniform(0.9, 1.1),
        sky_rgb,
        zenith,
        horizon,
        cloud,
        (float(rng.uniform(0, 512)), float(rng.uniform(0, 512))),
        haze,
        float(rng.uniform(0.46, 0.53)),
        cast,
        float(rng.uniform(0.004, 0.012)),
    )


def sample_night(rng: np.random.Generator, surveillance: bool) -> Night:
    """From a bright town to a moonless lane."""
    town = np.array([(0.02, 0.014, 0.009), (0.007, 0.009, 0.014), (0.012, 0.011, 0.012)])[
        rng.integers(0, 3)
    ] * rng.uniform(0.2, 1.6)
    cast = np.array([(1.1, 0.98, 0.82), (1.0, 1.0, 1.0), (0.95, 1.02, 1.0), (1.06, 0.96, 0.96)])[
        pick(rng, (0.4, 0.25, 0.2, 0.15))
    ]
    return Night(
        moon=float(rng.uniform(0.0008, 0.006)),
        town=town,
        # real driving frames have a mean of about 0.22
        level=float(rng.uniform(0.085, 0.15) if surveillance else rng.uniform(0.16, 0.26)),
        gain_limit=float(rng.uniform(5, 12) if surveillance else rng.uniform(12, 34)),
        cast=cast * (1 + rng.normal(0, 0.02, 3)),
        read_noise=float(rng.uniform(0.003, 0.009)),
        shot_noise=float(rng.uniform(0.0015, 0.006)),
        black=float(rng.uniform(-0.007, 0.002)),
        wet=float(rng.uniform(0.25, 0.9)) if rng.random() < 0.25 else 0.0,
        headlights=0.0 if surveillance else float(rng.uniform(0.3, 1.1)),
        bloom=float(rng.uniform(0.7, 1.4)),
    )


def sample_thermal(rng: np.random.Generator) -> Thermal:
    """From a flat low-contrast camera to a crisp one."""
    return Thermal(
        float(rng.uniform(62, 108)),
        float(rng.uniform(3.2, 6.4)),
        float(rng.uniform(-26, -13)),
        float(rng.uniform(1.2, 3.2)),
        float(rng.uniform(0.4, 1.6)),
        float(rng.uniform(0.75, 1.35)),
        float(rng.uniform(150, 400)),
        float(rng.uniform(0, 0.6)),
    )
