"""Translators: each names the tensors of one training graph; the base writes the training step once."""

from .base import BaseTranslator
from .binned_colorization import BinnedColorizationTranslator
from .colorization import ColorizationTranslator
from .contrastive import ContrastiveTranslator
from .cycle import CycleTranslator
from .dual_contrastive import DualContrastiveTranslator
from .geometry_consistent import GeometryConsistentTranslator
from .morngan import MornGANTranslator
from .one_sided import OneSidedTranslator
from .semantic_colorization import SemanticColorizationTranslator
from .unit import UNITTranslator

__all__ = ['BaseTranslator', 'BinnedColorizationTranslator', 'ColorizationTranslator', 'ContrastiveTranslator',
           'CycleTranslator', 'DualContrastiveTranslator', 'GeometryConsistentTranslator', 'MornGANTranslator',
           'OneSidedTranslator', 'SemanticColorizationTranslator', 'UNITTranslator']
