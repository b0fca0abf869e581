"""Every translation of a test in a window."""

from collections.abc import Sequence

from mmengine.hooks import Hook
from mmengine.runner import Runner

from nightgen.registry import HOOKS
from nightgen.visualization import COLUMNS, make_grid, sample_row


@HOOKS.register_module()
class ShowTranslationsHook(Hook):
    """Show each test sample's source, translation and truth side by side, on the main process.

    Args:
        wait_time (float): Seconds that a sample stays; 0 until a key is pressed.
        max_cell (int): Largest side of an image in the window, in pixels.
    """

    priority = 'BELOW_NORMAL'

    def __init__(self, wait_time: float = 0, max_cell: int = 512):
        self.wait_time, self.max_cell = wait_time, max_cell

    def after_test_iter(self, runner: Runner, batch_idx: int, data_batch: dict | None = None,
                        outputs: Sequence | None = None) -> None:
        if runner.rank:
            return
        for sample in outputs or ():
            shown = {name: image for name, image in zip(COLUMNS, sample_row(sample), strict=True) if image is not None}
            grid = make_grid([list(shown.values())], list(shown), self.max_cell)
            runner.visualizer.show(grid, win_name=str(sample.metainfo.get('img_path', '')), wait_time=self.wait_time)
