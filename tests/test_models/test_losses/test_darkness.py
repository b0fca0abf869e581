"""Darkness and the colours made up in it, by hand and against loops in float64."""

import numpy as np
import pytest
import torch

from nightgen.models.losses import DarkChromaLoss, dark_chroma
from nightgen.models.losses.darkness import darkness


def test_darkness_by_hand():
    values = torch.tensor([0.0, 0.05, 0.1, 0.7])  # of one channel; the others are black
    source = torch.zeros(1, 3, 1, 4) - 1
    source[0, 1, 0] = values * 2 - 1
    assert darkness(source, 0.1).flatten().tolist() == pytest.approx([1, 0.5, 0, 0], abs=1e-6)
    for threshold in (0, 1.5):
        with pytest.raises(ValueError, match=r'threshold is in \(0, 1\]'):
            DarkChromaLoss(threshold)


def by_loops(image: np.ndarray, source: np.ndarray, threshold: float) -> float:
    total = 0.0
    for one, seen in zip(image, source, strict=True):
        places, weights = [], []
        for row in range(one.shape[1]):
            for column in range(one.shape[2]):
                bright = max(seen[:, row, column]) / 2 + 0.5
                weights.append(max(0.0, 1 - bright / threshold))
                places.append(one[:, row, column] - one[:, row, column].mean())
        if sum(weights):
            centre = np.average(places, axis=0, weights=weights)
            total += np.average([((place - centre) ** 2).sum() for place in places], weights=weights)
    return total / len(image)


def test_against_loops():
    rng = np.random.default_rng(0)
    image, source = rng.uniform(-1, 1, (2, 3, 4, 5)), rng.uniform(-1, -0.5, (2, 3, 4, 5))
    tensors = torch.from_numpy(image).requires_grad_(), torch.from_numpy(source)
    assert dark_chroma(*tensors, 0.3).item() == pytest.approx(by_loops(image, source, 0.3), rel=1e-5)
    assert torch.autograd.gradcheck(lambda x: DarkChromaLoss(0.3)(image=x, source=tensors[1]), tensors[0])


def test_light_and_one_colour_are_free():
    black = -torch.ones(1, 3, 6, 6)
    light = torch.rand(1, 1, 6, 6).expand(1, 3, 6, 6) * 2 - 1
    tint = torch.tensor([0.3, -0.1, 0.2]).view(1, 3, 1, 1)
    assert dark_chroma(light + tint, black).item() == pytest.approx(0, abs=1e-10)
    halves = torch.zeros(1, 3, 6, 6)
    halves[:, 0, :3], halves[:, 0, 3:] = 0.6, -0.6  # colours (.4, -.2, -.2) and its opposite
    assert dark_chroma(halves, black).item() == pytest.approx(0.16 + 0.04 + 0.04, rel=1e-5)


def test_nothing_black_is_nothing():
    image = torch.rand(2, 3, 4, 4).requires_grad_()
    value = dark_chroma(image, torch.zeros(2, 3, 4, 4))
    value.backward()
    assert value == 0 and image.grad.abs().max() == 0
    with pytest.raises(ValueError, match='dark_chroma: expected two N,3,H,W of one shape'):
        dark_chroma(image, torch.zeros(2, 3, 4, 5))
