"""The named tensors of one training iteration: made on demand, kept once, released when a player has stepped."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from types import MappingProxyType
from typing import Any

from torch import Tensor
from torch.autograd.graph import Node
from torch.utils._pytree import tree_leaves, tree_map


def detach(value: Any) -> Any:
    """The tensors of a nested value without their graph."""
    return tree_map(lambda leaf: leaf.detach() if isinstance(leaf, Tensor) else leaf, value)


def graph_nodes(value: Any) -> list[Node]:
    """The nodes of the autograd graph that the tensors of a nested ``value`` came out of."""
    return [leaf.grad_fn for leaf in tree_leaves(value) if isinstance(leaf, Tensor) and leaf.grad_fn is not None]


def players_behind(value: Any, owners: dict[int, str], known: Mapping[Node, frozenset[str]] = MappingProxyType({})
                   ) -> frozenset[str]:
    """Names of the players whose parameters take part in the autograd graph of ``value``.

    Args:
        value: A tensor or a nested list, tuple or dict of tensors.
        owners: From ``id(parameter)`` to the player that owns it.
        known: Nodes of which the answer is known, so that nobody looks behind them again.
    """
    found, seen = set(), set()
    pending = graph_nodes(value)
    while pending:
        node = pending.pop()
        if node in seen:
            continue
        if node in known:
            found |= known[node]
            continue
        seen.add(node)
        leaf = getattr(node, 'variable', None)  # only the node of a leaf tensor has one
        if leaf is not None and id(leaf) in owners:
            found.add(owners[id(leaf)])
        pending.extend(parent for parent, _ in node.next_functions if parent is not None)
    return frozenset(found)


class Tensors:
    """What a translator's producers and loss terms read in one iteration.

    A tensor is computed the first time it is read. It remembers which players helped to make it, and is handed out with
    its graph only where one of the players in question did. After :meth:`release` only the value stays; whoever needs
    the graph again has the tensor made again.

    Args:
        produce: Makes the tensor of a name from others: ``BaseTranslator.produce``.
        batch: Batch entries by name.
        owners: From ``id(parameter)`` to player.
    """

    def __init__(self, produce: Callable[[str, Tensors], Any], batch: dict[str, Tensor], owners: dict[int, str]):
        self._produce = produce
        self._owners = owners
        self._values: dict[str, Any] = dict(batch)
        self._makers: dict[str, frozenset[str]] = dict.fromkeys(batch, frozenset())
        self._released: set[str] = set()
        self._known: dict[Node, frozenset[str]] = {}
        self._in_progress: list[str] = []
        self.trainable: frozenset[str] = frozenset()
        """The players that require gradients while tensors are made: those of this and of later turns."""

    def __getitem__(self, name: str) -> Any:
        """The tensor as a producer needs it: with the graph of every player that may still train."""
        return self.read(name, self.trainable)

    def __contains__(self, name: str) -> bool:
        return name in self._values

    def read(self, name: str, players: Collection[str]) -> Any:
        """The tensor, with its graph if one of ``players`` helped to make it, else detached.

        Raises:
            KeyError: If nothing produces ``name``.
            RuntimeError: If a tensor needs itself.
        """
        stale = name in self._released and not self._makers[name].isdisjoint(players)
        if name not in self._values or stale:
            self._make(name)
        value = self._values[name]
        return value if not self._makers[name].isdisjoint(players) else detach(value)

    def release(self, players: Collection[str]) -> None:
        """Keep only the value of what ``players`` helped to make; their turn is over."""
        self._known.clear()  # which keeps graphs alive
        for name, makers in self._makers.items():
            if not makers.isdisjoint(players):
                self._values[name] = detach(self._values[name])
                self._released.add(name)

    def _make(self, name: str) -> None:
        if name in self._in_progress:
            raise RuntimeError(f'tensor {name!r} needs itself: {" -> ".join([*self._in_progress, name])}')
        self._in_progress.append(name)
        try:
            value = self._produce(name, self)
        finally:
            self._in_progress.pop()
        self._values[name] = value
        self._makers[name] = players_behind(value, self._owners, self._known)
        self._known.update(dict.fromkeys(graph_nodes(value), self._makers[name]))
        self._released.discard(name)
