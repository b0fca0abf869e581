"""Numerics that layers, losses, transforms and metrics share: Lab, luma and chroma, SSIM, Canny, gradients."""

from .canny import canny_edges, canny_levels, matlab_grey
from .colour_bins import annealed_mean, colour_bins, nearest_bins, rebalancing_weights
from .constants import constant
from .darkness import darkness, mute_dark
from .gradients import central_differences, gradient_magnitude, luma
from .lab import lab_to_rgb, lab_to_rgb_tensor, rgb_to_lab, rgb_to_lab_tensor
from .luma_chroma import AB_SCALE, luma_chroma_to_rgb, luma_to_grey, rgb_to_luma_chroma
from .precision import at_least_single, no_autocast
from .ssim import gaussian_taps, ssim_map

__all__ = ['AB_SCALE', 'annealed_mean', 'at_least_single', 'canny_edges', 'canny_levels', 'central_differences',
           'colour_bins', 'constant', 'darkness', 'gaussian_taps', 'gradient_magnitude', 'lab_to_rgb',
           'lab_to_rgb_tensor', 'luma', 'luma_chroma_to_rgb', 'luma_to_grey', 'matlab_grey', 'mute_dark',
           'nearest_bins', 'no_autocast', 'rebalancing_weights', 'rgb_to_lab', 'rgb_to_lab_tensor',
           'rgb_to_luma_chroma', 'ssim_map']
