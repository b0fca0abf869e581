"""Helpers of training that are no network and no loss."""

from .image_pool import ImagePool
from .patch_sampler import PatchSampler

__all__ = ['ImagePool', 'PatchSampler']
