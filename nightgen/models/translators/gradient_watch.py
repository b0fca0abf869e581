"""Which loss term's gradient is not finite: noted on the device while the backward pass runs."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor
from torch.utils._pytree import tree_map


class GradientWatch:
    """Hands each loss term its own alias of what it reads, and notes whether the gradient that comes back is finite.

    Several terms read one tensor, and their gradients are one sum from there on: only at the alias is it known whose it
    is. A note is one sum a tensor, without a synchronisation.

    Attributes:
        sums (dict[str, Tensor]): From a term's log key to the sum of all its gradients since :meth:`clear`, 0-d: NaN or
            infinite if any element was. A term that reads nothing with a graph has no entry.
    """

    def __init__(self) -> None:
        self.sums: dict[str, Tensor] = {}

    def clear(self) -> None:
        """Forget the notes; a new update begins."""
        self.sums = {}

    def alias(self, key: str, value: Any) -> Any:
        """``value`` (a tensor or a nested list, tuple or dict of them) for the term ``key``, watched."""
        return tree_map(lambda leaf: self._watched(key, leaf), value)

    def _watched(self, key: str, leaf: Any) -> Any:
        if not isinstance(leaf, Tensor) or not leaf.requires_grad:
            return leaf
        alias = leaf.view_as(leaf)
        alias.register_hook(lambda gradient: self._note(key, gradient))
        return alias

    def _note(self, key: str, gradient: Tensor) -> None:
        # in fp32 at least: a sum of many fp16 numbers overflows
        total = gradient.sum(dtype=torch.promote_types(gradient.dtype, torch.float32))
        self.sums[key] = self.sums[key] + total if key in self.sums else total
