"""Random numbers that come out the same everywhere: of one training sample, and the choice of a list of files."""

import hashlib
import random
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import numpy as np
import torch


class Draw(int):
    """A dataset index that knows its place in the training sequence.

    It is an ordinary integer to every dataset. ``draw`` is the global number of the draw (over all processes and
    epochs), ``seed`` the run's seed: together they seed everything random about the sample, so that it comes out the
    same whichever worker or process makes it, and after a resume.
    """

    draw: int
    seed: int

    def __new__(cls, index: int, draw: int, seed: int) -> 'Draw':
        self = super().__new__(cls, index)
        self.draw, self.seed = int(draw), int(seed)
        return self

    def __reduce__(self):
        return type(self), (int(self), self.draw, self.seed)

    def __repr__(self) -> str:
        return f'Draw({int(self)}, draw={self.draw}, seed={self.seed})'


@contextmanager
def seeded_sample(index: int) -> Iterator[None]:
    """Seeds ``random``, ``numpy.random`` and ``torch`` (CPU) for one sample and restores the caller's states after.

    Without a restore the main process (``num_workers=0``) would repeat its own random numbers; with it, loading in the
    main process or in workers leaves training untouched.

    Args:
        index: a :class:`Draw`. A plain index passes through: nothing is seeded.
    """
    if not isinstance(index, Draw):
        yield
        return
    states = random.getstate(), np.random.get_state(), torch.get_rng_state()
    words = np.random.SeedSequence((index.seed, index.draw)).generate_state(4)
    try:
        random.seed(int(words[0]) << 32 | int(words[1]))
        np.random.seed(words)
        torch.default_generator.manual_seed(int(words[2]) << 32 | int(words[3]))  # CPU only: no CUDA call in a worker
        yield
    finally:
        random.setstate(states[0])
        np.random.set_state(states[1])
        torch.set_rng_state(states[2])


def seeded_choice(names: Sequence[str], number: int, seed: int) -> list[str]:
    """``number`` of the names, by the SHA-256 of the seed and the name, sorted.

    The same names and seed give the same choice on every machine and Python version, in whatever order they come.

    Raises:
        ValueError: There are not so many.
    """
    if len(names) < number:
        raise ValueError(f'{number} images wanted, only {len(names)} there')
    return sorted(sorted(names, key=lambda name: hashlib.sha256(f'{seed}:{name}'.encode()).hexdigest())[:number])
