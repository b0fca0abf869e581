"""Random numbers that come out the same everywhere: of one training sample, and the choice of a list of files."""

import hashlib
import random
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import numpy as np
import torch


class Pick(int):
    """An index of one domain's dataset, with what its transforms are to do again.

    It is an ordinary integer to every dataset. ``replay`` holds ``crop_box`` (top, left, height, width, in the picture
    that ``RandomCropImages`` sees) and ``flip`` (horizontal, vertical, transposed), either or both, as a sample's meta
    information has them.
    """

    replay: dict

    def __new__(cls, index: int, **replay: tuple) -> 'Pick':
        self = super().__new__(cls, index)
        self.replay = replay
        return self

    def __reduce__(self):
        return _remake_pick, (int(self), self.replay)

    def __repr__(self) -> str:
        return f'Pick({int(self)}, {self.replay})' if self.replay else f'Pick({int(self)})'


def _remake_pick(index: int, replay: dict) -> Pick:
    return Pick(index, **replay)


class Draw(int):
    """A dataset index that knows its place in the training sequence.

    It is an ordinary integer to every dataset. ``draw`` is the global number of the draw (over all processes and
    epochs), ``seed`` the run's seed: together they seed everything random about the sample, so that it comes out the
    same whichever worker or process makes it, and after a resume. ``picks`` has the index in every domain, as a pairing
    rule chose them in the main process; None where there is nothing to pair.
    """

    draw: int
    seed: int
    picks: dict[str, Pick] | None

    def __new__(cls, index: int, draw: int, seed: int, picks: dict[str, Pick] | None = None) -> 'Draw':
        self = super().__new__(cls, index)
        self.draw, self.seed, self.picks = int(draw), int(seed), picks
        return self

    def __reduce__(self):
        return type(self), (int(self), self.draw, self.seed, self.picks)

    def __repr__(self) -> str:
        picks = '' if self.picks is None else f', picks={self.picks}'
        return f'Draw({int(self)}, draw={self.draw}, seed={self.seed}{picks})'

    def words(self) -> np.ndarray:
        """Four 32-bit numbers of which the sample's random generators are seeded."""
        return np.random.SeedSequence((self.seed, self.draw)).generate_state(4)


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
    words = index.words()
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
