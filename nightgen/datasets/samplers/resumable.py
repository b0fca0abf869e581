"""A sampler whose sequence is a pure function of (seed, draw number)."""

import math
from collections.abc import Iterator, Sized

import numpy as np
from mmengine.dist import get_dist_info, sync_random_seed
from torch.utils.data import Sampler

from nightgen.registry import DATA_SAMPLERS
from nightgen.utils.seeding import Draw


@DATA_SAMPLERS.register_module()
class ResumableSampler(Sampler):
    """Yields :class:`~nightgen.utils.seeding.Draw` s: indices that carry their global draw number.

    Draw d belongs to epoch ``d // len(dataset)``, whose permutation depends on (seed, epoch) only. Rank r of w takes
    the draws r, r + w, r + 2w, ...: the processes together see what one process would. No state moves while it
    iterates, so a resume jumps to any place without loading what lies before (:meth:`start_at`), and neither the number
    of workers nor their prefetching matters.

    Args:
        dataset: anything with a length. One with ``pair(draw)``, as ``UnpairedDataset`` has it, is asked for the
            choices of its pairing rule, which every draw brings along.
        shuffle: a new permutation each epoch; False keeps the order.
        seed: the run's seed, the same on all ranks; None takes one that all ranks agree on.
        infinite: True never ends (iteration loops). False gives one epoch per iteration (epoch loops), the epoch set
            by :meth:`set_epoch`.
        round_up: finite only: repeat the epoch's first draws until every rank has the same number.
    """

    def __init__(self, dataset: Sized, shuffle: bool = True, seed: int | None = None, infinite: bool = True,
                 round_up: bool = True):
        self.rank, self.world_size = get_dist_info()
        self.size = len(dataset)
        if self.size < 1:
            raise ValueError('ResumableSampler: the dataset is empty')
        self.shuffle, self.infinite, self.round_up = shuffle, infinite, round_up
        self.seed = int(sync_random_seed() if seed is None else seed)
        self.epoch = 0
        self._start = 0
        self._pair = getattr(dataset, 'pair', None)

    def start_at(self, num_samples: int) -> None:
        """Makes the next iteration begin after this many samples of each rank; costs nothing.

        Finite samplers count over epochs: a whole number of epochs moves ``epoch``, the rest is skipped in it.
        """
        if num_samples < 0:
            raise ValueError(f'start_at takes a number of samples, got {num_samples}')
        if self.infinite:
            self._start = int(num_samples)
        else:
            self.epoch, self._start = divmod(int(num_samples), len(self))

    def set_epoch(self, epoch: int) -> None:
        """Chooses the epoch of a finite sampler; an infinite one counts by itself."""
        if not self.infinite and epoch != self.epoch:
            self.epoch, self._start = int(epoch), 0

    def permutation(self, epoch: int) -> np.ndarray:
        """Order of the dataset in one epoch."""
        if not self.shuffle:
            return np.arange(self.size)
        return np.random.default_rng((self.seed, epoch)).permutation(self.size)

    def __iter__(self) -> Iterator[Draw]:
        start, self._start = self._start, 0
        return self._endless(start) if self.infinite else self._one_epoch(start)

    def _endless(self, start: int) -> Iterator[Draw]:
        draw = self.rank + start * self.world_size
        epoch, order = -1, None
        while True:
            if draw // self.size != epoch:
                epoch = draw // self.size
                order = self.permutation(epoch)
            yield self._drawn(order[draw % self.size], draw)
            draw += self.world_size

    def _one_epoch(self, start: int) -> Iterator[Draw]:
        order, first = self.permutation(self.epoch), self.epoch * self.size
        for number in range(start, len(self)):
            place = (self.rank + number * self.world_size) % self.size
            yield self._drawn(order[place], first + place)

    def _drawn(self, index: int, number: int) -> Draw:
        """The draw, with the choices of the dataset's pairing rule: here, since workers cannot see its state."""
        draw = Draw(index, number, self.seed)
        return draw if self._pair is None else Draw(index, number, self.seed, self._pair(draw))

    def __len__(self) -> int:
        """Samples of this rank in an epoch; of all ranks when infinite, as mmengine's ``InfiniteSampler``."""
        if self.infinite:
            return self.size
        if self.round_up:
            return math.ceil(self.size / self.world_size)
        return math.ceil((self.size - self.rank) / self.world_size)
