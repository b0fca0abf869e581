"""Pulls a Gaussian latent towards the standard normal distribution (UNIT, Liu et al., NeurIPS 2017)."""

from torch import Tensor, nn

from nightgen.functional import at_least_single
from nightgen.registry import LOSSES


def gaussian_prior(latent: Tensor) -> Tensor:
    """Mean square of the latent's mean.

    The divergence of N(mu, I) from N(0, I) is ``sum(mu^2) / 2``; this is twice that over the number of elements, as
    UNIT's code has it.

    Args:
        latent: Means of unit-variance Gaussians, any shape.

    Returns:
        0-d tensor, float32 or wider.
    """
    return at_least_single(latent).square().mean()


@LOSSES.register_module()
class GaussianPriorLoss(nn.Module):
    """:func:`gaussian_prior` as a module."""

    def forward(self, latent: Tensor) -> Tensor:
        return gaussian_prior(latent)
