"""Losses: one file each, a plain function of tensors and the module that configs name."""

from .accs import ACCSLoss, accs
from .adversarial import AdversarialLoss, adversarial
from .attention_diversity import AttentionDiversityLoss, attention_diversity
from .gaussian_prior import GaussianPriorLoss, gaussian_prior
from .gradient_alignment import StructuredGradientAlignmentLoss, structured_gradient_alignment
from .gradient_penalty import GradientPenaltyLoss, gradient_penalty
from .monochromatic import MonochromaticLoss, monochromatic
from .patch_nce import PatchNCELoss, patch_nce
from .pixel import PixelLoss, pixel
from .ssim import SSIMLoss, ssim
from .temperature import TemperatureLoss, temperature
from .total_variation import TotalVariationLoss, total_variation
from .weighted_cross_entropy import WeightedCrossEntropyLoss

__all__ = ['ACCSLoss', 'AdversarialLoss', 'AttentionDiversityLoss', 'GaussianPriorLoss', 'GradientPenaltyLoss',
           'MonochromaticLoss', 'PatchNCELoss', 'PixelLoss', 'SSIMLoss', 'StructuredGradientAlignmentLoss',
           'TemperatureLoss', 'TotalVariationLoss', 'WeightedCrossEntropyLoss', 'accs', 'adversarial',
           'attention_diversity', 'gaussian_prior', 'gradient_penalty', 'monochromatic', 'patch_nce', 'pixel', 'ssim',
           'structured_gradient_alignment', 'temperature', 'total_variation']
