"""The grey term against a loop, by hand, and where its gradient goes."""

import pytest
import torch

from nightgen.models.losses import MonochromaticLoss, monochromatic


def test_by_hand():
    image = torch.zeros(2, 3, 2, 2)
    image[0, :, 0, 1] = torch.tensor([0.5, -0.25, 0.0])
    image[0, :, 1, 1] = torch.tensor([1.0, 0.9, 0.8])
    image[1, :, 1, 0] = torch.tensor([-1.0, 1.0, 1.0])
    assert MonochromaticLoss()(image=image).item() == pytest.approx((0.75 + 2.0) / 2)


def test_a_grey_image_costs_nothing():
    assert monochromatic(torch.rand(2, 1, 5, 6).expand(2, 3, 5, 6)).item() == 0


def test_against_a_loop_and_gradient():
    image = torch.rand(3, 3, 4, 5, dtype=torch.float64) * 2 - 1
    worst = []
    for one in image.tolist():
        spreads = [max(one[c][y][x] for c in range(3)) - min(one[c][y][x] for c in range(3))
                   for y in range(4) for x in range(5)]
        worst.append(max(spreads))
    assert monochromatic(image).item() == pytest.approx(sum(worst) / 3, rel=1e-12)
    assert torch.autograd.gradcheck(monochromatic, image.requires_grad_())


def test_the_gradient_reaches_one_pixel_also_among_equals():
    image = torch.tensor([1.0, 0.0, -1.0]).reshape(1, 3, 1, 1).repeat(2, 1, 2, 3).requires_grad_()
    monochromatic(image).backward()
    for gradient in image.grad:
        assert (gradient != 0).any(dim=0).sum() == 1
        assert sorted(gradient[gradient != 0].tolist()) == [-0.5, 0.5]


def test_bad_shape():
    with pytest.raises(ValueError, match='N,C,H,W'):
        monochromatic(torch.zeros(3, 4, 4))
