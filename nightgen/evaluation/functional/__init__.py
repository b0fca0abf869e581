"""The numerics of the metrics, as plain functions."""

from . import baselines, chroma, detection, edges, flicker, frechet, pictures, segmentation, separation, statistics
from .baselines import (
    BASELINES,
    ColourStatistics,
    baseline_outputs,
    equalise_locally,
    match_histogram,
    matching_gamma,
)
from .chroma import (
    chroma_counts,
    chroma_errors,
    class_chroma_errors,
    dark_chroma_spread,
    histogram_intersection,
    log_curve,
    symmetric_divergence,
)
from .detection import (
    RULES,
    at_confidence,
    average_precision,
    box_iou,
    match_boxes,
    precision_recall,
)
from .edges import apce, apce_curve, edge_recall
from .flicker import Change, frame_change
from .frechet import FeatureMoments, frechet_distance, kernel_distance, polynomial_mmd
from .pictures import colourfulness, min_max_stretch, psnr, ssim
from .segmentation import class_iou, confusion_matrix, mean_iou, merge_classes
from .separation import Separation, area_under_roc, at_threshold, best_threshold
from .statistics import STATISTICS, image_statistics, mean_statistics

__all__ = ['BASELINES', 'Change', 'ColourStatistics', 'FeatureMoments', 'RULES', 'STATISTICS', 'Separation', 'apce',
           'apce_curve', 'area_under_roc', 'at_confidence', 'at_threshold', 'average_precision', 'baseline_outputs',
           'baselines', 'best_threshold', 'box_iou', 'chroma', 'chroma_counts', 'chroma_errors', 'class_chroma_errors',
           'class_iou', 'colourfulness', 'confusion_matrix', 'dark_chroma_spread', 'detection', 'edge_recall', 'edges',
           'equalise_locally', 'flicker', 'frame_change', 'frechet', 'frechet_distance', 'histogram_intersection',
           'image_statistics', 'kernel_distance', 'log_curve', 'match_boxes', 'match_histogram', 'matching_gamma',
           'mean_iou', 'mean_statistics', 'merge_classes', 'min_max_stretch', 'pictures', 'polynomial_mmd',
           'precision_recall', 'psnr', 'segmentation', 'separation', 'ssim', 'statistics', 'symmetric_divergence']
