"""Metrics, one per file."""

from .apce import APCE
from .baseline_table import BaselineTable
from .chroma_error import ChromaError
from .chroma_histogram import ChromaHistogram
from .colourfulness import Colourfulness
from .detection_consistency import DetectionConsistency
from .expert_metric import ExpertMetric
from .feature_distance import FeatureDistance
from .fid import FrechetInceptionDistance
from .kid import KernelInceptionDistance
from .lpips import LPIPS
from .pair_network import PairNetworkMetric
from .per_image import PerImageMetric
from .perceptual_distance import PerceptualDistance
from .psnr import PSNR
from .region_error import RegionError, StaticPixelError
from .segmentation_consistency import SegmentationConsistency
from .ssim import SSIM
from .stretched_output import StretchedOutput

__all__ = ['APCE', 'BaselineTable', 'ChromaError', 'ChromaHistogram', 'Colourfulness', 'DetectionConsistency',
           'ExpertMetric', 'FeatureDistance', 'FrechetInceptionDistance', 'KernelInceptionDistance', 'LPIPS', 'PSNR',
           'PairNetworkMetric', 'PerImageMetric', 'PerceptualDistance', 'RegionError', 'SSIM',
           'SegmentationConsistency', 'StaticPixelError', 'StretchedOutput']
