"""A bar for the images of a validation or test."""

import sys
from collections.abc import Sequence

from mmengine.hooks import Hook
from mmengine.runner import Runner
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from nightgen.registry import HOOKS


@HOOKS.register_module()
class ProgressHook(Hook):
    """Show how many batches of a validation or test are done; nothing where the output is no terminal."""

    priority = 'LOWEST'

    def __init__(self) -> None:
        self._bar: Progress | None = None

    def _before_epoch(self, runner: Runner, mode: str = 'train') -> None:
        if mode == 'train' or runner.rank or not sys.stderr.isatty():
            return
        loop = runner.val_loop if mode == 'val' else runner.test_loop
        self._bar = Progress(TextColumn('{task.description}'), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn(),
                             transient=True)
        self._task = self._bar.add_task(mode, total=len(loop.dataloader))
        self._bar.start()

    def _after_iter(self, runner: Runner, batch_idx: int, data_batch: dict | None = None,
                    outputs: Sequence | dict | None = None, mode: str = 'train') -> None:
        if self._bar is not None and mode != 'train':
            self._bar.advance(self._task)

    def _after_epoch(self, runner: Runner, mode: str = 'train') -> None:
        if self._bar is not None:
            self._bar.stop()
            self._bar = None
