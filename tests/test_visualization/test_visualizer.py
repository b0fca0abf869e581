"""The visualizer and mmengine's backends behind it."""

from pathlib import Path

import cv2
import numpy as np
import pytest
import torch
from mmengine.registry import DefaultScope
from mmengine.visualization import BaseVisBackend

from nightgen.registry import VISBACKENDS, VISUALIZERS
from nightgen.structures import TranslationSample


@VISBACKENDS.register_module(force=True)
class MemoryBackend(BaseVisBackend):
    """Keeps what it is given: stands for TensorBoard and its like."""

    images: dict = {}
    scalars: dict = {}

    def _init_env(self) -> None:
        pass

    @property
    def experiment(self) -> 'MemoryBackend':
        return self

    def add_image(self, name, image, step=0, **kwargs) -> None:
        self.images[name, step] = image

    def add_scalars(self, scalar_dict, step=0, file_path=None, **kwargs) -> None:
        self.scalars[step] = scalar_dict


def build(tmp_path: Path, *backends: str):
    DefaultScope.get_instance('visualizer_test', scope_name='nightgen')
    return VISUALIZERS.build(dict(type='TranslationVisualizer', name='test', save_dir=str(tmp_path),
                                  vis_backends=[dict(type=backend) for backend in backends]))


def sample() -> TranslationSample:
    result = TranslationSample()
    for index, name in enumerate(('source', 'fake', 'truth')):
        setattr(result, name, torch.full((3, 6, 8), 10 * (index + 1), dtype=torch.uint8))
    return result


def test_every_backend_gets_the_row(tmp_path: Path):
    visualizer = build(tmp_path, 'LocalVisBackend', 'MemoryBackend')
    visualizer.add_datasample('val/some', data_sample=sample(), step=7)
    image = MemoryBackend.images['val_some', 7]
    for column in range(3):
        assert (image[-10:-4, 4 + 12 * column:12 + 12 * column] == 10 * (column + 1)).all()
    written = cv2.imread(str(tmp_path / 'vis_data/vis_image/val_some_7.png'))[..., ::-1]
    np.testing.assert_array_equal(written, image)


def test_parts_can_be_left_out_or_replaced(tmp_path: Path):
    visualizer = build(tmp_path, 'MemoryBackend')
    visualizer.add_datasample('a', data_sample=sample(), draw_gt=False)
    assert MemoryBackend.images['a', 0].shape[1] == 4 + 2 * 12
    visualizer.add_datasample('b', np.full((6, 8, 3), 77, np.uint8), sample(), draw_pred=False)
    assert (MemoryBackend.images['b', 0][-10:-4, 4:12] == 77).all()


def test_tensorboard_when_it_is_installed(tmp_path: Path):
    pytest.importorskip('tensorboard')
    visualizer = build(tmp_path, 'TensorboardVisBackend')
    visualizer.add_datasample('val', data_sample=sample(), step=3)
    visualizer.add_scalars(dict(loss_pixel=0.5), step=3)
    visualizer.close()
    assert list(tmp_path.glob('vis_data/events.out.tfevents.*'))
