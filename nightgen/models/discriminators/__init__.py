"""Discriminators: from an image to a list of score maps."""

from .feature import FeatureDiscriminator
from .lptn import LPTNDiscriminator
from .multi_scale_patch import MultiScalePatchDiscriminator
from .patch import PatchDiscriminator
from .three_view import ThreeViewDiscriminator

__all__ = ['FeatureDiscriminator', 'LPTNDiscriminator', 'MultiScalePatchDiscriminator', 'PatchDiscriminator',
           'ThreeViewDiscriminator']
