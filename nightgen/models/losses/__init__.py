"""Losses: one file each, a plain function of tensors and the module that configs name."""

from nightgen.models.layers.similarity import elementwise_similarity

from .accs import ACCSLoss, accs
from .adversarial import AdversarialLoss, adversarial
from .attention_diversity import AttentionDiversityLoss, attention_diversity
from .background_regression import BackgroundRegressionLoss, background_regression
from .balanced_cross_entropy import BalancedCrossEntropyLoss, balanced_cross_entropy
from .collaborative_attention import AdaptiveCollaborativeAttentionLoss, adaptive_collaborative_attention
from .color_bins import ColorBinsLoss, color_bins
from .darkness import DarkChromaLoss, dark_chroma
from .foreground_contrast import ForegroundContrastLoss, foreground_contrast
from .gaussian_prior import GaussianPriorLoss, gaussian_prior
from .gradient_alignment import StructuredGradientAlignmentLoss, structured_gradient_alignment
from .gradient_penalty import GradientPenaltyLoss, gradient_penalty
from .gradient_repair import ConditionalGradientRepairLoss, conditional_gradient_repair
from .monochromatic import MonochromaticLoss, monochromatic
from .negative_diversity import NegativeDiversityLoss, negative_diversity
from .patch_nce import PatchNCELoss, patch_nce
from .perceptual import PerceptualLoss, perceptual
from .pixel import PixelLoss, pixel
from .scale_robustness import ScaleRobustnessLoss, scale_robustness
from .semantic_boundary import SemanticBoundaryLoss, semantic_boundary
from .spatially_correlative import SpatiallyCorrelativeLoss, spatially_correlative
from .ssim import SSIMLoss, ssim
from .temperature import TemperatureLoss, temperature
from .tone_distribution import ToneDistributionLoss, tone_distribution
from .total_variation import TotalVariationLoss, total_variation
from .weighted_cross_entropy import WeightedCrossEntropyLoss

__all__ = ['ACCSLoss', 'AdaptiveCollaborativeAttentionLoss', 'AdversarialLoss', 'AttentionDiversityLoss',
           'BackgroundRegressionLoss', 'BalancedCrossEntropyLoss', 'ColorBinsLoss', 'ConditionalGradientRepairLoss',
           'DarkChromaLoss', 'ForegroundContrastLoss', 'GaussianPriorLoss', 'GradientPenaltyLoss', 'MonochromaticLoss',
           'NegativeDiversityLoss', 'PatchNCELoss', 'PerceptualLoss', 'PixelLoss', 'SSIMLoss', 'ScaleRobustnessLoss',
           'SemanticBoundaryLoss', 'SpatiallyCorrelativeLoss', 'StructuredGradientAlignmentLoss', 'TemperatureLoss',
           'ToneDistributionLoss', 'TotalVariationLoss', 'WeightedCrossEntropyLoss', 'accs',
           'adaptive_collaborative_attention', 'adversarial', 'attention_diversity', 'background_regression',
           'balanced_cross_entropy', 'color_bins', 'conditional_gradient_repair', 'dark_chroma',
           'elementwise_similarity', 'foreground_contrast', 'gaussian_prior', 'gradient_penalty', 'monochromatic',
           'negative_diversity', 'patch_nce', 'perceptual', 'pixel', 'scale_robustness', 'semantic_boundary',
           'spatially_correlative', 'ssim', 'structured_gradient_alignment', 'temperature', 'tone_distribution',
           'total_variation']
