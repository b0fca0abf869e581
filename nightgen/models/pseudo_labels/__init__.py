"""Labels that nobody drew: their fusion, denoising and distillation; none of it is frozen.

The memory of them is a pairing rule, :class:`nightgen.datasets.samplers.MemoryGuidedPairing`.
"""

from .denoising import DENOISING_RULES, SemanticDenoising, semantic_denoise
from .distillation import (
    BACKGROUND,
    ClassMask,
    CompletedLabel,
    ConfidentLabel,
    DistilledLabel,
    class_mask,
    complete_label,
    confident_label,
    distil_label,
)
from .fusion import FUSION_RULES, fuse_labels

__all__ = ['BACKGROUND', 'DENOISING_RULES', 'FUSION_RULES', 'ClassMask', 'CompletedLabel', 'ConfidentLabel',
           'DistilledLabel', 'SemanticDenoising', 'class_mask', 'complete_label', 'confident_label', 'distil_label',
           'fuse_labels', 'semantic_denoise']
