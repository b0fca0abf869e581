"""Translators: each names the tensors of one training graph; the base writes the training step once."""

from .base import BaseTranslator
from .contrastive import ContrastiveTranslator
from .cycle import CycleTranslator
from .one_sided import OneSidedTranslator
from .unit import UNITTranslator

__all__ = ['BaseTranslator', 'ContrastiveTranslator', 'CycleTranslator', 'OneSidedTranslator',
           'UNITTranslator']
