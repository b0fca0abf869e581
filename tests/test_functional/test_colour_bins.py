"""The bins of ab against the published list, soft encoding, annealed mean and weights by hand."""

import numpy as np
import pytest
import torch

from nightgen.functional import annealed_mean, colour_bins, nearest_bins, rebalancing_weights, rgb_to_lab

# The published list of Zhang, Isola and Efros: for each a the first and the last b.
PUBLISHED = {-90: (50, 90), -80: (20, 90), -70: (0, 90), -60: (-20, 90), -50: (-30, 100), -40: (-40, 100),
             -30: (-50, 100), -20: (-50, 100), -10: (-60, 100), 0: (-70, 100), 10: (-80, 90), 20: (-80, 90),
             30: (-90, 90), 40: (-100, 90), 50: (-100, 80), 60: (-110, 80), 70: (-110, 80), 80: (-110, 70),
             90: (-110, 70), 100: (-90, 0)}


def test_the_bins_are_the_published_313():
    expected = [(a, b) for a, (first, last) in PUBLISHED.items() for b in range(first, last + 1, 10)]
    assert len(expected) == 313
    assert [tuple(point) for point in colour_bins().tolist()] == expected
    colour_bins()[:] = 0  # a copy: what one caller does with it is its own
    assert colour_bins().any()


def test_every_colour_lies_between_bins():
    known = {tuple(point) for point in colour_bins().tolist()}
    colours = np.random.default_rng(0).integers(0, 256, (40, 40, 3), dtype=np.uint8)
    colours[0, :8] = [[r, g, b] for r in (0, 255) for g in (0, 255) for b in (0, 255)]
    for a, b in rgb_to_lab(colours)[..., 1:].reshape(-1, 2):
        low = np.floor(a / 10) * 10, np.floor(b / 10) * 10
        assert {(low[0] + i, low[1] + j) for i in (0, 10) for j in (0, 10)} <= known


def test_soft_encoding_by_hand():
    bins = torch.from_numpy(colour_bins())
    ab = torch.tensor([[3.1, -42.3], [98.2, -60.5]], dtype=torch.float64).T.reshape(1, 2, 1, 2)
    index, weight = nearest_bins(ab, bins)
    assert index.shape == weight.shape == (1, 5, 1, 2)
    for place, colour in enumerate(([3.1, -42.3], [98.2, -60.5])):
        distances = np.linalg.norm(colour_bins() - colour, axis=1)
        order = np.argsort(distances)[:5]
        gauss = np.exp(-distances[order] ** 2 / 50)
        assert index[0, :, 0, place].tolist() == order.tolist()
        np.testing.assert_allclose(weight[0, :, 0, place], gauss / gauss.sum(), rtol=1e-12)
    index, weight = nearest_bins(ab, bins, neighbours=1)
    assert colour_bins()[index[0, 0, 0]].tolist() == [[0, -40], [100, -60]] and (weight == 1).all()


def test_the_annealed_mean():
    bins = torch.tensor([[0.0, 0.0], [10.0, 20.0], [-10.0, 40.0]], dtype=torch.float64)
    share = torch.tensor([0.5, 0.3, 0.2], dtype=torch.float64)
    logits = (share.log() + 7).view(1, 3, 1, 1)  # whatever is added to all
    for temperature in (1.0, 0.38, 0.1):
        sharp = np.exp(np.log(share.numpy()) / temperature)
        expected = (sharp / sharp.sum()) @ bins.numpy()
        np.testing.assert_allclose(annealed_mean(logits, bins, temperature).flatten(), expected, rtol=1e-12)
    np.testing.assert_allclose(annealed_mean(logits, bins, 1.0).flatten(), [1.0, 14.0])
    assert annealed_mean(logits, bins, 1e-3).abs().max() < 1e-12  # the mode


@pytest.mark.parametrize('uniform', [0.5, 0.1, 1.0])
def test_rare_colours_weigh_more(uniform):
    prior = torch.tensor([0.7, 0.3, 0.0, 0.0], dtype=torch.float64)
    weights = rebalancing_weights(prior, uniform).numpy()
    raw = 1 / ((1 - uniform) * prior.numpy() + uniform / 4)
    np.testing.assert_allclose(weights, raw / (raw * prior.numpy()).sum(), rtol=1e-12)
    assert (prior.numpy() * weights).sum() == pytest.approx(1)
    if uniform == 0.5:  # 1 / (.35 + .125), 1 / (.15 + .125), 1 / .125, over .7 / .475 + .3 / .275
        np.testing.assert_allclose(weights, np.array([1 / 0.475, 1 / 0.275, 8, 8]) / (0.7 / 0.475 + 0.3 / 0.275))
    if uniform == 1:
        np.testing.assert_allclose(weights, 1)
