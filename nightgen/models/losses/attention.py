"""What losses on attention maps share: the maps of several scales as one tensor."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from nightgen.functional import at_least_single


def stack_maps(attention: Sequence[Tensor] | Tensor, chosen: Sequence[int] | None, who: str) -> Tensor:
    """The chosen maps as channels.

    Args:
        attention: Maps N,1,h,w, coarse to fine, or one tensor N,K,h,w of them.
        chosen: Which of them; None for all.
        who: Asks, for the message.

    Returns:
        N,K,h,w.

    Raises:
        ValueError: Maps of different shapes, or fewer than were chosen.
    """
    if not isinstance(attention, Tensor):
        if len({tuple(one.shape) for one in attention}) != 1 or attention[0].ndim != 4 or attention[0].shape[1] != 1:
            raise ValueError(f'{who}: attention must be maps N,1,h,w of one size, got '
                             f'{[tuple(one.shape) for one in attention]}')
        attention = torch.cat(tuple(attention), dim=1)
    if attention.ndim != 4:
        raise ValueError(f'{who}: attention must be N,K,h,w, got {tuple(attention.shape)}')
    if chosen is not None:
        beyond = [index for index in chosen if not 0 <= index < attention.shape[1]]
        if beyond or not chosen:
            raise ValueError(f'{who}: there are {attention.shape[1]} attention maps (0 the coarsest), and maps='
                             f'{tuple(chosen)} are wanted')
        attention = torch.stack([attention[:, index] for index in chosen], dim=1)
    return at_least_single(attention)
