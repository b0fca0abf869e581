"""Gradient penalty of WGAN-GP (Gulrajani et al., NeurIPS 2017, equation 3)."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor, nn
from torch.utils._pytree import tree_leaves

from nightgen.registry import LOSSES


def gradient_penalty(real: Tensor, fake: Tensor, discriminator: Callable, unit_range: bool = False) -> Tensor:
    """Mean over the batch of (||dD/dx|| - 1)^2 at random points x between ``real`` and ``fake``.

    Args:
        real: N,C,H,W in [-1, 1].
        fake: Same shape; no gradient reaches it.
        discriminator: Network that gives one score map or nested lists of them; all scores of an image are summed.
        unit_range: Measure the gradient with respect to an image in [0, 1] (twice that with respect to [-1, 1]), as a
            paper that trains in [0, 1] does.

    Returns:
        0-d tensor.

    Raises:
        ValueError: If the shapes differ.
    """
    if real.shape != fake.shape:
        raise ValueError(f'gradient_penalty: real {tuple(real.shape)} and fake {tuple(fake.shape)} differ in shape')
    mix = torch.rand(real.shape[0], *[1] * (real.ndim - 1), dtype=real.dtype, device=real.device)
    between = torch.lerp(fake.detach(), real.detach(), mix).requires_grad_(True)
    total = sum(scores.sum() for scores in tree_leaves(discriminator(between)))
    gradient, = torch.autograd.grad(total, between, create_graph=True)
    norm = gradient.flatten(1).norm(dim=1) * (2.0 if unit_range else 1.0)
    return (norm - 1).square().mean()


@LOSSES.register_module()
class GradientPenaltyLoss(nn.Module):
    """:func:`gradient_penalty` as a term; the translator hands it the domain's discriminator.

    In a config: ``dict(type='GradientPenaltyLoss', reads=dict(real='real_*', fake='fake_*'), weight=100.0,
    drives=('discriminator',))``.
    """

    def __init__(self, unit_range: bool = False):
        super().__init__()
        self.unit_range = unit_range

    def forward(self, real: Tensor, fake: Tensor, discriminator: Callable) -> Tensor:
        return gradient_penalty(real, fake, discriminator, self.unit_range)
