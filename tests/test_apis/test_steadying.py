"""Steadied videos: noise goes, motion stays, what is written is a mean computed apart, bad strengths are refused."""

import numpy as np
import pytest

from nightgen.apis.steadying import SteadyTranslation
from nightgen.evaluation.functional import frame_change


def identity(frames):
    return [frame.copy() for frame in frames]


def noisy(count: int, deviation: float = 4.0, size: tuple[int, int] = (48, 64)) -> list[np.ndarray]:
    rng = np.random.default_rng(0)
    still = np.linspace(20, 120, size[1])[None, :, None].repeat(size[0], 0).repeat(3, 2)
    return [(still + rng.normal(0, deviation, still.shape)).round().clip(0, 255).astype(np.uint8) for _ in range(count)]


def test_a_static_shot_is_a_recursive_mean():
    frames = noisy(12, deviation=1.0)
    expected, made = frames[0].astype(np.float64), SteadyTranslation(identity, 0.75)(frames)
    assert made[0] is not frames[0] and np.array_equal(made[0], frames[0])
    for frame, found in zip(frames[1:], made[1:], strict=True):
        expected = 0.75 * expected + 0.25 * frame
        assert np.abs(found - expected).max() <= 0.51  # the rounding, and float32
    assert frame_change(made).change < 0.4 * frame_change(frames).change


def test_flicker_that_the_network_adds_goes_too():
    """The source stands still, the results swing by six grey levels as a whole."""
    frames = [np.full((32, 32, 3), 60, np.uint8)] * 20
    swings = [np.full((32, 32, 3), 120 + 6 * (index % 2), np.uint8) for index in range(20)]
    made = SteadyTranslation(lambda batch: [swings.pop(0) for _ in batch])(frames)
    values = [int(frame[5, 5, 0]) for frame in made]
    assert max(np.abs(np.diff(values))) <= 2 and 121 <= values[-1] <= 125


def test_a_moving_thing_leaves_no_trace():
    def at(place: int) -> np.ndarray:
        frame = np.full((40, 80, 3), 30, np.uint8)
        frame[10:25, place:place + 12] = 200, 180, 90
        return frame
    frames = [at(4 * index) for index in range(16)]
    for frame, found in zip(frames, SteadyTranslation(identity)(frames), strict=True):
        assert np.abs(found.astype(int) - frame).max() <= 1


def test_a_lamp_that_goes_on_is_seen_at_once_in_the_result():
    """The source changes by less than counts; the translation makes much of it."""
    frames = [np.full((24, 24, 3), 10 + (index > 3), np.uint8) for index in range(8)]
    made = SteadyTranslation(lambda batch: [np.where(frame > 10, 200, 50).astype(np.uint8) for frame in batch])(frames)
    assert [int(frame[4, 4, 1]) for frame in made] == [50] * 4 + [200] * 4


def test_batches_are_one_video_and_another_size_starts_anew():
    frames = noisy(6)
    whole = SteadyTranslation(identity)(frames)
    steady = SteadyTranslation(identity)
    parts = steady(frames[:2]) + steady(frames[2:])
    assert all(np.array_equal(one, other) for one, other in zip(whole, parts, strict=True))
    other = noisy(1, size=(20, 30))
    assert np.array_equal(steady(other)[0], other[0])


@pytest.mark.parametrize('strength', [-0.1, 1, 1.5, float('nan')])
def test_strengths(strength):
    with pytest.raises(ValueError, match=r'strength is in \[0, 1\)'):
        SteadyTranslation(identity, strength)
    assert np.array_equal(SteadyTranslation(identity, 0)(frames := noisy(3))[2], frames[2])
