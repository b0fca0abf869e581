"""Helpers of training that are no network and no loss."""

from .image_pool import ImagePool

__all__ = ['ImagePool']
