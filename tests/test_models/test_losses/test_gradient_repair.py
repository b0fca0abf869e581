"""Conditional gradient repair against a loop in float64, and the cases of specs/morngan section 8."""

import math

import pytest
import torch

from nightgen.models.losses import ConditionalGradientRepairLoss, conditional_gradient_repair


def magnitudes(image):
    """Gradient magnitude of one image 3,H,W as a list: zeros around, central differences."""
    grey = sum(weight * (image[c] + 1) / 2 for c, weight in enumerate((0.299, 0.587, 0.114))).tolist()
    height, width = len(grey), len(grey[0])

    def at(y, x):
        return grey[y][x] if 0 <= y < height and 0 <= x < width else 0.0
    return [math.sqrt((at(y, x + 1) - at(y, x - 1)) ** 2 + (at(y + 1, x) - at(y - 1, x)) ** 2 + 1e-6)
            for y in range(height) for x in range(width)]


def by_loop(translated, source, background):
    found, wanted, region = magnitudes(translated), magnitudes(source), background.flatten().tolist()
    average = sum(g for g, inside in zip(wanted, region, strict=True) if inside) / sum(region)
    strong = [index for index, g in enumerate(wanted) if region[index] and g > average]
    return sum(max(wanted[i] - found[i], 0) for i in strong) / sum(wanted[i] for i in strong)


def sample(batch=2, size=(7, 9)):
    images = torch.rand(2, batch, 3, *size, dtype=torch.float64) * 2 - 1
    return images[0], images[1], torch.rand(batch, *size) < 0.6


def test_against_a_loop():
    translated, source, background = sample()
    expected = sum(by_loop(translated[n], source[n], background[n]) for n in range(2)) / 2
    loss = ConditionalGradientRepairLoss()
    assert loss(translated=translated, source=source, background=background).item() == pytest.approx(expected, rel=1e-9)
    assert loss(translated, source, background[:, None].float()).item() == pytest.approx(expected, rel=1e-9)


def test_an_equal_translation_costs_nothing_and_a_flat_one_nearly_everything():
    _, source, background = sample(size=(32, 32))
    assert conditional_gradient_repair(source, source, background).item() == 0
    flat = torch.full_like(source, -1)  # black, and so without the frame that zeros around would make
    assert 0.99 < conditional_gradient_repair(flat, source, background).item() < 1


def test_an_empty_region_costs_nothing_also_in_a_batch():
    translated, source, background = sample()
    background[0] = False
    alone = conditional_gradient_repair(translated[1:], source[1:], background[1:]).item()
    translated.requires_grad_()
    value = conditional_gradient_repair(translated, source, background)
    value.backward()
    assert value.item() == pytest.approx(alone / 2, rel=1e-12) and alone > 0
    assert (translated.grad[0] == 0).all() and translated.grad.isfinite().all()
    # nowhere above the mean: a flat input without a frame
    flat = torch.zeros(1, 3, 8, 8)
    assert conditional_gradient_repair(flat, flat, torch.ones(1, 8, 8), pad='replicate').item() == 0


def test_gradient_reaches_the_translation_only():
    translated, source, background = sample(1, (4, 5))
    assert torch.autograd.gradcheck(lambda x: conditional_gradient_repair(x, source, background),
                                    translated.requires_grad_())
    source.requires_grad_()
    conditional_gradient_repair(translated, source, background).backward()
    assert source.grad is None


def test_bad_arguments():
    translated, source, background = sample()
    with pytest.raises(ValueError, match='differ in shape'):
        conditional_gradient_repair(translated, source[:1], background)
    with pytest.raises(ValueError, match='background must be'):
        conditional_gradient_repair(translated, source, background[..., :4])
    with pytest.raises(ValueError, match="'reflect'"):
        ConditionalGradientRepairLoss(pad='reflect')
