"""What cameras and networks take from an image: sharpness, and what they add: noise. For experts that are to judge
content and not style."""

import cv2
import numpy as np
from mmcv.transforms import BaseTransform

from nightgen.registry import TRANSFORMS


def _interval(values: tuple[float, float], name: str) -> tuple[float, float]:
    low, high = (float(value) for value in values)
    if not 0 < low <= high:
        raise ValueError(f'{name} must be (smallest, largest), positive and in this order, got {values}')
    return low, high


class _Sometimes(BaseTransform):
    """Changes ``img`` (uint8 H,W,C) with a probability; label maps and boxes stay."""

    def __init__(self, prob: float):
        if not 0 <= prob <= 1:
            raise ValueError(f'prob is a probability in [0, 1], got {prob}')
        self.prob = prob

    def transform(self, results: dict) -> dict:
        if np.random.random() < self.prob:
            if results['img'].dtype != np.uint8:
                raise TypeError(f'{type(self).__name__} takes 8-bit images, {results.get("img_path")} is '
                                f'{results["img"].dtype}')
            results['img'] = self.changed(results['img'])
        return results


@TRANSFORMS.register_module()
class RandomBlur(_Sometimes):
    """Blurs the image by a Gaussian.

    Args:
        sigma: smallest and largest deviation, pixels.
        prob: how often.
    """

    def __init__(self, sigma: tuple[float, float] = (0.4, 2.0), prob: float = 0.5):
        super().__init__(prob)
        self.sigma = _interval(sigma, 'sigma')

    def changed(self, image: np.ndarray) -> np.ndarray:
        return cv2.GaussianBlur(image, (0, 0), np.random.uniform(*self.sigma))

    def __repr__(self) -> str:
        return f'RandomBlur(sigma={self.sigma}, prob={self.prob})'


@TRANSFORMS.register_module()
class RandomNoise(_Sometimes):
    """Adds Gaussian noise, of its own in every channel or, for half of the images, the same in all.

    Args:
        deviation: smallest and largest, grey values.
        prob: how often.
    """

    def __init__(self, deviation: tuple[float, float] = (2.0, 20.0), prob: float = 0.5):
        super().__init__(prob)
        self.deviation = _interval(deviation, 'deviation')

    def changed(self, image: np.ndarray) -> np.ndarray:
        shape = image.shape if np.random.random() < 0.5 else (*image.shape[:2], 1)
        noise = np.random.standard_normal(shape) * np.random.uniform(*self.deviation)
        return np.clip(np.rint(image + noise), 0, 255).astype(np.uint8)

    def __repr__(self) -> str:
        return f'RandomNoise(deviation={self.deviation}, prob={self.prob})'
