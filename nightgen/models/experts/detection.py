"""Frozen detectors: boxes in pictures."""

from __future__ import annotations

from collections.abc import Sequence

from torch import Tensor

from nightgen.registry import MODELS
from nightgen.structures.class_maps import UNLABELLED

from .base import ExpertModel


@MODELS.register_module()
class DetectionExpert(ExpertModel):
    """A trained detector of mmdet that finds boxes in pictures.

    Arguments as in :class:`ExpertModel`; by default pictures are resized as the model's own test pipeline does, and
    ``score_threshold`` drops boxes below it (the model's own ``test_cfg`` has thresholds too; change them with
    ``cfg_options``, e.g. ``{'model.test_cfg.score_thr': 0.001}``).

    Example:
        >>> expert = DetectionExpert('mmdet::rtmdet/rtmdet_m_8xb32-300e_coco.py', 'rtmdet.pth', class_map='coco')
        >>> expert(images)      # N,3,H,W uint8 -> [dict(bboxes, scores, labels)] * N
    """

    def __init__(self, *args, score_threshold: float = 0.0, input_size: str | tuple[int, int] | None = 'config',
                 **kwargs):
        super().__init__(*args, input_size=input_size, **kwargs)
        if self.package != 'mmdet':
            raise TypeError(f'a DetectionExpert is of mmdet; {type(self.network).__name__} is of {self.package}')
        self.score_threshold = score_threshold
        self.card['score_threshold'] = score_threshold

    def default_divisor(self) -> int:
        """Feature pyramids need multiples of their coarsest stride."""
        return 32

    def forward(self, images: Tensor, keys: Sequence[str] | None = None) -> list[dict[str, Tensor]]:
        """Find boxes.

        Args:
            images: N,3,H,W RGB, uint8 or floating point in [-1, 1].
            keys: Of the pictures; only experts that read folders look at them.

        Returns:
            One dictionary per picture, best score first: ``bboxes`` float32 M,4 (left, top, right, bottom, in pixels of
            the picture given), ``scores`` float32 M, ``labels`` int64 M: Cityscapes train ids (or the model's own
            numbers where there is no class map). Boxes of classes that the map leaves unlabelled are dropped.

        Raises:
            TypeError: The model gives no boxes.
        """
        return [self._boxes(sample) for sample in self.predict(images)]

    def _boxes(self, sample: object) -> dict[str, Tensor]:
        if 'pred_instances' not in sample:
            raise TypeError(f'{type(self.network).__name__} gives no boxes; it is a SegmentationExpert')
        found = sample.pred_instances
        scores, labels = found.scores.float(), self.lookup[found.labels.long()]
        kept = (labels != UNLABELLED) & (scores >= self.score_threshold)
        order = scores[kept].argsort(descending=True, stable=True)
        return dict(bboxes=found.bboxes.float()[kept][order], scores=scores[kept][order], labels=labels[kept][order])
