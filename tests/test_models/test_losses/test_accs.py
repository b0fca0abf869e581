"""ACCS against loops in float64, and cases with a known answer."""

import math

import pytest
import torch

from nightgen.models.losses import ACCSLoss, accs


def attended(features, maps):
    """Unit-length attended features of one image, and the largest value of each map, by loops."""
    channels, height, width = features.shape
    rows, weights = [], []
    for attention in maps.tolist():
        mass = sum(attention[y][x] for y in range(height) for x in range(width))
        mean = [sum(attention[y][x] * features[c, y, x].item() for y in range(height) for x in range(width)) / mass
                for c in range(channels)]
        length = math.sqrt(sum(value ** 2 for value in mean))
        rows.append([value / length for value in mean])
        weights.append(max(max(line) for line in attention))
    return rows, weights


def cosine(a, b):
    return sum(x * y for x, y in zip(a, b, strict=True))


def by_loops(features, maps, other_features, other_maps):
    (ours, w), (theirs, v) = attended(features, maps), attended(other_features, other_maps)
    count = len(ours)
    weights = [min(pair) for pair in zip(w, v, strict=True)]
    align = sum(weight * (max(cosine(ours[i], other) for other in theirs) - cosine(ours[i], theirs[i]))
                for i, weight in enumerate(weights)) / (sum(weights) + 1e-6)
    own = [max(sum(cosine(rows[i], rows[j]) for i in range(count) for j in range(count) if i != j) / count ** 2, 0)
           for rows in (ours, theirs)]
    return align + 0.25 * sum(own)


def sample(batch=2, channels=5, scales=4, size=(3, 4)):
    return (torch.randn(batch, channels, *size, dtype=torch.float64),
            torch.rand(batch, scales, *size, dtype=torch.float64),
            torch.randn(batch, channels, *size, dtype=torch.float64),
            torch.rand(batch, scales, *size, dtype=torch.float64))


def test_against_loops():
    features, maps, other_features, other_maps = sample()
    expected = sum(by_loops(features[n], maps[n, 1:], other_features[n], other_maps[n, 1:]) for n in range(2)) / 2
    value = ACCSLoss()(features=features, attention=list(maps.split(1, dim=1)), other_features=other_features,
                       other_attention=list(other_maps.split(1, dim=1)))
    assert value.item() == pytest.approx(expected, rel=1e-9)


def test_scales_that_agree_and_differ_cost_nothing():
    """Three regions with orthogonal features, each scale on its own region, the same in both images."""
    owner = torch.tensor([[0, 0, 1], [1, 2, 2]])
    maps = torch.stack([owner == number for number in range(3)])[None].double() * 0.5
    features = torch.stack([owner == number for number in range(3)])[None].double() * 4
    assert accs(features, maps, features, maps).item() == pytest.approx(0, abs=1e-12)
    # scales that swapped their regions are as unlike as they can be: max_j c_ij = 1, c_ii = 0
    swapped = maps[:, [1, 2, 0]]
    assert accs(features, maps, features, swapped).item() == pytest.approx(1, rel=1e-5)


def test_the_weakest_map_decides_the_weight_and_one_feature_for_all_scales_costs_diversity():
    uniform = torch.ones(1, 4, 2, 2, dtype=torch.float64)
    # every cosine is 1: aligned, and 2 * 0.25 * (9 - 3) / 9 for the scales' likeness
    assert accs(uniform, uniform[:, :3], uniform, uniform[:, :3]).item() == pytest.approx(0.5 * 6 / 9, rel=1e-5)
    owner = torch.tensor([[0, 1, 2]])
    maps = torch.stack([owner == number for number in range(3)])[None].double()
    swapped = maps[:, [1, 0, 2]] * torch.tensor([0.2, 1.0, 1.0], dtype=torch.float64).reshape(1, 3, 1, 1)
    # scales 0 (weight 0.2) and 1 (weight 1) are wrong by 1, scale 2 (weight 1) is right
    assert accs(maps, maps, maps, swapped).item() == pytest.approx(1.2 / 2.2, rel=1e-5)


def test_gradient_reaches_the_maps_only():
    features, maps, other_features, other_maps = (x.requires_grad_() for x in sample(1, 3, 3, (2, 2)))
    assert torch.autograd.gradcheck(lambda m, o: accs(features, m, other_features, o), (maps, other_maps))
    accs(features, maps, other_features, other_maps).backward()
    assert features.grad is None and other_features.grad is None
    assert maps.grad.abs().sum() > 0 and other_maps.grad.abs().sum() > 0


def test_16_bit_inputs_and_autocast_are_computed_in_32():
    parts = [part.to(torch.bfloat16) for part in sample()]
    with torch.autocast('cpu', torch.bfloat16):
        low = ACCSLoss()(*parts)
    assert low.dtype == torch.float32
    assert low.item() == pytest.approx(ACCSLoss()(*(part.double() for part in parts)).item(), rel=1e-4)


def test_bad_arguments():
    features, maps, other_features, other_maps = sample()
    with pytest.raises(ValueError, match='maps of their size'):
        accs(features[..., :2], maps, other_features, other_maps)
    with pytest.raises(ValueError, match='differ in number'):
        accs(features, maps, other_features[:1], other_maps[:1])
    with pytest.raises(ValueError, match='there are 2 attention maps'):
        ACCSLoss()(features, maps[:, :2], other_features, other_maps)
