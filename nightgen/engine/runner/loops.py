"""A training loop that resumes where it stopped without loading what it has already seen."""

import copy
import logging
import math
from collections.abc import Iterator
from typing import Any

import torch
from mmengine.dist import get_rank
from mmengine.logging import print_log
from mmengine.runner import BaseLoop, IterBasedTrainLoop, Runner
from mmengine.runner.utils import calc_dynamic_intervals
from torch import nn
from torch.utils.data import DataLoader

from nightgen.registry import LOOPS


class KnowsItsSampler:
    """What loops ask about the dataloader that they build."""

    @staticmethod
    def _with_seed(runner: Runner, dataloader: dict) -> dict:
        """Give the sampler's config the seed that all ranks share."""
        dataloader = copy.deepcopy(dataloader)
        sampler = dataloader.get('sampler')
        if isinstance(sampler, dict) and sampler.get('seed') is None:
            own = get_rank() if runner._randomness_cfg.get('diff_rank_seed', False) else 0
            sampler['seed'] = runner.seed - own
        return dataloader

    def _prepare_data(self, runner: Runner) -> None:
        """Give the dataloader random numbers of its own, and check the delay of a pairing rule.

        A start of data workers draws a number: of training's generator, it would make their count and their persistence
        change the result.

        Raises:
            ValueError: A delay that is smaller than what the workers are asked for ahead of time.
        """
        loader = self.dataloader
        if loader.generator is None:
            loader.generator = torch.Generator().manual_seed(runner.seed)
        delay = getattr(getattr(loader.dataset, 'pairing', None), 'delay', None)
        ahead = loader.num_workers * (loader.prefetch_factor or 0)
        least = (ahead + 1) * self.batch_size * runner.world_size
        if delay is not None and delay < least:
            raise ValueError(
                f'train_dataloader: the pairing rule {type(loader.dataset.pairing).__name__} has delay={delay} draws, '
                f'and {loader.num_workers} workers with prefetch_factor={loader.prefetch_factor}, batches of '
                f'{self.batch_size} and {runner.world_size} process(es) need at least {least}; raise the delay, or use '
                'fewer workers')

    @property
    def batch_size(self) -> int:
        """Samples of one rank in one iteration."""
        return self.dataloader.batch_size or self.dataloader.batch_sampler.batch_size

    @property
    def sampler(self) -> Any:
        """What chooses the samples."""
        if self.dataloader.batch_size is None:
            return self.dataloader.batch_sampler.sampler
        return self.dataloader.sampler

    def _stop_workers(self) -> None:
        """Stop persistent data workers now: left to the garbage collector, each one is waited for five seconds."""
        self.dataloader._iterator = None


@LOOPS.register_module()
class ResumableTrainLoop(KnowsItsSampler, IterBasedTrainLoop):
    """mmengine's iteration loop, with three differences.

    - A resumed run tells the sampler where to go on (``sampler.start_at``) and only then starts the data workers. The
      stock loop loads and discards every batch of the run so far.
    - The run's seed reaches the sampler on every rank, also under ``randomness=dict(diff_rank_seed=True)``, where
      mmengine passes None.
    - Hooks with a method ``after_data_start(runner)`` are called between the start of the workers and the first batch:
      the place to restore random states. The workers' start draws from a generator of the dataloader's own.

    Args:
        runner: The runner.
        dataloader: A dataloader or its config. Its sampler should be a ``ResumableSampler``; another one is advanced by
            loading, with a warning.
        max_iters: Iterations of the run.
        val_begin: First iteration to validate after.
        val_interval: Iterations between validations.
        dynamic_intervals: As in ``IterBasedTrainLoop``.
    """

    def __init__(self, runner: Runner, dataloader: DataLoader | dict, max_iters: int, val_begin: int = 1,
                 val_interval: int = 1000, dynamic_intervals: list[tuple[int, int]] | None = None):
        if isinstance(dataloader, dict):
            dataloader = self._with_seed(runner, dataloader)
        # Not IterBasedTrainLoop's constructor: it starts the data workers, before a checkpoint is loaded.
        BaseLoop.__init__(self, runner, dataloader)
        self._prepare_data(runner)
        if max_iters != int(max_iters) or max_iters < 1:
            raise ValueError(f'ResumableTrainLoop: max_iters must be a whole number of at least 1, got {max_iters}')
        self._max_iters, self._max_epochs = int(max_iters), 1
        self._epoch = self._iter = 0
        self.val_begin, self.val_interval = val_begin, val_interval
        self.stop_training = False  # set by EarlyStoppingHook
        self.dynamic_milestones, self.dynamic_intervals = calc_dynamic_intervals(val_interval, dynamic_intervals)
        if hasattr(self.dataloader.dataset, 'metainfo'):
            runner.visualizer.dataset_meta = self.dataloader.dataset.metainfo
        self._known: tuple[int, int] | None = None

    # Where the data stands

    def draws_at(self, iteration: int) -> int:
        """Samples that all ranks together have drawn when ``iteration`` iterations are done."""
        start_iteration, start_draws = self._known or (0, 0)
        return start_draws + (iteration - start_iteration) * self.batch_size * self.runner.world_size

    def known_draws(self, iteration: int, draws: int) -> None:
        """A checkpoint knows that ``draws`` samples had been drawn at ``iteration``, with whatever batch and ranks."""
        self._known = iteration, draws

    # Training

    def run(self) -> nn.Module:
        """Train until ``max_iters``."""
        self.runner.call_hook('before_train')
        self.runner.call_hook('before_train_epoch')  # the whole run is one epoch, as in mmengine
        batches = self._batches()
        try:
            self.runner.call_hook('after_data_start')
            while self._iter < self._max_iters and not self.stop_training:
                self.runner.model.train()
                self.run_iter(next(batches))
                self._decide_current_val_interval()
                if self._val_due():
                    self.runner.val_loop.run()
        finally:
            batches.close()
            self._stop_workers()
        self.runner.call_hook('after_train_epoch')
        self.runner.call_hook('after_train')
        return self.runner.model

    def _val_due(self) -> bool:
        if self.runner.val_loop is None or self._iter < self.val_begin:
            return False
        return self._iter % self.val_interval == 0 or self._iter == self._max_iters

    def _batches(self) -> Iterator[dict]:
        """Start the data workers at the right place; batches without end."""
        skip = 0
        if self._iter > 0:
            if hasattr(self.sampler, 'start_at'):
                self.sampler.start_at(math.ceil(self.draws_at(self._iter) / self.runner.world_size))
            else:
                skip = self._iter
                print_log(f'{type(self.sampler).__name__} cannot be told where to start: loading and discarding {skip} '
                          "batches to resume. sampler=dict(type='ResumableSampler') avoids that.", 'current',
                          logging.WARNING)
        first = iter(self.dataloader)
        return self._endless(first, skip)

    def _endless(self, batches: Iterator[dict], skip: int) -> Iterator[dict]:
        epoch = 0
        while True:
            empty = True
            for batch in batches:
                empty = False
                if skip:
                    skip -= 1
                else:
                    yield batch
            if empty:
                raise RuntimeError('the training dataloader gives no batch: fewer samples than one, with drop_last?')
            epoch += 1  # only a sampler that ends gets here
            if hasattr(self.sampler, 'set_epoch'):
                self.sampler.set_epoch(epoch)
            batches = iter(self.dataloader)
