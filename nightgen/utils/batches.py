"""Batches of what has one size: the only way in which pictures of a folder can run together."""

from collections.abc import Callable, Hashable, Iterable, Iterator
from typing import TypeVar

Item = TypeVar('Item')


def equal_batches(items: Iterable[Item], size: int, key: Callable[[Item], Hashable] = lambda item: None
                  ) -> Iterator[list[Item]]:
    """Neighbours of one key, at most ``size`` together; the order is kept, and items are taken as they are needed.

    Args:
        items: Anything.
        size: Of a batch; one ends early where the key changes.
        key: What has to be the same in a batch, a picture's shape mostly.
    """
    waiting: list[Item] = []
    for item in items:
        if waiting and key(item) != key(waiting[0]):
            yield waiting
            waiting = []
        waiting.append(item)
        if len(waiting) == size:  # at once: the next item may take long, or fail
            yield waiting
            waiting = []
    if waiting:
        yield waiting
