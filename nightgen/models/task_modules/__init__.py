"""Helpers of training that are no network and no loss."""

from .batch_mean import BatchMean
from .color_jitter import ColorJitter
from .feature_maps import FeatureMaps
from .image_pool import ImagePool
from .map_projection import MapProjection
from .negative_generator import NegativeGenerator
from .patch_sampler import PatchSampler

__all__ = ['BatchMean', 'ColorJitter', 'FeatureMaps', 'ImagePool', 'MapProjection', 'NegativeGenerator', 'PatchSampler']
