"""Discriminators: from an image to a list of score maps."""

from .lptn import LPTNDiscriminator
from .multi_scale_patch import MultiScalePatchDiscriminator
from .patch import PatchDiscriminator

__all__ = ['LPTNDiscriminator', 'MultiScalePatchDiscriminator', 'PatchDiscriminator']
