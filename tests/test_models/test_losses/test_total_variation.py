"""Total variation against a hand-worked case and the formula of the spec in numpy float64."""

import numpy as np
import pytest
import torch

from nightgen.models.losses import TotalVariationLoss, total_variation


def test_by_hand():
    image = torch.tensor([[[[0.0, 1.0], [2.0, 4.0]]]])  # down: 2, 3; right: 1, 2
    assert total_variation(image).item() == 2 * ((4 + 9) / 2 + (1 + 4) / 2)


def test_against_the_formula():
    image = np.random.default_rng(0).standard_normal((2, 3, 4, 5))
    n, c, h, w = image.shape
    down, right = np.diff(image, axis=2) ** 2, np.diff(image, axis=3) ** 2
    expected = 2 / n * (down.sum() / (c * (h - 1) * w) + right.sum() / (c * h * (w - 1)))
    tensor = torch.from_numpy(image).requires_grad_()
    np.testing.assert_allclose(TotalVariationLoss()(image=tensor).item(), expected, rtol=1e-12)
    assert torch.autograd.gradcheck(total_variation, tensor)


def test_a_single_row_is_refused():
    with pytest.raises(ValueError, match='two rows'):
        total_variation(torch.zeros(1, 3, 1, 4))


def test_a_source_weighs_by_its_darkness():
    image = torch.tensor([[[[0.0, 1.0], [2.0, 4.0]]]]).expand(1, 3, 2, 2)
    source = torch.tensor([[[[-1.0, -0.9], [-0.8, 1.0]]]]).expand(1, 3, 2, 2)  # weights 1, .5, 0, 0
    assert TotalVariationLoss()(image=image, source=source).item() == pytest.approx(2 * ((4 + 4.5) / 2 + (1 + 0) / 2))
    assert TotalVariationLoss()(image=image, source=-torch.ones(1, 3, 2, 2)).item() == total_variation(image).item()
