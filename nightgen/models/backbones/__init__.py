"""Networks that carry most of a generator or a segmentor."""

from .n2d_lpnet import N2DLPNet
from .resnet_generator import ResNetGenerator
from .split_generator import ResNetDecoder, ResNetEncoder, SplitGenerator
from .unet import UNet

__all__ = ['N2DLPNet', 'ResNetDecoder', 'ResNetEncoder', 'ResNetGenerator', 'SplitGenerator', 'UNet']
