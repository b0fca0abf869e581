"""The visualizer of translators: mmengine's, with a data sample drawn as source, fake and truth."""

import numpy as np
from mmengine.dist import master_only
from mmengine.structures import BaseDataElement
from mmengine.visualization import Visualizer

from nightgen.registry import VISUALIZERS

from .grid import make_grid

COLUMNS = ('source', 'fake', 'truth')


def sample_row(sample: BaseDataElement, columns: tuple[str, ...] = COLUMNS) -> list:
    """The pictures of a data sample in the order of ``columns``; None for one that it does not have."""
    return [getattr(sample, name, None) for name in columns]


@VISUALIZERS.register_module()
class TranslationVisualizer(Visualizer):
    """mmengine's visualizer with every backend of mmengine's (files, TensorBoard, Weights & Biases, MLflow ...).

    Config::

        visualizer = dict(type='TranslationVisualizer', vis_backends=[
            dict(type='LocalVisBackend'), dict(type='TensorboardVisBackend')])
    """

    @master_only
    def add_datasample(self, name: str, image: np.ndarray | None = None, data_sample: BaseDataElement | None = None,
                       draw_gt: bool = True, draw_pred: bool = True, show: bool = False, wait_time: float = 0,
                       step: int = 0) -> None:
        """Add a picture of one sample: source, translation and truth beside each other.

        Args:
            name: Of the picture. A slash would be a folder that the local backend does not make; it becomes ``_``.
            image: uint8 H,W,3 RGB in place of the sample's ``source``.
            data_sample: With any of ``source``, ``fake`` and ``truth``.
            draw_gt: Whether to show the truth.
            draw_pred: Whether to show the translation.
            show: Open a window as well.
            wait_time: Seconds that the window stays; 0 until it is closed.
            step: Iteration, for the backends.
        """
        titles = [title for title in COLUMNS if (draw_pred or title != 'fake') and (draw_gt or title != 'truth')]
        row = sample_row(data_sample, tuple(titles)) if data_sample is not None else [None] * len(titles)
        if image is not None:
            row[0] = image
        shown = [(title, picture) for title, picture in zip(titles, row, strict=True) if picture is not None]
        grid = make_grid([[picture for _, picture in shown]], [title for title, _ in shown])
        if show:
            self.show(grid, win_name=name, wait_time=wait_time)
        self.add_image(name.replace('/', '_'), grid, step)
