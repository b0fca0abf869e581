"""Errors and histograms of ab against scikit-image and counts by hand."""

import numpy as np
import pytest
from skimage.color import rgb2lab

from nightgen.evaluation.functional import (
    chroma_counts,
    chroma_errors,
    dark_chroma_spread,
    histogram_intersection,
    log_curve,
    symmetric_divergence,
)
from nightgen.testing import random_picture


def test_errors_are_those_of_the_released_evaluation():
    fake, truth = random_picture(20, 24, seed=1), random_picture(20, 24, seed=2)
    difference = rgb2lab(fake)[..., 1:] - rgb2lab(truth)[..., 1:]
    error, psnr = chroma_errors(fake, truth)
    assert error == pytest.approx(np.abs(difference).mean(), rel=1e-9)
    assert psnr == pytest.approx(20 * np.log10(255 / np.sqrt((difference ** 2).mean())), rel=1e-9)


def test_equal_and_grey_pictures():
    picture = random_picture(8, 8)
    assert chroma_errors(picture, picture) == (0, float('inf'))
    greys = [np.full((8, 8, 3), value, np.uint8) for value in (20, 200)]
    assert chroma_errors(*greys)[0] < 0.01  # lightness does not count
    with pytest.raises(ValueError, match='differ in size'):
        chroma_errors(picture, greys[0][:4])


def test_counts_are_those_of_integer_bins():
    picture = random_picture(20, 24, seed=3)
    counts = chroma_counts(picture)
    assert counts.shape == (2, 219) and counts.sum(axis=1).tolist() == [480, 480]
    for channel in (1, 2):
        expected = np.zeros(219, int)
        for value in rgb2lab(picture)[..., channel].ravel():
            expected[int(np.floor(value)) + 110] += 1
        np.testing.assert_array_equal(counts[channel - 1], expected)


def test_log_curve_fills_empty_bins_with_the_smallest():
    counts = np.zeros((2, 219))
    counts[0, 3:6] = 10, 2, 4
    curves = log_curve(counts, 4)
    assert curves[0, 3:6] == pytest.approx(np.log([2.5, 0.5, 1.0])) and np.all(curves[0, :3] == np.log(0.5))
    assert np.isnan(curves[1]).all()


def test_intersection_and_divergence_by_hand():
    first, second = np.array([[2.0, 2, 0, 0], [5, 0, 0, 0]]), np.array([[0.0, 3, 3, 6], [1, 0, 0, 0]])
    assert histogram_intersection(first, second) == pytest.approx([0.25, 1])
    p, q = np.array([3, 3, 1, 1]) / 8, np.array([1, 4, 4, 7]) / 16
    expected = (np.sum(p * np.log(p / q)) + np.sum(q * np.log(q / p))) / 2
    assert symmetric_divergence(first, second)[0] == pytest.approx(expected)
    assert symmetric_divergence(first, first).tolist() == [0, 0]
    assert np.isnan(histogram_intersection(np.zeros((1, 4)), first[:1])[0])


def test_dark_chroma_spread_is_that_of_the_black_pixels():
    source = np.full((6, 8, 3), 200, np.uint8)
    source[:3] = 25, 10, 0
    source[3, 0] = 0, 0, 26  # one channel is above: not black
    image = random_picture(6, 8, seed=4)
    ab = rgb2lab(image)[:3, :, 1:].reshape(-1, 2)
    expected = np.sqrt(((ab - ab.mean(axis=0)) ** 2).sum(axis=1).mean())
    assert dark_chroma_spread(image, source) == pytest.approx(expected, rel=1e-9)
    assert dark_chroma_spread(np.full_like(image, 90), source) == pytest.approx(0, abs=1e-9)
    assert np.isnan(dark_chroma_spread(image, source, threshold=5))
    with pytest.raises(ValueError, match='differ in size'):
        dark_chroma_spread(image, source[:4])
