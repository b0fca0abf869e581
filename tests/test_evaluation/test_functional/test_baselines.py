"""Answers that need no network."""

import numpy as np
import pytest
from skimage.color import rgb2lab
from skimage.exposure import match_histograms

from nightgen.evaluation.functional import (
    BASELINES,
    ColourStatistics,
    baseline_outputs,
    equalise_locally,
    match_histogram,
    matching_gamma,
)
from nightgen.evaluation.functional.baselines import apply_gamma, constant_frame
from nightgen.testing import random_picture

DAYS = [np.clip(random_picture(12, 16, seed=seed) // 2 + 110, 0, 255).astype(np.uint8) for seed in range(3)]
NIGHTS = [random_picture(12, 16, seed=10 + seed) // 4 for seed in range(3)]
DAY, NIGHT = ColourStatistics.of(DAYS), ColourStatistics.of(NIGHTS)


def test_statistics_count_every_pixel():
    pixels = np.concatenate(DAYS).reshape(-1, 3)
    np.testing.assert_array_equal(DAY.histogram, [np.bincount(pixels[:, c], minlength=256) for c in range(3)])
    np.testing.assert_allclose(DAY.mean_colour, pixels.mean(axis=0), atol=1e-10)
    assert DAY.mean == pytest.approx(pixels.mean(), abs=1e-10)
    with pytest.raises(ValueError, match='no image'):
        ColourStatistics.of([])


def test_histogram_matching_equals_scikit_image_on_the_set_as_one_picture():
    # as floats: on integers scikit-image cuts the fraction off
    expected = match_histograms(NIGHTS[0].astype(float), np.concatenate(DAYS).astype(float), channel_axis=2)
    np.testing.assert_array_equal(match_histogram(NIGHTS[0], DAY), np.rint(expected).astype(np.uint8))


def test_histogram_matching_by_hand():
    # Half of the pixels are 0 and half 9; the set has 100 in three quarters and 200 in one.
    image = np.repeat(np.array([[0, 9]], np.uint8)[..., None], 3, axis=2)
    day = ColourStatistics.of([np.repeat(np.array([[100, 100, 100, 200]], np.uint8)[..., None], 3, axis=2)])
    # 0 has cumulative frequency 0.5, below that of 100 (0.75): 100. 9 has 1, that of 200.
    np.testing.assert_array_equal(match_histogram(image, day)[..., 0], [[100, 200]])


def test_gamma_matches_the_means():
    gamma = matching_gamma(NIGHT, DAY)
    values = np.concatenate(NIGHTS) / 255
    assert 0 < gamma < 1 and 255 * np.mean(values ** gamma) == pytest.approx(DAY.mean, abs=1e-6)
    assert matching_gamma(DAY, DAY) == pytest.approx(1, abs=1e-9)
    image = np.array([0, 64, 255], np.uint8).reshape(1, 1, 3)
    np.testing.assert_array_equal(apply_gamma(image, 0.5)[0, 0], [0, round(255 * (64 / 255) ** 0.5), 255])


def test_gamma_that_does_not_exist_is_an_error():
    black = ColourStatistics.of([np.zeros((2, 2, 3), np.uint8)])
    with pytest.raises(ValueError, match='no gamma turns the mean 0.00 into'):
        matching_gamma(black, DAY)


def test_constant_frame_is_the_rounded_mean_colour():
    frame = constant_frame(NIGHTS[0], DAY)
    assert frame.shape == NIGHTS[0].shape and frame.dtype == np.uint8
    np.testing.assert_array_equal(frame[3, 4], np.rint(np.concatenate(DAYS).mean(axis=(0, 1))))
    assert (frame == frame[0, 0]).all()


def test_all_answers_in_order():
    source = NIGHTS[1].copy()
    answers = baseline_outputs(source, DAY, NIGHT)
    assert tuple(answers) == BASELINES
    assert all(answer.dtype == np.uint8 and answer.shape == source.shape for answer in answers.values())
    np.testing.assert_array_equal(source, NIGHTS[1])
    np.testing.assert_array_equal(answers['input'], source)
    np.testing.assert_array_equal(answers['gamma'], apply_gamma(source, matching_gamma(NIGHT, DAY)))
    np.testing.assert_array_equal(answers['histogram_matching'], match_histogram(source, DAY))


def test_local_equalisation_lifts_the_dark_and_keeps_colours():
    rng = np.random.default_rng(0)
    image = (np.array([40, 30, 20]) + rng.integers(-8, 9, (64, 96, 1))).astype(np.uint8)
    equalised, before = equalise_locally(image), rgb2lab(image)
    after = rgb2lab(equalised)
    assert after[..., 0].mean() > before[..., 0].mean() + 3 and after[..., 0].std() > 1.5 * before[..., 0].std()
    assert np.abs(after[..., 1:] - before[..., 1:]).mean() < 1.5  # 8-bit Lab rounds
    flat = np.full((16, 16, 3), 9, np.uint8)
    assert np.ptp(equalise_locally(flat)) <= 1
