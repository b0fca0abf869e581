"""Change between frames, by hand."""

import numpy as np
import pytest

from nightgen.evaluation.functional import frame_change


def test_change_and_contrast_by_hand():
    frames = [np.zeros((2, 2, 3), np.uint8) for _ in range(3)]
    frames[1][0, 0] = 240  # a quarter of the values by 240
    frames[2][:] = 255
    found = frame_change(iter(frames))
    first, second = 240 / 4, (3 * 255 + 15) / 4
    assert found.change == pytest.approx((first + second) / 2)
    deviation = np.sqrt(240 ** 2 / 4 - 60 ** 2)
    assert found.contrast == pytest.approx(deviation / 3) and found.frames == 3
    assert found.relative == pytest.approx(found.change / found.contrast)


def test_gain_raises_change_and_contrast_alike():
    frames = list(np.random.default_rng(0).integers(0, 80, (4, 9, 8, 3)).astype(np.uint8))
    plain, brighter = frame_change(frames), frame_change([frame * 3 for frame in frames])
    assert brighter.change == pytest.approx(3 * plain.change) and brighter.relative == pytest.approx(plain.relative)


def test_flat_and_short_videos():
    flat = [np.full((3, 3, 3), 7, np.uint8)] * 2
    assert frame_change(flat).change == 0 and np.isnan(frame_change(flat).relative)
    with pytest.raises(ValueError, match='at least two frames, got 1'):
        frame_change(flat[:1])
    with pytest.raises(ValueError, match='differ in size'):
        frame_change([flat[0], flat[0][:2]])
