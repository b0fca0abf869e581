"""Self-similarity of features against loops, its three comparisons and their gradients."""

import math

import numpy as np
import pytest
import torch

from nightgen.models.losses import SpatiallyCorrelativeLoss, spatially_correlative
from nightgen.models.losses.spatially_correlative import self_similarity


def maps(seed, channels=4, shape=(6, 7), images=2):
    return torch.randn(images, channels, *shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


def similarity_by_hand(features, place, patch_size):
    """Cosines of one place with its window, of one image C,h,w."""
    centred = features - features.mean((1, 2), keepdims=True)
    _, height, width = centred.shape
    row, column = divmod(place, width)
    rows, columns = range(height), range(width)
    if patch_size < min(height, width):
        top, left = (min(max(at - patch_size // 2, 0), side - patch_size)
                     for at, side in ((row, height), (column, width)))
        rows, columns = range(top, top + patch_size), range(left, left + patch_size)
    here = centred[:, row, column]
    return np.array([here @ centred[:, r, c] / np.linalg.norm(here) / np.linalg.norm(centred[:, r, c])
                     for r in rows for c in columns])


@pytest.mark.parametrize('patch_size', [3, 4, 6, 32])
def test_self_similarity_of_windows(patch_size):
    features, places = maps(0), torch.tensor([0, 8, 24, 41])
    found = self_similarity(features, places, patch_size)
    assert found.shape == (2, 4, patch_size ** 2 if patch_size < 6 else 42)
    for n in range(2):
        for index, place in enumerate(places.tolist()):
            np.testing.assert_allclose(found[n, index], similarity_by_hand(features[n].numpy(), place, patch_size))


def drawn(seed, size, number):
    torch.manual_seed(seed)
    return torch.randperm(size)[:number].tolist()


@pytest.mark.parametrize('mode', ['cos', 'l1', 'contrast'])
def test_modes_against_loops(mode):
    fake, source, other = (maps(seed, images=1) for seed in range(3))
    places, values = drawn(5, 42, 5), []
    rows = [[similarity_by_hand(part[0].numpy(), place, 3) for place in places]
            for part in (fake, source, other.flip((2, 3)))]
    unit = [[row / np.linalg.norm(row) for row in part] for part in rows]
    for index in range(5):
        if mode == 'l1':
            values.append(np.abs(rows[0][index] - rows[1][index]).mean())
        elif mode == 'cos':
            values.append(1 - unit[0][index] @ unit[1][index])
        else:
            same = [math.exp(unit[1][index] @ row / 0.3) for row in unit[0]]
            foreign = [math.exp(part[index] @ row / 0.3) for part in (unit[1], unit[0]) for row in unit[2]]
            values.append(-math.log(same[index] / (sum(same) + sum(foreign))))
    torch.manual_seed(5)
    loss = SpatiallyCorrelativeLoss(mode, num_patches=5, patch_size=3, temperature=0.3)
    further = dict(other=[other]) if mode == 'contrast' else {}
    assert loss(fake=[fake], source=[source], **further).item() == pytest.approx(np.mean(values), rel=1e-9)


def test_layers_are_averaged_and_appearance_does_not_count():
    fake, source = [maps(0), maps(1, 8, (3, 3))], [maps(2), maps(3, 8, (3, 3))]
    torch.manual_seed(0)
    both = spatially_correlative(fake, source, num_patches=100)
    assert both.item() == pytest.approx(sum(spatially_correlative([a], [b], num_patches=100).item()
                                            for a, b in zip(fake, source, strict=True)) / 2)
    brighter = [3 * part + 7 for part in source]
    assert spatially_correlative(brighter, source).item() == pytest.approx(0, abs=1e-9)
    assert spatially_correlative(brighter, source, mode='l1').item() == pytest.approx(0, abs=1e-9)


@pytest.mark.parametrize('mode', ['cos', 'l1', 'contrast'])
def test_gradients(mode):
    inputs = [maps(seed, 3, (4, 4), 1).requires_grad_() for seed in range(2 + (mode == 'contrast'))]

    def value(*parts):
        torch.manual_seed(0)
        return spatially_correlative(*parts, mode=mode, num_patches=6, patch_size=3)

    assert torch.autograd.gradcheck(value, inputs)


def test_wrong_calls_are_told():
    with pytest.raises(ValueError, match="'contrast' alone reads `other`; got 'cos' with it"):
        spatially_correlative(maps(0), maps(1), maps(2))
    with pytest.raises(ValueError, match="got 'contrast' without it"):
        spatially_correlative(maps(0), maps(1), mode='contrast')
    with pytest.raises(ValueError, match='mode is one of'):
        SpatiallyCorrelativeLoss('info')
