"""Values made plain: what a file that loads without running code may hold."""

from collections import OrderedDict, deque
from collections.abc import Mapping
from pathlib import PurePath
from typing import Any

import numpy as np
import torch
from mmengine.logging import HistoryBuffer

HISTORY_KEY = '__history_buffer__'
_PLAIN = (bool, int, float, str, bytes)


class NotPlainError(ValueError):  # mmengine's Runner replaces a TypeError of a hook by one of its own
    """A value that cannot be written into a checkpoint; the message names its key."""


def to_plain(value: Any, key: str = '') -> Any:
    """Make a nested structure plain: tensors (on the CPU), numbers, strings, and containers of them.

    Subclasses become what they derive from: ``ConfigDict`` and other mappings dict (``OrderedDict`` stays, with the
    version numbers that a state dict carries), named tuples and ``torch.Size`` tuples, deques lists, ``np.float64``
    float, numpy arrays nested lists, paths strings, history buffers a dictionary that :func:`restore_history` undoes.

    Args:
        value: Anything.
        key: Where ``value`` stands, for the error message.

    Raises:
        NotPlainError: For an object of any other type, or a dictionary key that is no string or number.
    """
    if value is None or type(value) in _PLAIN or isinstance(value, torch.dtype | torch.device):
        return value
    if isinstance(value, torch.Tensor):
        return _plain_tensor(value.detach().cpu())
    if isinstance(value, np.generic):
        return to_plain(value.item(), key)
    if isinstance(value, np.ndarray):
        return to_plain(value.tolist(), key)
    if isinstance(value, HistoryBuffer):
        log, count = (torch.tensor(part, dtype=torch.float64) for part in value.data)
        return {HISTORY_KEY: dict(log=log, count=count, max_length=value.max_length)}
    if isinstance(value, Mapping):
        return _plain_mapping(value, key)
    if isinstance(value, tuple):
        return tuple(to_plain(item, f'{key}[{i}]') for i, item in enumerate(value))
    if isinstance(value, list | deque):
        return [to_plain(item, f'{key}[{i}]') for i, item in enumerate(value)]
    if isinstance(value, set | frozenset):
        return {to_plain(item, f'{key}{{}}') for item in value}
    if isinstance(value, PurePath):
        return str(value)
    if isinstance(value, str):  # a subclass, such as an enumeration of strings: its text, not what it prints as
        return str.__str__(value)
    for plain in _PLAIN:
        if isinstance(value, plain):
            return plain(value)
    raise NotPlainError(f'{key or "the value"} is a {type(value).__module__}.{type(value).__qualname__}, which a '
                        'checkpoint that loads without running code cannot hold. Store tensors, numbers, strings, and '
                        'lists, tuples or dictionaries of them.')


def _plain_tensor(value: torch.Tensor) -> torch.Tensor:
    # A file holds a tensor's whole storage: one image of a batch must not bring the batch along.
    if value.layout == torch.strided and value.untyped_storage().nbytes() > value.numel() * value.element_size():
        return value.clone()
    return value


def _plain_mapping(value: Mapping, key: str) -> dict:
    items = {}
    for name, item in value.items():
        name = to_plain(name, f'a key of {key or "the value"}')
        if not isinstance(name, str | int | float | bool | tuple | type(None)):
            raise NotPlainError(f'{key or "the value"} has a key of type {type(name).__name__}')
        items[name] = to_plain(item, f'{key}.{name}' if key else str(name))
    if not isinstance(value, OrderedDict):
        return items
    ordered = OrderedDict(items)
    if hasattr(value, '_metadata'):  # versions of the modules that wrote a state dict
        ordered._metadata = to_plain(dict(value._metadata), f'{key}._metadata')
    return ordered


def restore_history(scalars: Mapping[str, Any]) -> dict[str, Any]:
    """Rebuild the history buffers that :func:`to_plain` took apart; other values stay."""
    restored = {}
    for key, value in scalars.items():
        if isinstance(value, Mapping) and HISTORY_KEY in value:
            stored = value[HISTORY_KEY]
            log, count = stored['log'].tolist(), stored['count'].tolist()
            value = HistoryBuffer(log, count, stored['max_length'])
        restored[key] = value
    return restored
