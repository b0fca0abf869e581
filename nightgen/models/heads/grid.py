"""The last block of GridNet, also as a head of an mmseg model."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import torch
import torch.nn.functional as F
from mmengine.model import BaseModule
from torch import Tensor, nn

from nightgen.registry import HEADS, LOSSES


@HEADS.register_module()
class GridHead(BaseModule):
    """conv 3x3, BN, ReLU, conv 3x3, BN, without biases; 41,280 parameters from 16 channels to 60 classes.

    It has what mmseg's ``EncoderDecoder`` asks of a ``decode_head``, without being built on mmseg. Scores have the size
    of the features, which for GridNet is the picture's. Source: specs/semantic_colorization 2.

    Args:
        in_channels: Channels of the features.
        num_classes: Number of classes.
        loss_decode: Config of a loss with mmseg's interface; cross-entropy over labelled pixels by default.
        ignore_index: Label that does not count.
        init_cfg: mmengine's initialisation config; None keeps torch's default.

    Shape: N,in_channels,H,W, or a list of feature maps of which the last is taken, to N,num_classes,H,W.
    """

    align_corners = False

    def __init__(self, in_channels: int = 16, num_classes: int = 60, loss_decode: Mapping | None = None,
                 ignore_index: int = 255, init_cfg: dict | list | None = None) -> None:
        super().__init__(init_cfg)
        self.in_channels, self.num_classes, self.out_channels = in_channels, num_classes, num_classes
        self.ignore_index = ignore_index
        self.layers = nn.Sequential(
            nn.Conv2d(in_channels, num_classes, 3, padding=1, bias=False), nn.BatchNorm2d(num_classes), nn.ReLU(),
            nn.Conv2d(num_classes, num_classes, 3, padding=1, bias=False), nn.BatchNorm2d(num_classes))
        self.loss_decode = LOSSES.build(dict(loss_decode or dict(type='nightgen.WeightedCrossEntropyLoss')))

    def forward(self, x: Tensor | Sequence[Tensor]) -> Tensor:
        return self.layers(x if isinstance(x, Tensor) else x[-1])

    def loss(self, inputs: Sequence[Tensor], batch_data_samples: Sequence[Any], train_cfg: Any = None
             ) -> dict[str, Tensor]:
        """The loss, and ``acc_seg``, the percentage of labelled pixels that are right.

        Args:
            inputs: Feature maps.
            batch_data_samples: mmseg's samples with ``gt_sem_seg``.
            train_cfg: Not used.
        """
        logits = self(inputs)
        label = torch.stack([sample.gt_sem_seg.data for sample in batch_data_samples]).squeeze(1).long()
        counted = label != self.ignore_index
        right = (logits.detach().argmax(dim=1) == label) & counted
        return {self.loss_decode.loss_name: self.loss_decode(logits, label, ignore_index=self.ignore_index),
                'acc_seg': 100 * right.sum() / counted.sum().clamp(min=1)}

    def predict(self, inputs: Sequence[Tensor], batch_img_metas: Sequence[Mapping], test_cfg: Any = None) -> Tensor:
        """Class scores at the size that the network saw.

        Args:
            inputs: Feature maps.
            batch_img_metas: Of the pictures: ``pad_shape`` or ``img_shape`` says the size.
            test_cfg: Not used.
        """
        meta = batch_img_metas[0]
        size = tuple(meta['pad_shape'] if 'pad_shape' in meta else meta['img_shape'])[:2]
        logits = self(inputs)
        return logits if logits.shape[-2:] == size else F.interpolate(
            logits, size, mode='bilinear', align_corners=self.align_corners)
