"""APCE against counts by hand."""

import numpy as np
import pytest

from nightgen.evaluation.functional import apce, apce_curve, edge_recall
from nightgen.functional import canny_levels
from nightgen.testing import random_picture


def test_recall_counts_edges_at_each_threshold():
    source, fake = random_picture(40, 48, seed=1, channels=1), random_picture(40, 48, seed=2)
    fake = np.where(np.arange(48)[None, :, None] < 24, source[..., None], fake)
    recall = edge_recall(fake, source)
    made, given = canny_levels(np.rint(fake @ [0.298936, 0.587043, 0.114021]).astype(np.uint8)), canny_levels(source)
    for j in range(99):
        expected = np.sum((made > j) & (given > j)) / np.sum(given > j) if np.any(given > j) else np.nan
        assert recall[j] == pytest.approx(expected, nan_ok=True)
    assert 0 < np.nanmean(recall) < 1


def test_identical_pictures_give_one():
    pictures = [random_picture(40, 48, seed=seed, channels=1) for seed in range(3)]
    assert apce(np.stack([edge_recall(picture, picture) for picture in pictures])) == 1.0
    colour = np.repeat(pictures[0][..., None], 3, axis=2)
    assert apce(edge_recall(colour, pictures[0])) == 1.0


def test_flat_output_gives_zero_and_flat_source_nan():
    picture, flat = random_picture(40, 48, channels=1), np.full((40, 48), 9, np.uint8)
    assert apce(edge_recall(flat, picture)) == 0.0
    assert np.isnan(apce(edge_recall(picture, flat)))


def test_pictures_without_edges_leave_the_mean():
    recalls = np.full((3, 99), np.nan)
    recalls[0, :50], recalls[1, :20] = 0.5, 1.0
    curve = apce_curve(recalls)
    assert np.all(curve[:20] == 0.75) and np.all(curve[20:50] == 0.5) and np.all(np.isnan(curve[50:]))
    assert apce(recalls) == pytest.approx((20 * 0.75 + 30 * 0.5) / 50)


def test_other_size_is_an_error():
    with pytest.raises(ValueError, match='differ in size'):
        edge_recall(np.zeros((8, 9), np.uint8), np.zeros((9, 8), np.uint8))
