"""Frozen models: what judges or labels a translation and is never trained. Only building one imports mmseg or mmdet."""

from nightgen.structures.class_maps import (
           CITYSCAPES_CLASSES,
           UNLABELLED,
           class_map_names,
           load_class_map,
           train_id_lookup,
)

from .building import MissingPackageError
from .detection import DetectionExpert
from .efficientnet import EfficientNetFeatures
from .features import SegmentorFeatures, VGGFeatures
from .folder import FolderDetectionExpert, FolderSegmentationExpert
from .frozen import FrozenModel
from .inception import InceptionFeatures
from .loading import expert_config, load_expert
from .lpips import LPIPSNetwork
from .luma_labels import LumaLabels
from .luma_preprocessor import LumaSegDataPreProcessor
from .segmentation import SegmentationExpert

__all__ = ['CITYSCAPES_CLASSES', 'DetectionExpert', 'EfficientNetFeatures', 'FolderDetectionExpert',
           'FolderSegmentationExpert', 'FrozenModel', 'InceptionFeatures', 'LPIPSNetwork', 'LumaLabels',
           'LumaSegDataPreProcessor', 'MissingPackageError', 'SegmentationExpert', 'SegmentorFeatures', 'UNLABELLED',
           'VGGFeatures', 'class_map_names', 'expert_config', 'load_class_map', 'load_expert', 'train_id_lookup']
