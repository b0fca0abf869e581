"""MATLAB's Canny edges, at one pair of thresholds or at many at once."""

import cv2
import numpy as np

THRESHOLDS = np.arange(1, 100) / 100
"""The 99 high thresholds of APCE; the low one is always half of it."""

_NEIGHBOURS = np.ones((3, 3), np.uint8)
_STEPS_PER_CHECK = 8


def matlab_grey(image: np.ndarray) -> np.ndarray:
    """MATLAB's ``rgb2gray`` on 8 bit: the luma of its NTSC matrix, rounded. H,W,3 or H,W,1 or H,W to H,W.

    Raises:
        TypeError: not uint8.
    """
    image = np.asarray(image)
    if image.dtype != np.uint8:
        raise TypeError(f'uint8 is expected, got {image.dtype}')
    if image.ndim == 3 and image.shape[2] == 1:
        image = image[..., 0]
    if image.ndim == 2:
        return image
    if image.ndim != 3 or image.shape[2] != 3:
        raise ValueError(f'H,W or H,W,3 is expected, got {image.shape}')
    to_rgb = np.array([[1.0, 0.956, 0.621], [1.0, -0.272, -0.647], [1.0, -1.106, 1.703]])  # NTSC, as in MATLAB
    return np.floor(image @ np.linalg.inv(to_rgb)[0] + 0.5).astype(np.uint8)


def smooth_gradient(grey: np.ndarray, sigma: float = 2 ** 0.5) -> tuple[np.ndarray, np.ndarray]:
    """Gradients of a Gaussian-smoothed picture as MATLAB's ``edge(I, 'canny')`` takes them.

    A normalised Gaussian of half-width ``ceil(4 sigma)`` in one direction; in the other its numerical gradient, whose
    positive and negative taps are each normalised to one. The border is replicated.

    Args:
        grey: H,W, on any scale (float64 inside).
        sigma: standard deviation in pixels.

    Returns:
        Horizontal (growing to the right) and vertical (growing downwards) gradient, float64 H,W.
    """
    half = int(np.ceil(4 * sigma))
    gauss = np.exp(-np.arange(-half, half + 1) ** 2 / (2 * sigma ** 2))
    gauss /= gauss.sum()
    slope = np.gradient(gauss)
    slope[slope > 0] /= slope[slope > 0].sum()
    slope[slope < 0] /= -slope[slope < 0].sum()
    grey, slope = np.asarray(grey, np.float64), slope[::-1].copy()  # OpenCV correlates, MATLAB convolves
    options = dict(ddepth=cv2.CV_64F, borderType=cv2.BORDER_REPLICATE)
    return (cv2.sepFilter2D(grey, kernelX=slope, kernelY=gauss, **options),
            cv2.sepFilter2D(grey, kernelX=gauss, kernelY=slope, **options))


def local_maxima(dx: np.ndarray, dy: np.ndarray, magnitude: np.ndarray, above: float = 0.0) -> np.ndarray:
    """Canny's non-maximum suppression with linear interpolation along the gradient.

    A pixel stays if its magnitude is not below that of the two points where the gradient's line leaves its 3x3
    neighbourhood, interpolated between a straight and a diagonal neighbour. The outermost pixels never stay.

    Args:
        dx, dy: gradients, H,W.
        magnitude: H,W.
        above: pixels that are not above this are not looked at.

    Returns:
        Positions in the flattened picture, ascending.
    """
    height, width = magnitude.shape
    inside = np.zeros((height, width), bool)
    inside[1:-1, 1:-1] = magnitude[1:-1, 1:-1] > above
    where = np.flatnonzero(inside)
    values, x, y = magnitude.ravel(), dx.ravel()[where], dy.ravel()[where]
    falling = (x > 0) == (y > 0)  # the gradient's line runs from the upper left to the lower right
    across, down = np.abs(x), np.abs(y)
    flat = across >= down
    part = np.minimum(across, down) / np.maximum(across, down)
    straight = np.where(flat, np.where(falling, 1, -1), width)
    diagonal = np.where(falling, width + 1, width - 1)
    centre = values[where]
    keep = np.ones(len(where), bool)
    for sign in (-1, 1):
        neighbour = (values[where + sign * straight] * (1 - part) + values[where + sign * diagonal] * part)
        keep &= centre >= neighbour
    return where[keep]


def reconstruct(marker: np.ndarray, mask: np.ndarray) -> np.ndarray:
    """Grey-scale reconstruction by dilation, 8-connected: ``marker`` spreads as far as ``mask`` lets it.

    Args:
        marker: uint8 H,W, nowhere above ``mask``.
        mask: uint8 H,W.

    Returns:
        At each pixel, the largest value v for which a path of pixels with mask >= v leads to one with marker >= v.
    """
    current = marker
    while True:
        before = current
        for _ in range(_STEPS_PER_CHECK):
            current = cv2.min(cv2.dilate(current, _NEIGHBOURS), mask)
        if np.array_equal(before, current):
            return current


def survivors(grey: np.ndarray, above: float, sigma: float) -> tuple[np.ndarray, np.ndarray]:
    """The pixels of a picture that survive the non-maximum suppression.

    Args:
        grey: uint8 or float H,W.
        above: leave out magnitudes that are not above this.
        sigma: of the smoothing.

    Returns:
        Their positions in the flattened picture, ascending, and their magnitudes divided by the picture's largest. A
        constant picture has none.

    Raises:
        ValueError: not H,W, or fewer than 3x3 pixels.
    """
    if grey.ndim != 2 or min(grey.shape) < 3:
        raise ValueError(f'edges need an image H,W of at least 3x3 pixels, got {grey.shape}')
    dx, dy = smooth_gradient(grey, sigma)
    magnitude = cv2.magnitude(dx, dy)
    largest = magnitude.max()
    # A constant picture has gradients of rounding errors only, of which no edges must be made.
    if largest <= 1e-9 * max(1.0, float(np.abs(grey).max())):
        return np.zeros(0, np.intp), np.zeros(0)
    magnitude /= largest
    where = local_maxima(dx, dy, magnitude, above)
    return where, magnitude.ravel()[where]


def canny_edges(grey: np.ndarray, low: float = 0.1, high: float = 0.2, sigma: float = 2 ** 0.5) -> np.ndarray:
    """The Canny edges of MATLAB's ``edge(I, 'canny', [low high])``.

    The magnitude is divided by its maximum; a pixel above ``low`` that survives the non-maximum suppression is an edge
    if its 8-connected component of such pixels has one above ``high``.

    Args:
        grey: uint8 or float H,W. A factor does not matter.
        low, high: thresholds; PearlGAN's edge maps have 0.1 and 0.2 (specs/morngan 4.5).
        sigma: of the smoothing; MATLAB's default.

    Returns:
        uint8 H,W: 1 at edges, else 0.

    Raises:
        ValueError: thresholds out of order, or a picture that is too small.
    """
    if not 0 <= low < high < 1:
        raise ValueError(f'thresholds must be 0 <= low < high < 1, got {low} and {high}')
    where, values = survivors(grey, low, sigma)
    weak = np.zeros(grey.shape, np.uint8)
    weak.ravel()[where] = 1
    number, component = cv2.connectedComponents(weak, connectivity=8)
    has_strong = np.zeros(number, np.uint8)
    has_strong[component.ravel()[where[values > high]]] = 1
    return has_strong[component]


def canny_levels(grey: np.ndarray, thresholds: np.ndarray = THRESHOLDS, sigma: float = 2 ** 0.5) -> np.ndarray:
    """The edges of :func:`canny_edges` at (t / 2, t) for every threshold t in one picture.

    Edges only vanish as t grows, so one number per pixel says it all: a pixel is an edge at t where a path of survivors
    with ``2 magnitude > t`` leads to one with ``magnitude > t``, which is a grey-scale reconstruction of the magnitude
    under its double.

    Args:
        grey: uint8 or float H,W. A factor does not matter.
        thresholds: ascending, at most 255.
        sigma: of the smoothing; MATLAB's default.

    Returns:
        uint8 H,W: the number of thresholds at which a pixel is an edge; it is one at ``thresholds[i]`` where the level
        exceeds i. All zero for a constant picture.
    """
    thresholds = np.asarray(thresholds, np.float64)
    if len(thresholds) > 255 or np.any(np.diff(thresholds) <= 0):
        raise ValueError('thresholds must ascend, and be at most 255')
    where, values = survivors(grey, thresholds[0] / 2, sigma)
    marker, mask = np.zeros(grey.shape, np.uint8), np.zeros(grey.shape, np.uint8)
    marker.ravel()[where] = np.searchsorted(thresholds, values, side='left')
    mask.ravel()[where] = np.searchsorted(thresholds, 2 * values, side='left')
    return reconstruct(marker, mask)
