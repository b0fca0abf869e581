"""Colour pictures as an mmseg model of one channel takes them: the L of their Lab."""

from __future__ import annotations

from typing import Any

from mmengine.model import BaseDataPreprocessor

from nightgen.functional import luma, rgb_to_luma_chroma
from nightgen.registry import MODELS

SOURCES = ('lab', 'grey')


@MODELS.register_module()
class LumaSegDataPreProcessor(BaseDataPreprocessor):
    """mmseg's ``SegDataPreProcessor``, and then colours become one channel in [0, 1].

    Pictures come as mmseg's and nightgen's pipelines give them, BGR of 0 to 255; a grey picture is its own L. Source:
    specs/semantic_colorization 2, 5.

    Args:
        source: ``'lab'``, L / 100; ``'grey'``, the weighted mean of gamma-encoded RGB, as the released application.
        **kwargs: Of ``SegDataPreProcessor``: ``size``, ``size_divisor``, ``seg_pad_val``, ``test_cfg`` ... Not
            ``mean``, ``std``, ``bgr_to_rgb`` or ``rgb_to_bgr``.

    Raises:
        ValueError: An unknown source, or a setting that would change the colours.
    """

    def __init__(self, source: str = 'lab', **kwargs: Any) -> None:
        super().__init__()
        wrong = sorted({'mean', 'std', 'bgr_to_rgb', 'rgb_to_bgr'} & set(kwargs))
        if source not in SOURCES or wrong:
            raise ValueError(f'LumaSegDataPreProcessor: source is one of {SOURCES}, got {source!r}' if not wrong else
                             f'LumaSegDataPreProcessor makes L of the colours as they are; take out {wrong}')
        self.source = source
        self.pictures = MODELS.build(dict(type='mmseg.SegDataPreProcessor', bgr_to_rgb=True, **kwargs))

    @property
    def test_cfg(self) -> dict | None:
        """How pictures are padded in testing, as mmseg's own says it."""
        return self.pictures.test_cfg

    def forward(self, data: dict, training: bool = False) -> dict:
        """The batch with ``inputs`` N,1,H,W; see mmseg's."""
        data = self.pictures(data, training)
        rgb = data['inputs'] / 127.5 - 1
        grey = rgb_to_luma_chroma(rgb)[0] if self.source == 'lab' else luma(rgb)
        return dict(data, inputs=(grey + 1) / 2)
