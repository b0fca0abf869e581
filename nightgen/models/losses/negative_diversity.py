"""Generated negatives of one image differ from each other (NEGCUT, Wang et al., ICCV 2021)."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from nightgen.functional import at_least_single
from nightgen.registry import LOSSES


def negative_diversity(negative: Tensor | Sequence[Tensor]) -> Tensor:
    """Minus the mean absolute difference between the first and the second half of the negatives, mean over layers.

    Args:
        negative: N,P,C with an even P, or a list of them (layers).

    Returns:
        0-d tensor, 0 or less.

    Raises:
        ValueError: No layer, or an odd number of negatives.
    """
    layers = [negative] if isinstance(negative, Tensor) else list(negative)
    if not layers or any(part.ndim != 3 or part.shape[1] % 2 for part in layers):
        raise ValueError('negative_diversity: negatives N,P,C with an even P are needed, got '
                         f'{[tuple(part.shape) for part in layers]}')
    halves = (at_least_single(part).chunk(2, dim=1) for part in layers)
    return -torch.stack([(first - second).abs().mean() for first, second in halves]).mean()


@LOSSES.register_module()
class NegativeDiversityLoss(nn.Module):
    """:func:`negative_diversity` as a module."""

    def forward(self, negative: Tensor | Sequence[Tensor]) -> Tensor:
        return negative_diversity(negative)
