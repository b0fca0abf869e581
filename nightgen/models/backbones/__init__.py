"""Networks that carry most of a generator or a segmentor."""

from .n2d_lpnet import N2DLPNet
from .resnet_generator import ResNetGenerator

__all__ = ['N2DLPNet', 'ResNetGenerator']
