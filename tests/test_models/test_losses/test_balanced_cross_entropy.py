"""Balanced cross-entropy against a loop in float64."""

import math

import pytest
import torch

from nightgen.models.losses import BalancedCrossEntropyLoss, balanced_cross_entropy


def by_loop(logits, label, rare_pixels, rare_weight):
    pixels = [(n, y, x, label[n, y, x].item()) for n in range(label.shape[0]) for y in range(label.shape[1])
              for x in range(label.shape[2]) if label[n, y, x] != 255]
    weight = {c: rare_weight if sum(p[3] == c for p in pixels) < rare_pixels * label.shape[0] else 1.0
              for c in range(logits.shape[1])}
    total = 0.0
    for n, y, x, c in pixels:
        values = logits[n, :, y, x].tolist()
        total += weight[c] * (math.log(sum(math.exp(value) for value in values)) - values[c])
    return total / sum(weight[c] for *_, c in pixels)


@pytest.mark.parametrize(('rare_pixels', 'rare_weight'), [(6, 7.0), (0, 7.0), (1000, 3.0)])
def test_against_a_loop(rare_pixels, rare_weight):
    logits = torch.randn(2, 4, 5, 6, dtype=torch.float64)
    label = torch.tensor([0] * 20 + [1] * 12 + [2] * 11 + [3] * 7 + [255] * 10)[torch.randperm(60)].reshape(2, 5, 6)
    made = BalancedCrossEntropyLoss(rare_pixels, rare_weight)(logits=logits, label=label)
    assert made.item() == pytest.approx(by_loop(logits, label, rare_pixels, rare_weight), rel=1e-9)
    if rare_pixels == 6:  # twice 6 pixels: 12 are enough, 11 are few
        assert by_loop(logits, label, 6, 7.0) != by_loop(logits, label, 0, 7.0)


def test_the_papers_numbers():
    """A class is rare below 32x32 pixels whatever the size of the map, and counts seven times."""
    label = torch.zeros(1, 40, 40, dtype=torch.long)
    logits = torch.zeros(1, 19, 40, 40, dtype=torch.float64)
    logits[:, 0] = 2.0
    own, other = math.log(math.exp(2) + 18) - 2, math.log(math.exp(2) + 18)
    for number, weight in ((1023, 7), (1024, 1)):  # pixels of class 1; the rest of class 0 are always few
        label.flatten()[:] = 0
        label.view(-1)[:number] = 1
        expected = (weight * number * other + 7 * (1600 - number) * own) / (weight * number + 7 * (1600 - number))
        assert BalancedCrossEntropyLoss()(logits, label).item() == pytest.approx(expected, rel=1e-9)


def test_nothing_labelled_costs_nothing():
    logits = torch.randn(1, 3, 4, 4, requires_grad=True)
    value = balanced_cross_entropy(logits, torch.full((1, 4, 4), 255))
    value.backward()
    assert value.item() == 0 and (logits.grad == 0).all()


def test_gradient_and_16_bit():
    logits = torch.randn(1, 3, 3, 4, dtype=torch.float64, requires_grad=True)
    label = torch.randint(0, 3, (1, 3, 4), dtype=torch.uint8)
    label[0, 0, 0] = 255
    assert torch.autograd.gradcheck(lambda x: balanced_cross_entropy(x, label, rare_pixels=4), logits)
    low = balanced_cross_entropy(logits.bfloat16(), label)
    assert low.dtype == torch.float32
    assert low.item() == pytest.approx(balanced_cross_entropy(logits.bfloat16().double(), label).item(), rel=1e-5)


@pytest.mark.parametrize(('call', 'error', 'words'), [
    (lambda: balanced_cross_entropy(torch.zeros(1, 3, 4, 4), torch.zeros(1, 4, 4)), TypeError, 'class numbers'),
    (lambda: balanced_cross_entropy(torch.zeros(1, 3, 4, 4), torch.zeros(1, 2, 2, dtype=int)), ValueError, 'N,H,W'),
    (lambda: balanced_cross_entropy(torch.zeros(1, 3, 4, 4), torch.full((1, 4, 4), 3)), IndexError, 'out of bounds'),
    (lambda: BalancedCrossEntropyLoss(rare_weight=0), ValueError, 'positive'),
])
def test_bad_arguments(call, error, words):
    with pytest.raises(error, match=words):
        call()
