# Tests of nightgen/datasets/nightscape/sensor.py: exposure, tone curve, motion blur, what is lost in the dark, JPEG.
from dataclasses import replace

import cv2
import numpy as np
import pytest

from nightgen.datasets.nightscape.geometry import Camera
from nightgen.datasets.nightscape.sensor import WHITE, Sensor, compress, develop, expose, move, tone

PLAIN = Sensor(
    level=0.4,
    gain_limit=60.0,
    cast=np.ones(3),
    contrast=0.5,
    saturation=1.0,
    read_noise=0.0,
    shot_noise=0.0,
    black=0.0,
    step=0.0,
    smoothing=0.0,
    pedestal=0.0,
    soft=0.0,
    blur=0.0,
    quality=100,
)


def flat(level, size=(64, 64)):
    return np.full((3, *size), level, np.float32)


def shown(light, sensor, gain=1.0, seed=0):
    return develop(light.copy(), sensor, gain, np.random.default_rng(seed)).astype(float)


@pytest.mark.parametrize('contrast', [0.5, 0.9, 1.4])
def test_the_tone_curve_by_formula(contrast):
    for light in (0.02, 0.3, 1.0, 2.0):
        expected = min(WHITE * (1 - np.exp(-light)) ** contrast, 1) * 255
        assert float(tone(np.array([light]), contrast)[0]) * 255 == pytest.approx(
            WHITE * (1 - np.exp(-light)) ** contrast * 255, rel=1e-5
        )
        assert shown(flat(light), replace(PLAIN, contrast=contrast)).mean() == pytest.approx(expected, abs=1.0)


def test_bright_light_is_clipped_and_a_pedestal_lifts_black():
    assert (shown(flat(20.0), PLAIN) == 255).all()
    assert shown(flat(0.0), PLAIN).max() == 0
    assert shown(flat(0.0), replace(PLAIN, pedestal=0.04)).mean() == pytest.approx(0.04 * 255, abs=1)


def test_the_exposure_meets_the_level():
    picture = np.random.default_rng(0).uniform(0, 0.2, (3, 120, 160)).astype(np.float32)
    sensor = replace(PLAIN, contrast=0.8)
    gain = expose(picture, sensor)
    assert shown(picture, sensor, gain).mean() / 255 == pytest.approx(0.4, abs=0.02)
    assert expose(picture * 1e-4, replace(sensor, gain_limit=5.0)) == pytest.approx(5.0, rel=0.05)


def test_saturation_scales_the_distance_from_grey():
    light = np.stack([np.full((32, 32), level, np.float32) for level in (0.3, 0.2, 0.1)])
    plain, strong, grey = (
        shown(light, replace(PLAIN, saturation=value)).mean((0, 1)) for value in (1.0, 1.5, 0.0)
    )
    mean = plain @ (0.299, 0.587, 0.114)
    assert strong == pytest.approx(mean + 1.5 * (plain - mean), abs=1.5)
    assert grey == pytest.approx([mean] * 3, abs=1.5)


def test_the_dark_is_lost_and_does_not_come_back_by_averaging():
    """A pattern below the floor is in no frame: the mean of many frames with other grain does not show it."""
    pattern = (np.indices((64, 64)).sum(0) // 8 % 2).astype(np.float32)
    sensor = replace(PLAIN, black=0.02, step=1 / 400, smoothing=0.06, read_noise=0.004, quality=90)

    def contrast(low, high):
        mean = np.mean([shown(np.stack([low + (high - low) * pattern] * 3), sensor, seed=k) for k in range(30)], 0)
        return abs(mean[pattern > 0].mean() - mean[pattern == 0].mean())

    assert contrast(0.002, 0.006) < 0.5  # threefold light, all below the floor
    assert contrast(0.08, 0.24) > 40  # the same ratio above it


def test_noise_reduction_takes_faint_details_in_the_dark_and_leaves_strong_ones():
    rng = np.random.default_rng(1)
    sensor = replace(PLAIN, smoothing=0.06)
    faint = 0.02 * (1 + rng.uniform(-0.2, 0.2, (64, 64))).astype(np.float32)
    strong = np.where(np.arange(64) % 16 < 8, 0.02, 0.5).astype(np.float32)[None].repeat(64, 0)
    for picture, low, high in ((faint, 0.0, 0.35), (strong, 0.9, 1.01)):
        light = np.stack([picture] * 3)
        kept = shown(light, sensor).std() / shown(light, PLAIN).std()
        assert low < kept < high


def test_motion_blur_is_the_mean_of_shifted_pictures():
    """At one depth the picture only grows around the vanishing point, which is still; own things do not move."""
    camera = Camera((128, 64), (0, 1.5, 0), 0.0, 0.0, 100.0)
    picture = np.random.default_rng(2).random((3, 64, 128)).astype(np.float32)
    picture = np.stack([cv2.GaussianBlur(plane, (0, 0), 2) for plane in picture])
    depth = np.full((64, 128), 6.0, np.float32)
    moved = move(picture, depth, camera, 0.9)
    x, y = np.meshgrid(np.arange(128), np.arange(64))
    parts = []
    for step in (-0.3, 0.0, 0.3):  # metres at which the three positions lie
        share = step / 6.0
        at = (x + share * (64 - x)).astype(np.float32), (y + share * (camera.horizon - y)).astype(np.float32)
        parts.append(cv2.remap(picture[0], *at, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE))
    assert np.abs(moved[0] - np.mean(parts, 0)).max() < 2e-3
    own = np.where(y > 50, 1.2, depth).astype(np.float32)
    assert np.allclose(move(picture, own, camera, 0.9)[:, 51:], picture[:, 51:], atol=1e-6)


def test_jpeg_is_repeatable_and_worse_with_lower_quality():
    picture = np.random.default_rng(3).integers(0, 255, (48, 64, 3), np.uint8)
    rough, fine = compress(picture, 30), compress(picture, 95)
    error = [np.abs(shot.astype(int) - picture[..., ::-1]).mean() for shot in (rough, fine)]
    assert error[1] < error[0]
    assert np.array_equal(rough, compress(picture, 30)) and rough.shape == picture.shape
