"""Classification of colours against loops over pixels, and its prior."""

import json

import numpy as np
import pytest
import torch

from nightgen.functional import colour_bins
from nightgen.models.losses import ColorBinsLoss, color_bins

BINS = torch.from_numpy(colour_bins())


def example():
    generator = torch.Generator().manual_seed(0)
    logits = torch.randn(2, 313, 2, 3, generator=generator, dtype=torch.float64)
    chroma = torch.rand(2, 2, 8, 12, generator=generator, dtype=torch.float64) * 120 - 60
    return logits, chroma


def by_hand(logits, chroma, weights):
    values = []
    for n, row, column in np.ndindex(2, 2, 3):
        colour = chroma[n, :, 4 * row, 4 * column].numpy()
        distances = np.linalg.norm(colour_bins() - colour, axis=1)
        order = np.argsort(distances)[:5]
        share = np.exp(-distances[order] ** 2 / 50) / np.exp(-distances[order] ** 2 / 50).sum()
        score = logits[n, :, row, column].numpy()
        likely = score - np.log(np.exp(score).sum())
        values.append(-weights[order[0]] * (share * likely[order]).sum())
    return np.mean(values)


def test_it_is_the_weighted_cross_entropy_of_every_fourth_pixel():
    logits, chroma = example()
    ones = np.ones(313)
    assert color_bins(logits, chroma, BINS).item() == pytest.approx(by_hand(logits, chroma, ones), rel=1e-9)
    weights = np.random.default_rng(0).random(313)
    found = color_bins(logits, chroma, BINS, torch.from_numpy(weights)).item()
    assert found == pytest.approx(by_hand(logits, chroma, weights), rel=1e-9)
    # Equal scores: the logarithm of the number of bins, whatever the colours.
    assert color_bins(torch.zeros_like(logits), chroma, BINS).item() == pytest.approx(np.log(313))


def test_gradients_reach_the_scores_only():
    logits, chroma = example()
    few = BINS[100:104]
    scores = logits[:1, :4, :1, :2].clone().requires_grad_()
    colours = chroma[:1, :, :4, :8].clone().requires_grad_()
    assert torch.autograd.gradcheck(lambda x: color_bins(x, colours, few, neighbours=3), scores)
    color_bins(scores, colours, few, neighbours=3).backward()
    assert colours.grad is None


def test_the_prior_is_read_when_training_begins(tmp_path):
    logits, chroma = example()
    prior = np.random.default_rng(1).random(313)
    prior /= prior.sum()
    path = tmp_path / 'prior.json'
    loss = ColorBinsLoss(prior=path, uniform=0.25)
    with pytest.raises(FileNotFoundError, match='color_prior.py'):
        loss.prepare_training()
    path.write_text(json.dumps(dict(prior=prior.tolist())))
    loss.prepare_training()
    raw = 1 / (0.75 * prior + 0.25 / 313)
    weights = raw / (prior * raw).sum()
    found = loss(bin_logits=logits, chroma=chroma / 110).item()
    assert found == pytest.approx(by_hand(logits, chroma, weights), rel=1e-5)
    assert not loss.state_dict()  # a file of the data set, no part of the weights


@pytest.mark.parametrize('text, words', [
    ('{"prior": [0.5, 0.5]}', 'does not hold 313 shares'), ('{"priors": []}', 'is no prior of colours'),
    ('no json', 'is no prior of colours'), (json.dumps(dict(prior=[1.0] * 313)), 'of sum 1')])
def test_what_is_no_prior(tmp_path, text, words):
    (tmp_path / 'prior.json').write_text(text)
    with pytest.raises(ValueError, match=words):
        ColorBinsLoss(prior=tmp_path / 'prior.json').prepare_training()


def test_what_does_not_fit():
    logits, chroma = example()
    for shape in ((2, 2, 8, 13), (2, 3, 8, 12), (2, 2, 16, 12)):
        with pytest.raises(ValueError, match='color_bins: logits N,313,h,w'):
            color_bins(logits, torch.zeros(shape), BINS)
    with pytest.raises(ValueError, match='color_bins: logits'):
        color_bins(logits[:, :5], chroma, BINS)
    for options in (dict(uniform=0), dict(sigma=0), dict(neighbours=0), dict(ab_scale=-1)):
        with pytest.raises(ValueError, match='uniform is a share'):
            ColorBinsLoss(**options)
