"""Losses: one file each, a plain function of tensors and the module that configs name."""

from .adversarial import AdversarialLoss, adversarial
from .gradient_penalty import GradientPenaltyLoss, gradient_penalty
from .patch_nce import PatchNCELoss, patch_nce
from .pixel import PixelLoss, pixel
from .total_variation import TotalVariationLoss, total_variation
from .weighted_cross_entropy import WeightedCrossEntropyLoss

__all__ = ['AdversarialLoss', 'GradientPenaltyLoss', 'PatchNCELoss', 'PixelLoss', 'TotalVariationLoss',
           'WeightedCrossEntropyLoss', 'adversarial', 'gradient_penalty', 'patch_nce', 'pixel', 'total_variation']
