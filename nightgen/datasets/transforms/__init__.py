"""Loading, geometry and packing of samples."""

from .beside import LoadBeside
from .colour import RGBToLab
from .degrade import RandomBlur, RandomNoise
from .edges import CannyEdges
from .geometry import RandomCropImages, RandomFlipTranspose, ResizeImages
from .loading import LoadImage
from .packing import PackTranslationInputs

__all__ = ['CannyEdges', 'LoadBeside', 'LoadImage', 'PackTranslationInputs', 'RGBToLab', 'RandomBlur',
           'RandomCropImages', 'RandomFlipTranspose', 'RandomNoise', 'ResizeImages']
