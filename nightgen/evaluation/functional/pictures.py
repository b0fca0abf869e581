"""Full-reference and no-reference numbers of single pictures, in float64."""

import cv2
import numpy as np

from nightgen.functional import gaussian_taps, ssim_map


def _pair(pred: np.ndarray, target: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    pred, target = np.asarray(pred), np.asarray(target)
    if pred.shape != target.shape:
        raise ValueError(f'images differ in size: {pred.shape} and {target.shape}')
    if pred.ndim not in (2, 3):
        raise ValueError(f'H,W or H,W,C is expected, got {pred.shape}')
    return pred.astype(np.float64), target.astype(np.float64)


def psnr(pred: np.ndarray, target: np.ndarray, data_range: float = 255.0) -> float:
    """Peak signal-to-noise ratio over all pixels and channels.

    ``10 log10(data_range^2 / mean((pred - target)^2))``.

    Args:
        pred, target: H,W or H,W,C on the same scale.
        data_range: largest possible minus smallest possible value (255 for 8 bit).

    Returns:
        Decibels; infinite for equal pictures.
    """
    pred, target = _pair(pred, target)
    error = float(np.mean((pred - target) ** 2))
    return float('inf') if error == 0 else float(10 * np.log10(data_range ** 2 / error))


def ssim(pred: np.ndarray, target: np.ndarray, data_range: float = 255.0, window_size: int = 11,
         sigma: float = 1.5) -> float:
    """Structural similarity of Wang et al. 2004, averaged over positions and then channels.

    Gaussian window, K1 = 0.01, K2 = 0.03, population (not sample) variances, and only positions at which the whole
    window lies inside the picture.

    Args:
        pred, target: H,W or H,W,C on the same scale; colour pictures count per RGB channel.
        data_range: largest possible minus smallest possible value (255 for 8 bit).
        window_size: odd side of the window.
        sigma: its standard deviation in pixels.

    Returns:
        At most 1, which equal pictures reach.

    Raises:
        ValueError: a picture smaller than the window, or a window of an even size.
    """
    pred, target = _pair(pred, target)
    if min(pred.shape[:2]) < window_size:
        raise ValueError(f'SSIM needs at least {window_size}x{window_size} pixels, got {pred.shape[0]}x{pred.shape[1]}')
    taps = gaussian_taps(window_size, sigma)
    inside = slice(window_size // 2, -(window_size // 2))

    def blur(image: np.ndarray) -> np.ndarray:
        return cv2.sepFilter2D(image, cv2.CV_64F, taps, taps)[inside, inside]

    return float(ssim_map(pred, target, blur, data_range).mean())


def colourfulness(image: np.ndarray) -> float:
    """Colourfulness of Hasler and Suesstrunk 2003 (their M3), on the 8-bit scale.

    With ``rg = R - G`` and ``yb = (R + G) / 2 - B``:
    ``sqrt(std(rg)^2 + std(yb)^2) + 0.3 sqrt(mean(rg)^2 + mean(yb)^2)``.

    Args:
        image: H,W,3 RGB in [0, 255].

    Returns:
        0 for grey; about 15 slightly, 45 averagely, 109 extremely colourful.
    """
    image = np.asarray(image)
    if image.ndim != 3 or image.shape[2] != 3:
        raise ValueError(f'H,W,3 is expected, got {image.shape}')
    red, green, blue = (image[..., channel].astype(np.float64) for channel in range(3))
    rg, yb = red - green, (red + green) / 2 - blue
    return float(np.sqrt(rg.var() + yb.var()) + 0.3 * np.sqrt(rg.mean() ** 2 + yb.mean() ** 2))


def min_max_stretch(image: np.ndarray) -> np.ndarray:
    """An output scaled so that its smallest value over all channels becomes 0 and its largest 255 (specs/morngan 4.7).

    Args:
        image: uint8, any shape. A constant one stays as it is.

    Returns:
        uint8, rounded.
    """
    low, high = int(image.min()), int(image.max())
    if low == high:
        return image.copy()
    return np.rint((image.astype(np.float64) - low) * 255 / (high - low)).astype(np.uint8)
