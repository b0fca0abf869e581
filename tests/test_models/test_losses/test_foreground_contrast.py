"""Foreground contrast in its three modes against loops, with its ties, its gaps and its gradients."""

import math

import numpy as np
import pytest
import torch

from nightgen.models.losses import ForegroundContrastLoss, foreground_contrast
from nightgen.models.losses.foreground_contrast import strongest

TEMPERATURE = 0.2


def layers(seed, images=2):
    generator = torch.Generator().manual_seed(seed)
    return [torch.randn(images, channels, side, side, generator=generator, dtype=torch.float64)
            for channels, side in ((5, 5), (7, 3))]


def unit(vector):
    return vector / (np.linalg.norm(vector) + 1e-7)


def by_hand(fake, source, reference, mode, number, threshold):
    total = 0.0
    for made, night, wanted in zip(fake, source, reference, strict=True):
        values = []
        for n in range(len(made)):
            a, b, c = (part[n].flatten(1).T.numpy() for part in (made, night, wanted))
            similarity = [np.corrcoef(x, y)[0, 1] for x, y in zip(a, c, strict=True)]
            foreground = [i for i, s in enumerate(similarity) if s <= threshold]
            background = [i for i, s in enumerate(similarity) if s > threshold]
            chosen = sorted(foreground, key=lambda i: similarity[i])[:number]
            if not chosen or (mode == 'eq12' and not background):
                continue
            if mode == 'eq12':
                s_f, s_b = (np.mean([unit(a[i]) @ unit(b[i]) for i in places]) for places in (chosen, background))
                f, g = np.exp(s_f / TEMPERATURE), np.exp(s_b / TEMPERATURE)
                values.append(-math.log(f / (f + g)))
                continue
            keys = chosen + (background if mode == 'infonce_fg_bg' else [])
            each = []
            for i in chosen:
                similar = {j: math.exp(unit(a[i]) @ unit(b[j]) / TEMPERATURE) for j in keys}
                each.append(-math.log(similar[i] / sum(similar.values())))
            values.append(np.mean(each))
        total += np.mean(values) if values else 0.0
    return total


@pytest.mark.parametrize('threshold', [-0.1, 0.3])
@pytest.mark.parametrize('number', [4, 1000])
@pytest.mark.parametrize('mode', ['infonce_fg', 'infonce_fg_bg', 'eq12'])
def test_modes_against_loops(mode, number, threshold):
    fake, source, reference = layers(0), layers(1), layers(2)
    if mode == 'infonce_fg_bg' and number == 4:  # then only some of the background is drawn
        number = 25
    loss = ForegroundContrastLoss(mode, TEMPERATURE, number, threshold)
    found = loss(fake=fake, source=source, reference=reference).item()
    assert found == pytest.approx(by_hand(fake, source, reference, mode, number, threshold), rel=1e-9)


def test_each_layer_may_have_its_threshold():
    fake, source, reference = layers(0), layers(1), layers(2)
    assert len(fake) == 2
    found = foreground_contrast(fake, source, reference, 'eq12', TEMPERATURE, 9, (-0.1, 0.3)).item()
    assert found == pytest.approx(sum(
        by_hand(fake[i:i + 1], source[i:i + 1], reference[i:i + 1], 'eq12', 9, threshold)
        for i, threshold in enumerate((-0.1, 0.3))), rel=1e-9)
    with pytest.raises(ValueError, match='1 thresholds .* for 2 layers'):
        foreground_contrast(fake, source, reference, threshold=(0.5,))


def test_equal_features_give_the_logarithm_of_their_number():
    flat = torch.ones(1, 4, 6, 6) * torch.tensor([1.0, 2, -1, 0]).view(4, 1, 1)
    for number, expected in ((10, math.log(10)), (256, math.log(36))):
        assert foreground_contrast(flat, flat, -flat, num_patches=number).item() == pytest.approx(expected, rel=1e-6)
    both = foreground_contrast(flat, flat, torch.cat([flat[..., :2], -flat[..., 2:]], 3), 'infonce_fg_bg',
                               num_patches=8)
    assert both.item() == pytest.approx(math.log(8 + 8), rel=1e-6)
    assert foreground_contrast(flat, flat, torch.cat([flat[..., :2], -flat[..., 2:]], 3), 'eq12').item() == \
        pytest.approx(math.log(2), rel=1e-6)


@pytest.mark.parametrize('mode', ['infonce_fg', 'infonce_fg_bg', 'eq12'])
def test_images_without_foreground_or_background_are_skipped(mode):
    fake, source, reference = layers(0, 1), layers(1, 1), layers(2, 1)
    all_background = [torch.cat([a, a]) for a in fake], [torch.cat([a, a]) for a in source], \
        [torch.cat([a, b]) for a, b in zip(reference, fake, strict=True)]
    alone = foreground_contrast(fake, source, reference, mode)
    assert foreground_contrast(*all_background, mode).item() == pytest.approx(alone.item(), rel=1e-12)
    nothing = [part.clone().requires_grad_() for part in fake]
    value = foreground_contrast(nothing, source, fake, mode)
    assert value == 0
    value.backward()
    assert all(part.grad.isfinite().all() and not part.grad.any() for part in nothing)
    if mode == 'eq12':
        assert foreground_contrast(fake, source, [-part for part in fake], mode) == 0


@pytest.mark.parametrize('mode', ['infonce_fg', 'infonce_fg_bg', 'eq12'])
def test_gradients_reach_the_translation_alone(mode):
    fake, source, reference = ([part.requires_grad_() for part in layers(seed)] for seed in range(3))

    def value(*maps):
        torch.manual_seed(0)
        return foreground_contrast(maps, source, reference, mode, TEMPERATURE)

    value(*fake).backward()
    assert all(part.grad is None for part in (*source, *reference))
    assert torch.autograd.gradcheck(value, fake)
    moved = [part + 0.5 * (night - part) for part, night in zip(fake, source, strict=True)]
    similar = [-part.detach() for part in moved]  # all of it foreground, before and after
    if mode != 'eq12':
        assert foreground_contrast(moved, source, similar, mode) < foreground_contrast(
            fake, source, [-part.detach() for part in fake], mode)


def test_ties_are_broken_by_chance_and_by_the_seed():
    score = torch.zeros(1, 50)
    score[0, 7] = 1
    allowed = torch.ones(1, 50, dtype=torch.bool)
    allowed[0, 30:] = False
    draws = []
    for seed in (0, 1, 0):
        torch.manual_seed(seed)
        places, valid = strongest(score, allowed, 5)
        assert places[0, 0] == 7 and valid.all() and places.max() < 30 and len(set(places[0].tolist())) == 5
        draws.append(places.tolist())
    assert draws[0] == draws[2] != draws[1]
    places, valid = strongest(score, allowed, 40)  # fewer are allowed: all of them, and some that do not count
    assert valid.sum() == 30 and set(places[valid].tolist()) == set(range(30))
    assert strongest(score, allowed, 99)[0].shape == (1, 50)


def test_wrong_calls_are_told():
    with pytest.raises(ValueError, match="mode must be one of .* got 'eq13'"):
        ForegroundContrastLoss('eq13')
    with pytest.raises(ValueError, match='temperature is positive'):
        ForegroundContrastLoss(temperature=0)
    with pytest.raises(ValueError, match='of the same shapes are needed'):
        foreground_contrast(layers(0), layers(0), [part[:1] for part in layers(0)])
