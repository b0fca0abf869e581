"""Element-wise similarity, background masks and foreground scores against numpy and by hand."""

import math

import numpy as np
import pytest
import torch

from nightgen.models.layers import background_mask, elementwise_similarity, foreground_score


def maps(seed, shape=(2, 6, 3, 4)):
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


def test_it_is_the_correlation_over_channels():
    first, second = maps(0), maps(1)
    found = elementwise_similarity(first, second)
    assert found.shape == (2, 1, 3, 4)
    for n, row, column in np.ndindex(2, 3, 4):
        expected = np.corrcoef(first[n, :, row, column], second[n, :, row, column])[0, 1]
        assert found[n, 0, row, column].item() == pytest.approx(expected, rel=1e-6)
    torch.testing.assert_close(elementwise_similarity(first, first), torch.ones(2, 1, 3, 4, dtype=torch.float64))
    scale, shift = maps(2, (2, 1, 3, 4)).exp(), maps(3, (2, 1, 3, 4))
    torch.testing.assert_close(elementwise_similarity(scale * first + shift, second), found, rtol=1e-6, atol=1e-8)
    torch.testing.assert_close(elementwise_similarity(-first, first), -torch.ones(2, 1, 3, 4, dtype=torch.float64))


def test_vectors_without_variation_are_unlike_anything():
    flat = torch.ones(1, 4, 2, 2, requires_grad=True)
    found = elementwise_similarity(flat, torch.rand(1, 4, 2, 2))
    assert not found.any()
    found.sum().backward()
    assert flat.grad.isfinite().all()
    with torch.autocast('cpu', torch.bfloat16):
        assert elementwise_similarity(flat, flat).dtype == torch.float32
    with pytest.raises(ValueError, match='must both have shape N,C,h,w'):
        elementwise_similarity(torch.rand(1, 4, 2, 2), torch.rand(1, 3, 2, 2))


def test_masks_and_scores():
    similarity = torch.tensor([-1.0, 0.499, 0.501, 1.0]).view(1, 1, 2, 2).requires_grad_()
    mask = background_mask(similarity)
    assert mask.flatten().tolist() == [0, 0, 1, 1] and not mask.requires_grad
    assert [value > 1 / (1 + math.exp(-0.5)) for value in torch.sigmoid(similarity).flatten().tolist()] == \
        [False, False, True, True]
    soft = background_mask(similarity, threshold=0.4, hard=False, detach=False)
    assert soft.requires_grad
    assert soft.flatten()[3].item() == pytest.approx(1 / (1 + math.exp(-6)))
    score = foreground_score(similarity)
    assert score.flatten().tolist() == pytest.approx([1 - 1 / (1 + math.exp(-s)) for s in (-1, 0.499, 0.501, 1)])
    assert score.min() > 0.268 and score.max() < 0.732
