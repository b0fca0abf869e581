"""The prior of UNIT's latent space against the divergence of two Gaussians."""

import pytest
import torch
from torch.distributions import Normal, kl_divergence

from nightgen.models.losses import GaussianPriorLoss, gaussian_prior
from nightgen.registry import LOSSES


def test_it_is_twice_the_mean_divergence_from_the_standard_normal():
    latent = torch.randn(2, 3, 4, 5, dtype=torch.float64)
    divergence = kl_divergence(Normal(latent, 1.0), Normal(torch.zeros_like(latent), 1.0))
    loss = LOSSES.build(dict(type='GaussianPriorLoss'))
    assert loss(latent=latent).item() == pytest.approx(2 * divergence.mean().item(), rel=1e-12)
    assert GaussianPriorLoss()(torch.tensor([3.0, -4.0])).item() == 12.5


def test_gradient_and_precision():
    latent = torch.randn(1, 2, 3, 3, dtype=torch.float64, requires_grad=True)
    assert torch.autograd.gradcheck(gaussian_prior, (latent,))
    assert gaussian_prior(torch.full((1, 1, 300, 300), 300.0).half()).item() == 90000
