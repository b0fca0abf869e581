# Tests of nightgen/datasets/nightscape/shading_*.py: mirror images on wet roads, and the thermal camera's gain control.
from types import SimpleNamespace

import numpy as np
import pytest

from nightgen.datasets.nightscape.geometry import Camera
from nightgen.datasets.nightscape.shading_day import add_mirror
from nightgen.datasets.nightscape.shading_night import _lamp_streaks
from nightgen.datasets.nightscape.shading_thermal import _beside, _spread

HEIGHT, WIDTH = 64, 128


@pytest.fixture
def camera():
    """1.5 m above the road, looking along it: the horizon is the middle row."""
    return Camera((WIDTH, HEIGHT), (0, 1.5, 0), 0.0, 0.0, 100.0)


@pytest.fixture
def maps():
    """A road below the horizon on the left half, a wall on the right one."""
    upness = np.zeros((HEIGHT, WIDTH), np.float32)
    upness[HEIGHT // 2 :, : WIDTH // 2] = 1
    return SimpleNamespace(
        upness=upness, depth=np.full((HEIGHT, WIDTH), 20, np.float32), grain=np.ones((HEIGHT, WIDTH), np.float32)
    )


def test_a_wet_road_mirrors_what_is_above_the_horizon_and_a_wall_does_not(camera, maps):
    picture = np.zeros((3, HEIGHT, WIDTH), np.float32)
    picture[0, 20, 30], picture[1, 20, 100] = 100, 100  # red over the road, green over the wall; 12 rows up
    before = picture.copy()
    add_mirror(picture, maps, camera, 0.5, 0.02)
    added = picture - before
    assert not added[:, : HEIGHT // 2].any() and not added[:, :, WIDTH // 2 :].any()
    assert not added[1:].any()
    row, column = np.unravel_index(added[0].argmax(), added[0].shape)
    assert abs(row - (HEIGHT - 1 - 20)) <= 2 and abs(column - 30) <= 2
    assert 0 < added[0].sum() < 50  # less than the strength of the light


def test_a_lamp_throws_its_streak_below_itself(camera, maps):
    point = (-3.0, 6.0, 20.0)  # seen at column 64 - 15, its mirror image 7.5 m below the eye: row 32 + 37, out of frame
    picture = np.zeros((3, HEIGHT, WIDTH), np.float32)
    _lamp_streaks(picture, maps, camera, [(point, (1.0, 0.5, 0.0))], 1.0)
    assert not picture[:, : HEIGHT // 2].any() and not picture[2].any()
    assert picture[1] == pytest.approx(picture[0] / 2)
    assert abs(int(picture[0].sum(0).argmax()) - 49) <= 3
    dry, far = np.zeros_like(picture), np.zeros_like(picture)
    _lamp_streaks(dry, maps, camera, [(point, (1.0, 0.5, 0.0))], 0.0)
    _lamp_streaks(far, maps, camera, [((-3.0, 6.0, -20.0), (1.0, 0.5, 0.0))], 1.0)  # behind the camera
    assert not dry.any() and not far.any()


def test_gain_control_keeps_the_order_and_uses_the_range():
    rng = np.random.default_rng(0)
    warmth = np.where(rng.random((90, 120)) < 0.9, rng.normal(0, 0.5, (90, 120)), rng.normal(20, 2, (90, 120)))
    warmth = warmth.astype(np.float32)
    grey = _spread(warmth, 0.02)
    assert grey.min() == pytest.approx(8, abs=0.5) and grey.max() == pytest.approx(252, abs=0.5)
    order = np.argsort(warmth.ravel())
    assert (np.diff(grey.ravel()[order]) >= -1e-3).all()
    low, high = np.percentile(grey[warmth < 10], (5, 95))
    linear = (warmth - warmth.min()) / (warmth.max() - warmth.min()) * 244
    assert high - low > 2 * np.ptp(np.percentile(linear[warmth < 10], (5, 95)))  # the large cold part gets more levels


def test_gain_control_does_not_depend_on_level_or_gain():
    warmth = np.random.default_rng(1).normal(0, 3, (60, 80)).astype(np.float32)
    assert np.abs(_spread(warmth, 0.03) - _spread(warmth * 2 + 16, 0.03)).max() < 0.1


def test_the_thermal_camera_stands_beside_the_colour_camera():
    picture = np.zeros((64, 128), np.float32)
    picture[20, 40] = 100
    moved = _beside(picture, SimpleNamespace(shift=(2.0, -1.0), scale=1.0), 2.0)
    assert np.unravel_index(moved.argmax(), moved.shape) == (18, 44)
    larger = _beside(picture, SimpleNamespace(shift=(0.0, 0.0), scale=1.1), 1.0)
    row, column = np.unravel_index(larger.argmax(), larger.shape)
    assert abs(row - (32 + 1.1 * (20 - 32))) <= 1 and abs(column - (64 + 1.1 * (40 - 64))) <= 1
