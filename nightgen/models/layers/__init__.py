"""What networks are made of: norms, activations, residual blocks, fixed filters."""

from .blocks import ResidualBlock, build_activation, build_norm, no_autocast, pad_to_multiple
from .laplacian_pyramid import LaplacianPyramid

__all__ = ['LaplacianPyramid', 'ResidualBlock', 'build_activation', 'build_norm', 'no_autocast', 'pad_to_multiple']
