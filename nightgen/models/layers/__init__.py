"""What networks are made of: norms, activations, residual blocks, fixed filters."""

from .blocks import ResidualBlock, build_activation, build_norm, pad_to_multiple
from .blur_pooling import BlurDownsample, BlurUpsample
from .colour_invariants import ColorInvariant, LearnableColorInvariant
from .laplacian_pyramid import LaplacianPyramid
from .nearest_conv import NearestConv2d, SpectralNearestConv2d
from .norms import InstanceBatchNorm2d, SampleNorm2d
from .similarity import background_mask, elementwise_similarity, foreground_score, layer_thresholds
from .spectral_norm import SpectralConv2d, SpectralConvTranspose2d, conv_class
from .tdga import TDGABlock

__all__ = ['BlurDownsample', 'BlurUpsample', 'ColorInvariant', 'InstanceBatchNorm2d', 'LaplacianPyramid',
           'LearnableColorInvariant', 'NearestConv2d', 'ResidualBlock', 'SampleNorm2d', 'SpectralConv2d',
           'SpectralConvTranspose2d', 'SpectralNearestConv2d', 'TDGABlock', 'background_mask', 'build_activation',
           'build_norm', 'conv_class', 'elementwise_similarity', 'foreground_score', 'layer_thresholds',
           'pad_to_multiple']
