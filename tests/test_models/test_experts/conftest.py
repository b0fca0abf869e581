"""Tiny trained models, made once."""

import pytest

CLASSES = ('person', 'bicycle', 'car')


@pytest.fixture(scope='session')
def tiny(tmp_path_factory):
    """``dict(segmentor=(config, checkpoint), detector=...)``; skips where mmseg or mmdet cannot be used."""
    pytest.importorskip('mmcv._ext', reason='mmcv has no compiled operators')
    pytest.importorskip('mmseg', reason='mmseg is not installed')
    pytest.importorskip('mmdet', reason='mmdet is not installed')
    from nightgen.models.experts import CITYSCAPES_CLASSES
    from nightgen.testing.experts import save_tiny_weights, tiny_detector, tiny_segmentor
    folder = tmp_path_factory.mktemp('experts')
    segmentor, detector = tiny_segmentor(), tiny_detector()
    return dict(segmentor=(segmentor, save_tiny_weights(segmentor, folder / 'seg.pth', CITYSCAPES_CLASSES)),
                detector=(detector, save_tiny_weights(detector, folder / 'det.pth', CLASSES)))
