"""A training loop of epochs that resumes where it stopped, also inside an epoch."""

import copy
import itertools
import logging
from collections.abc import Iterator
from typing import Any

from mmengine.logging import print_log
from mmengine.runner import EpochBasedTrainLoop, Runner
from torch import nn
from torch.utils.data import DataLoader

from nightgen.registry import LOOPS

from .loops import KnowsItsSampler


@LOOPS.register_module()
class ResumableEpochLoop(KnowsItsSampler, EpochBasedTrainLoop):
    """mmengine's epoch loop, for methods whose schedules count epochs, with three differences.

    - A ``ResumableSampler`` is built finite, so that the same dataset config serves this loop and an iteration loop.
    - The run's seed reaches the sampler on every rank, as in ``ResumableTrainLoop``.
    - A run resumed from a checkpoint inside an epoch goes on with the rest of that epoch, exactly, and loads nothing
      that was seen. The stock loop begins the epoch anew. Checkpoints and logs may therefore count iterations.

    Args:
        runner: The runner.
        dataloader: A dataloader or its config; its sampler must end.
        max_epochs: Epochs of the run; one is a pass over the training set's length.
        **kwargs: ``val_begin``, ``val_interval``, ``dynamic_intervals``, in epochs, as in ``EpochBasedTrainLoop``.

    Raises:
        ValueError: A sampler without end, or a dataloader that gives no batch.
    """

    def __init__(self, runner: Runner, dataloader: DataLoader | dict, max_epochs: int, **kwargs: Any):
        if isinstance(dataloader, dict):
            dataloader = self._with_end(self._with_seed(runner, dataloader))
        super().__init__(runner, dataloader, max_epochs, **kwargs)
        self._prepare_data(runner)
        if getattr(self.sampler, 'infinite', False):
            raise ValueError(f'ResumableEpochLoop: {type(self.sampler).__name__} has no end; give it infinite=False')
        if len(self.dataloader) == 0:
            raise ValueError('ResumableEpochLoop: the training dataloader gives no batch: fewer samples than one, with '
                             'drop_last?')
        self._behind = 0  # samples of the current epoch, of all ranks, that a resumed run has behind it
        self._epoch_start = 0  # the iteration at which the current epoch began

    @staticmethod
    def _with_end(dataloader: dict) -> dict:
        dataloader = copy.deepcopy(dataloader)
        sampler = dataloader.get('sampler')
        if isinstance(sampler, dict) and str(sampler.get('type')).split('.')[-1] == 'ResumableSampler':
            sampler.setdefault('infinite', False)
        return dataloader

    # Where the data stands

    def draws_at(self, iteration: int) -> int:
        """Samples that all ranks together have drawn when ``iteration`` iterations are done; whole epochs at borders.

        It is asked for an iteration of the current epoch.
        """
        done, size = iteration - self._epoch_start, len(self.dataloader.dataset)
        inside = size if done >= len(self.dataloader) else done * self.batch_size * self.runner.world_size
        return self._epoch * size + min(inside, size)

    def known_draws(self, iteration: int, draws: int) -> None:
        """A checkpoint knows that ``draws`` samples had been drawn at ``iteration``, with whatever batch and ranks."""
        self._behind = max(draws - self._epoch * len(self.dataloader.dataset), 0)

    # Training

    def run(self) -> nn.Module:
        """Train until ``max_epochs``."""
        try:
            return super().run()
        finally:
            self._stop_workers()

    def run_epoch(self) -> None:
        """Train for one epoch, or for what is left of it."""
        behind, self._behind = self._behind, 0
        over = behind >= len(self.dataloader.dataset)
        done = len(self.dataloader) if over else behind // (self.batch_size * self.runner.world_size)
        self._epoch_start = self._iter - done
        self.runner.call_hook('before_train_epoch')
        self.runner.model.train()
        if not over:
            for index, batch in enumerate(self._batches(done), done):
                self.run_iter(index, batch)
        self.runner.call_hook('after_train_epoch')
        self._epoch += 1
        self._epoch_start = self._iter  # a validation that follows may write a checkpoint

    def _batches(self, done: int) -> Iterator[dict]:
        """Start the data workers; the batches of the epoch after the first ``done``."""
        discard = 0
        if done and hasattr(self.sampler, 'start_at'):
            self.sampler.start_at(self._epoch * len(self.sampler) + done * self.batch_size)
        elif done:
            discard = done
            print_log(f'{type(self.sampler).__name__} cannot be told where to start: loading and discarding {done} '
                      "batches to resume. sampler=dict(type='ResumableSampler') avoids that.", 'current',
                      logging.WARNING)
        batches = itertools.islice(iter(self.dataloader), discard, None)
        self.runner.call_hook('after_data_start')
        return batches
