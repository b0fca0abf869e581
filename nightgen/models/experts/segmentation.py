"""Frozen segmentors: label maps of pictures, and the features and logits behind them."""

from __future__ import annotations

from collections.abc import Sequence

import torch
import torch.nn.functional as F
from torch import Tensor

from nightgen.registry import MODELS

from .base import ExpertModel

INSTANCE_OFFSET = 1000
"""mmdet's panoptic maps hold class + instance * 1000."""


@MODELS.register_module()
class SegmentationExpert(ExpertModel):
    """A trained segmentor of mmseg, or a panoptic model of mmdet, that labels pictures.

    Arguments as in :class:`ExpertModel`. By default pictures are taken at their own size, as the papers do.

    Example:
        >>> expert = SegmentationExpert('mmseg::ocrnet/ocrnet_hr48_4xb2-160k_cityscapes-512x1024.py', 'ocrnet.pth',
        ...                             class_map='cityscapes')
        >>> expert(images)      # N,3,H,W uint8 -> N,H,W int64
    """

    def forward(self, images: Tensor, keys: Sequence[str] | None = None) -> Tensor:
        """Label pictures.

        Args:
            images: N,3,H,W RGB, uint8 or floating point in [-1, 1].
            keys: Of the pictures; only experts that read folders look at them.

        Returns:
            N,H,W int64: Cityscapes train ids (or the model's own numbers where there is no class map), 255 unlabelled.

        Raises:
            TypeError: The model gives no label map (a detector).
        """
        labels = [self._label_map(sample) for sample in self.predict(images)]
        if not labels:
            return torch.empty((0, *images.shape[-2:]), dtype=torch.int64, device=self.lookup.device)
        return torch.stack(labels)

    def logits(self, images: Tensor) -> Tensor:
        """Class scores at the size of the pictures, with gradient to them: N,C,H,W, the model's own classes.

        Raises:
            TypeError: A panoptic model, which has none.
        """
        if self.package != 'mmseg':
            raise TypeError(f'{type(self.network).__name__} of mmdet gives label maps, no class scores')
        data = self._preprocess(images)
        meta = [sample.metainfo for sample in data['data_samples']]
        left, right, top, bottom = meta[0]['img_padding_size']
        scores = self.network.inference(data['inputs'], meta)
        scores = scores[..., top:scores.shape[-2] - bottom, left:scores.shape[-1] - right]
        return F.interpolate(scores, images.shape[-2:], mode='bilinear', align_corners=self.network.align_corners)

    def features(self, images: Tensor) -> tuple[Tensor, ...]:
        """The backbone's (and neck's) feature maps, finest first as the model orders them, with gradient."""
        return tuple(self.network.extract_feat(self.normalised(images)))

    def _label_map(self, sample: object) -> Tensor:
        if 'pred_sem_seg' in sample:
            label = sample.pred_sem_seg.data[0].long()
        elif 'pred_panoptic_seg' in sample:
            label = sample.pred_panoptic_seg.sem_seg
            label = torch.as_tensor(label, device=self.lookup.device).reshape(label.shape[-2:]).long() % INSTANCE_OFFSET
        else:
            raise TypeError(f'{type(self.network).__name__} gives no label maps; it is a DetectionExpert')
        return self.lookup[label.clamp(0, len(self.lookup) - 1)]
