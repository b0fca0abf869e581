"""The states of the random generators that training draws from, as plain values."""

import random
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
import torch


def capture_rng() -> dict:
    """States of ``random``, ``numpy.random``, torch on the CPU and on the current GPU; plain types only."""
    name, words, position, has_gauss, gauss = np.random.get_state()
    version, python_words, spare = random.getstate()
    state = dict(
        python=(version, torch.tensor(python_words), spare),
        numpy=(name, torch.from_numpy(words.astype(np.int64)), int(position), int(has_gauss), float(gauss)),
        torch=torch.get_rng_state())
    if torch.cuda.is_available():
        state['cuda'] = torch.cuda.get_rng_state()
    return state


def restore_rng(state: dict) -> None:
    """Set the generators to what :func:`capture_rng` returned. A GPU state is left out where there is no GPU."""
    version, words, gauss_next = state['python']
    random.setstate((version, tuple(words.tolist()), gauss_next))
    name, words, position, has_gauss, gauss = state['numpy']
    np.random.set_state((name, words.cpu().numpy().astype(np.uint32), position, has_gauss, gauss))
    torch.set_rng_state(state['torch'].cpu())
    if 'cuda' in state and torch.cuda.is_available():
        torch.cuda.set_rng_state(state['cuda'].cpu())


@contextmanager
def preserved_rng() -> Iterator[dict]:
    """Put every generator back afterwards to where it stands now; yields that state."""
    state = capture_rng()
    try:
        yield state
    finally:
        restore_rng(state)
