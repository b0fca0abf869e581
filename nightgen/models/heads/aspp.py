"""Class scores from features seen at several distances (atrous spatial pyramid pooling, DeepLabV3)."""

from collections.abc import Sequence

import torch
import torch.nn.functional as F
from mmengine.model import BaseModule
from torch import Tensor, nn

from nightgen.models.layers import build_activation, build_norm
from nightgen.registry import HEADS

INIT_CFG = dict(type='Normal', layer='Conv2d', std=0.02)


@HEADS.register_module()
class ASPPHead(BaseModule):
    """Five branches, a 1x1 convolution over all of them, dropout and a 1x1 convolution: 205,593 parameters by default.

    The branches are a 1x1 and three dilated 3x3 convolutions with instance norm and PReLU, and the mean over the image
    through a 1x1 convolution and PReLU (a norm of one value has no meaning). Source: the head of MornGAN's segmentation
    networks (specs: morngan 1.5).

    Args:
        in_channels: Channels of the features.
        num_classes: Channels of the logits.
        base: Width of a branch; that of the last features is four times as much.
        dilations: Of the 3x3 convolutions.
        dropout: Rate before the last convolution.
        init_cfg: mmengine's initialisation config. The default draws weights from N(0, 0.02), biases are 0.

    Shape: N,in_channels,H,W to N,num_classes,H,W.
    """

    def __init__(self, in_channels: int = 64, num_classes: int = 19, base: int = 64,
                 dilations: Sequence[int] = (6, 12, 18), dropout: float = 0.5,
                 init_cfg: dict | list | None = INIT_CFG) -> None:
        super().__init__(init_cfg)
        self.in_channels, self.rate = in_channels, dropout
        self.branches = nn.ModuleList([
            _layer(nn.Conv2d(in_channels, base, 1, bias=False)),
            *(_layer(nn.Conv2d(in_channels, base, 3, padding=step, dilation=step, bias=False)) for step in dilations)])
        self.context = nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Conv2d(in_channels, base, 1, bias=False),
                                     build_activation('prelu'))
        self.fuse = _layer(nn.Conv2d((len(self.branches) + 1) * base, 4 * base, 1, bias=False))
        self.classifier = nn.Conv2d(4 * base, num_classes, 1)

    def project(self, x: Tensor) -> Tensor:
        """The features before the dropout: N,4*base,H,W."""
        context = self.context(x).expand(-1, -1, *x.shape[-2:])  # one value enlarged, whatever the interpolation
        return self.fuse(torch.cat([*(branch(x) for branch in self.branches), context], dim=1))

    def classify(self, features: Tensor, dropout: bool) -> Tensor:
        """Logits of what :meth:`project` gave, with or without dropout."""
        return self.classifier(F.dropout(features, self.rate, training=dropout))

    def forward(self, x: Tensor) -> Tensor:
        return self.classify(self.project(x), dropout=self.training)


def _layer(convolution: nn.Conv2d) -> nn.Sequential:
    return nn.Sequential(convolution, build_norm('instance', convolution.out_channels), build_activation('prelu'))
