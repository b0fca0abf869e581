"""Attention diversity against a loop and by hand."""

import pytest
import torch

from nightgen.models.losses import AttentionDiversityLoss, attention_diversity


def test_by_hand():
    maps = [torch.full((1, 1, 1, 2), value) for value in (0.9, 0.5, 0.25, 0.75)]
    # of the last three: the sum is 1.5, the largest 0.75
    assert AttentionDiversityLoss()(attention=maps).item() == pytest.approx(0.5 * (0.25 * 0.25 + 0.25))
    assert AttentionDiversityLoss(maps=None)(attention=maps).item() == pytest.approx(0.5 * (0.25 * 1.4 ** 2 + 0.1))


def test_one_map_everywhere_costs_nothing():
    owner = torch.randint(0, 3, (2, 5, 6))
    maps = torch.stack([owner == number for number in range(3)], dim=1).float()
    assert attention_diversity(maps).item() == 0


def test_against_a_loop_and_gradient():
    maps = torch.rand(2, 4, 3, 5, dtype=torch.float64)
    once = decided = 0.0
    for n in range(2):
        for y in range(3):
            for x in range(5):
                values = [maps[n, k, y, x].item() for k in (1, 2, 3)]
                once += 0.25 * (sum(values) - 1) ** 2 / 30
                decided += max(values) / 30
    assert AttentionDiversityLoss()(maps).item() == pytest.approx(0.5 * (once + 1 - decided), rel=1e-12)
    assert AttentionDiversityLoss()(list(maps.split(1, dim=1))).item() == AttentionDiversityLoss()(maps).item()
    assert torch.autograd.gradcheck(AttentionDiversityLoss(), maps.requires_grad_())


@pytest.mark.parametrize(('attention', 'words'), [
    ([torch.zeros(1, 1, 4, 4)] * 3, 'there are 3 attention maps'),
    ([torch.zeros(1, 1, 4, 4), torch.zeros(1, 1, 2, 2)], 'of one size'),
    ([torch.zeros(1, 2, 4, 4)] * 4, 'N,1,h,w'),
    (torch.zeros(4, 4, 4), 'N,K,h,w'),
])
def test_bad_arguments(attention, words):
    with pytest.raises(ValueError, match=words):
        AttentionDiversityLoss()(attention)
