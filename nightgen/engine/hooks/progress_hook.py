"""A bar for the images of a validation or test."""

import sys
from collections.abc import Sequence

from mmengine.hooks import Hook
from mmengine.runner import Runner

from nightgen.registry import HOOKS
from nightgen.utils.progress import ProgressBar


@HOOKS.register_module()
class ProgressHook(Hook):
    """Show how many batches of a validation or test are done; nothing where the output is no terminal."""

    priority = 'LOWEST'

    def __init__(self) -> None:
        self._bar: ProgressBar | None = None

    def _before_epoch(self, runner: Runner, mode: str = 'train') -> None:
        if mode == 'train' or runner.rank or not sys.stderr.isatty():
            return
        loop = runner.val_loop if mode == 'val' else runner.test_loop
        self._bar = ProgressBar(mode, len(loop.dataloader), transient=True)

    def _after_iter(self, runner: Runner, batch_idx: int, data_batch: dict | None = None,
                    outputs: Sequence | dict | None = None, mode: str = 'train') -> None:
        if self._bar is not None and mode != 'train':
            self._bar.update()

    def _after_epoch(self, runner: Runner, mode: str = 'train') -> None:
        if self._bar is not None:
            self._bar.close()
            self._bar = None
