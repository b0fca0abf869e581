"""Weight files of feature networks: found, checked and loaded whole, or an error."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from torch import nn

from nightgen.checkpoint import CheckpointMismatchError, load_checkpoint

from .building import load_all_weights, sha256_of

RANDOM = 'random'
"""In place of a weight file: leave a network as it was initialised. For tests and dry runs; never chosen silently."""


def load_weight_file(network: nn.Module, weights: str | Path | None, sha256: str | None = None,
                     drop: Sequence[str] = (), what: str = '') -> str:
    """Load a feature network's weights.

    Args:
        network: As built.
        weights: The file, or ``'random'``.
        sha256: What the file's SHA-256 must be, or start with (at least 8 digits); None for no check.
        drop: Beginnings of keys that the network does not have on purpose (a classifier).
        what: The network's name, and where its weights come from; for messages.

    Returns:
        The file's SHA-256 in hexadecimal digits, or ``'random'``.

    Raises:
        ValueError: No file named; it is not replaced by another network, or by random weights.
        FileNotFoundError: It is not there.
        CheckpointMismatchError: Another file than the hash says, or weights of another network.
    """
    if weights is None:
        raise ValueError(f'{what} needs its weight file: weights=<path>. Nothing is used in its place')
    if str(weights) == RANDOM:
        return RANDOM
    path = Path(weights).expanduser()
    if not path.is_file():
        raise FileNotFoundError(f'the weight file {path} of {what} does not exist')
    digest = sha256_of(path)
    if sha256 is not None and (len(sha256) < 8 or not digest.startswith(sha256.lower())):
        raise CheckpointMismatchError(f'{path} is not the weight file of {what}: its SHA-256 is {digest}, {sha256} is '
                                      'expected (at least 8 digits). Fetch it again, or give the hash of the file that '
                                      'you mean to use')
    state = load_checkpoint(path)
    state = {key: value for key, value in state.get('state_dict', state).items() if not key.startswith(tuple(drop))}
    load_all_weights(network, state, str(path), ignore=(r'num_batches_tracked$',))
    return digest
