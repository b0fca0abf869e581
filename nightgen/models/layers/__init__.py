"""What networks are made of: norms, activations, residual blocks, fixed filters."""

from .blocks import ResidualBlock, build_activation, build_norm, no_autocast, pad_to_multiple
from .blur_pooling import BlurDownsample, BlurUpsample
from .gradients import central_differences, gradient_magnitude, luma
from .laplacian_pyramid import LaplacianPyramid
from .spectral_norm import SpectralConv2d, conv_class
from .tdga import TDGABlock

__all__ = ['BlurDownsample', 'BlurUpsample', 'LaplacianPyramid', 'ResidualBlock', 'SpectralConv2d', 'TDGABlock',
           'build_activation', 'build_norm', 'central_differences', 'conv_class', 'gradient_magnitude', 'luma',
           'no_autocast', 'pad_to_multiple']
