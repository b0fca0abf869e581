"""Attention diversity of PearlGAN: every position belongs to one scale, and only to one."""

from __future__ import annotations

from collections.abc import Sequence

from torch import Tensor, nn

from nightgen.registry import LOSSES

from .attention import stack_maps


def attention_diversity(attention: Sequence[Tensor] | Tensor, maps: Sequence[int] | None = None) -> Tensor:
    """``(mean(0.25 (sum of the maps - 1)^2) + 1 - mean(largest of the maps)) / 2`` (specs: morngan 2.13).

    Args:
        attention: Attention maps in [0, 1], N,1,h,w each, or one tensor N,K,h,w.
        maps: Indices of those that count; all by default.

    Returns:
        0-d tensor, at least 0; 0 where exactly one map is 1 everywhere.

    Raises:
        ValueError: Maps of different shapes, or fewer than were chosen.
    """
    stacked = stack_maps(attention, maps, 'attention_diversity')
    once = 0.25 * (stacked.sum(dim=1) - 1).square().mean()
    decided = 1 - stacked.max(dim=1).values.mean()
    return 0.5 * (once + decided)


@LOSSES.register_module()
class AttentionDiversityLoss(nn.Module):
    """:func:`attention_diversity` of the chosen maps.

    Args:
        maps: Which maps count; PearlGAN leaves the coarsest one, 0, out.
    """

    def __init__(self, maps: Sequence[int] | None = (1, 2, 3)):
        super().__init__()
        self.maps = None if maps is None else tuple(maps)

    def forward(self, attention: Sequence[Tensor] | Tensor) -> Tensor:
        return attention_diversity(attention, self.maps)
