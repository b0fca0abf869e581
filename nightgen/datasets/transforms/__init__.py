"""Loading, geometry and packing of samples."""

from .geometry import RandomCropImages, RandomFlipTranspose, ResizeImages
from .loading import LoadImage
from .packing import PackTranslationInputs

__all__ = ['LoadImage', 'PackTranslationInputs', 'RandomCropImages', 'RandomFlipTranspose', 'ResizeImages']
