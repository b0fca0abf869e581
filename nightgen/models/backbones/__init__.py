"""Networks that carry most of a generator or a segmentor."""

from .content_generator import ContentDecoder, ContentEncoder
from .dilated_colorizer import ColorBinsNet, DilatedUNet
from .grid_net import GridNet
from .invariant_generator import InvariantGenerator
from .n2d_lpnet import N2DLPNet
from .resnet_generator import ResNetGenerator
from .segmentor import CoordinateResNet, Segmentor
from .split_generator import ResNetDecoder, ResNetEncoder, SplitGenerator
from .two_stream_unet import TwoStreamUNet
from .unet import UNet

__all__ = ['ColorBinsNet', 'ContentDecoder', 'ContentEncoder', 'CoordinateResNet', 'DilatedUNet', 'GridNet',
           'InvariantGenerator', 'N2DLPNet',
           'ResNetDecoder', 'ResNetEncoder', 'ResNetGenerator', 'Segmentor', 'SplitGenerator', 'TwoStreamUNet', 'UNet']
