"""Pictures of a run: the same few validation images each time, source, translation and truth side by side."""

from collections.abc import Sequence

import numpy as np
from mmengine.hooks import Hook
from mmengine.runner import BaseLoop, Runner

from nightgen.registry import HOOKS
from nightgen.utils.images import write_image
from nightgen.visualization import COLUMNS, make_grid, sample_row


@HOOKS.register_module()
class PictureGridHook(Hook):
    """Add a grid of source, translation and truth to the visualizer after each validation and test.

    The pictures are spread evenly over the main process's share of the data set and stay the same through a run. They
    are those that the metrics saw: averaged weights where a ``GeneratorEMAHook`` is on. Each backend of the visualizer
    gets them; the local one writes ``vis_data/vis_image/val_<iteration>.png``.

    Args:
        num_images (int): Rows of the grid.
        columns (Sequence[str]): Fields of the data samples; those that no sample has are left out.
        max_cell (int): Largest side of a picture in the grid, in pixels.
        out_file (str, optional): Also write the grid to this file, over what is there.
    """

    priority = 'BELOW_NORMAL'

    def __init__(self, num_images: int = 6, columns: Sequence[str] = COLUMNS, max_cell: int = 512,
                 out_file: str | None = None):
        if num_images < 1:
            raise ValueError(f'PictureGridHook: num_images must be 1 or more, got {num_images}')
        self.num_images, self.columns, self.max_cell = num_images, tuple(columns), max_cell
        self.out_file = out_file
        self._rows: list[list] = []
        self._wanted: set[int] = set()
        self._seen = 0

    def _before_epoch(self, runner: Runner, mode: str = 'train') -> None:
        if mode == 'train':
            return
        loop = runner.val_loop if mode == 'val' else runner.test_loop
        total = len(loop.dataloader.sampler) if loop.dataloader.batch_size else len(loop.dataloader)
        self._wanted = {int(i) for i in np.linspace(0, max(total - 1, 0), self.num_images).round()}
        self._rows, self._seen = [], 0

    def _after_iter(self, runner: Runner, batch_idx: int, data_batch: dict | None = None,
                    outputs: Sequence | None = None, mode: str = 'train') -> None:
        if mode == 'train' or runner.rank:
            return
        for sample in outputs or ():
            if self._seen in self._wanted:
                self._rows.append([None if p is None else p.cpu() for p in sample_row(sample, self.columns)])
            self._seen += 1

    def _after_epoch(self, runner: Runner, mode: str = 'train') -> None:
        if mode == 'train' or not self._rows:
            return
        kept = [c for c in range(len(self.columns)) if any(row[c] is not None for row in self._rows)]
        if kept:
            rows = [[row[c] for c in kept] for row in self._rows]
            grid = make_grid(rows, [self.columns[c] for c in kept], self.max_cell)
            iteration = runner.iter if isinstance(runner._train_loop, BaseLoop) else 0
            runner.visualizer.add_image(mode, grid, iteration)
            if self.out_file is not None:
                write_image(self.out_file, grid)
        self._rows = []
