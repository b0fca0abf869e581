"""Translators: each names the tensors of one training graph; the base writes the training step once."""

from .base import BaseTranslator
from .colorization import ColorizationTranslator
from .contrastive import ContrastiveTranslator
from .cycle import CycleTranslator
from .dual_contrastive import DualContrastiveTranslator
from .morngan import MornGANTranslator
from .one_sided import OneSidedTranslator
from .unit import UNITTranslator

__all__ = ['BaseTranslator', 'ColorizationTranslator', 'ContrastiveTranslator', 'CycleTranslator',
           'DualContrastiveTranslator', 'MornGANTranslator', 'OneSidedTranslator', 'UNITTranslator']
