"""What a picture looks like in numbers: how dark, bright, coloured, grainy and sharp it is."""

import cv2
import numpy as np

from .pictures import colourfulness

DARK = 40  # grey of a neighbourhood below which it counts as dark
DARK_LEAST = 500  # pixels: with fewer dark ones, grain and structure in the dark are not told
_GRAIN_MASK = np.array([[1, -2, 1], [-2, 4, -2], [1, -2, 1]], np.float64)


def image_statistics(image: np.ndarray) -> dict[str, float]:
    """Statistics of one image; of images of different sizes they can be compared only after a resize to one width.

    Grey is 0.299 R + 0.587 G + 0.114 B. Shares are in percent of all pixels. A pixel is dark where grey smoothed by a
    Gaussian of deviation 4 is below :data:`DARK`.

    Args:
        image: uint8 H,W,3 RGB or H,W grey, at least 16x16.

    Returns:
        ======================  =====================================================================================
        ``mean``                mean grey
        ``p5`` ... ``p99.5``    percentiles of grey: 5, 50, 95 and 99.5
        ``range``               grey levels between the 5th and the 95th percentile
        ``below 20``            share of grey below 20
        ``above 240``           share of grey above 240
        ``clipped``             share of pixels with a channel at 255
        ``saturation``          mean of (max - min) / max of the channels, times 255; 0 for black pixels
        ``colourfulness``       of Hasler and Suesstrunk 2003
        ``laplacian``           standard deviation of the 4-neighbour Laplacian of grey
        ``dark``                share of dark pixels
        ``dark grain``          deviation of white noise in the dark by Immerkaer 1996: sqrt(pi / 2) / 6 times the mean
                                magnitude of his mask's answer
        ``dark structure``      median magnitude in the dark of what lies between Gaussians of deviation 1.5 and 4: what
                                denoising leaves
        ======================  =====================================================================================

        The last two are nan where fewer than :data:`DARK_LEAST` pixels are dark.

    Raises:
        ValueError: another type or shape.
    """
    image = np.asarray(image)
    grey_one = image.ndim == 2
    known = grey_one or (image.ndim == 3 and image.shape[2] == 3)
    if image.dtype != np.uint8 or not known or min(image.shape[:2]) < 16:
        raise ValueError(f'uint8 H,W,3 or H,W of at least 16x16 is expected, got {image.dtype} {image.shape}')
    colour = np.repeat(image[..., None], 3, 2) if grey_one else image
    high, low = colour.max(2).astype(np.float64), colour.min(2)
    grey = colour.astype(np.float64) @ (0.299, 0.587, 0.114)
    p5, p50, p95, p995 = np.percentile(grey, (5, 50, 95, 99.5))
    around = cv2.GaussianBlur(grey, (0, 0), 4)
    dark = around < DARK
    told = dark.sum() >= DARK_LEAST
    grain = np.abs(cv2.filter2D(grey, -1, _GRAIN_MASK))
    structure = np.abs(cv2.GaussianBlur(grey, (0, 0), 1.5) - around)
    found = {
        'mean': grey.mean(), 'p5': p5, 'p50': p50, 'p95': p95, 'p99.5': p995, 'range': p95 - p5,
        'below 20': 100 * (grey < 20).mean(), 'above 240': 100 * (grey > 240).mean(),
        'clipped': 100 * (high == 255).mean(),
        'saturation': 255 * ((high - low) / np.maximum(high, 1)).mean(),
        'colourfulness': colourfulness(colour),
        'laplacian': cv2.Laplacian(grey, cv2.CV_64F).std(),
        'dark': 100 * dark.mean(),
        'dark grain': np.sqrt(np.pi / 2) / 6 * grain[dark].mean() if told else np.nan,
        'dark structure': np.median(structure[dark]) if told else np.nan}
    return {name: float(value) for name, value in found.items()}


STATISTICS = tuple(image_statistics(np.zeros((16, 16), np.uint8)))
"""The names of :func:`image_statistics`, in their order."""


def mean_statistics(images: list[dict[str, float]]) -> dict[str, float]:
    """Means over images of what :func:`image_statistics` found; those that were not told are left out of a mean.

    Raises:
        ValueError: no image.
    """
    if not images:
        raise ValueError('no image to take statistics of')
    columns = {name: np.array([image[name] for image in images]) for name in STATISTICS}
    return {name: float(column[~np.isnan(column)].mean()) if (~np.isnan(column)).any() else float('nan')
            for name, column in columns.items()}
