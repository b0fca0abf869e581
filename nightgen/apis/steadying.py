"""A translated video that holds still: what has not changed in the source changes slowly in the result."""

from collections.abc import Callable, Sequence

import cv2
import numpy as np

WINDOW = 7  # pixels, over which changes are averaged: of noise alone a seventh is left
# In grey levels: above the first a pixel begins to count as changed, from the second on wholly. Those of the result are
# there so that nothing that can be seen lags behind.
SOURCE_CHANGE = (2.0, 6.0)
RESULT_CHANGE = (8.0, 24.0)


class SteadyTranslation:
    """Calls a translation for the frames of one video, in their order, and holds its results still.

    Each result is averaged over time, pixel by pixel, where neither the source nor the result has changed since: there
    a new frame has the weight ``1 - strength``. Where one has, the new frame is taken as it is. Changes are measured
    against the averages of the frames so far, over windows of 7x7 pixels, so sensor noise is none. What a result lags
    behind is at most 24 grey levels over such a window, and 8 where nothing moves in the source.

    It acts on pictures, so it serves every method; it is neither trained nor does it change a network.

    Args:
        translate: From H,W,3 uint8 pictures to as many of the same sizes.
        strength: In [0, 1): how much of the past is kept in a pixel that stands still. 0.8 averages over about nine
            frames.

    Raises:
        ValueError: A strength outside [0, 1).
    """

    def __init__(self, translate: Callable[[Sequence[np.ndarray]], list[np.ndarray]], strength: float = 0.8):
        if not 0 <= strength < 1:
            raise ValueError(f'steadying: strength is in [0, 1), got {strength}')
        self.translate, self.strength = translate, strength
        self._past: tuple[np.ndarray, np.ndarray] | None = None  # steadied source and result

    def __call__(self, frames: Sequence[np.ndarray]) -> list[np.ndarray]:
        """The next frames, H,W,3 uint8 RGB, to as many steadied results."""
        results = self.translate(frames)
        return [self._steadied(frame, result) for frame, result in zip(frames, results, strict=True)]

    def _steadied(self, frame: np.ndarray, result: np.ndarray) -> np.ndarray:
        new_source, new_result = frame.astype(np.float32), result.astype(np.float32)
        if self._past is None or self._past[0].shape != frame.shape:
            self._past = new_source, new_result
            return result
        old_source, old_result = self._past
        new_source -= old_source
        new_result -= old_result
        changed = np.maximum(_changed(new_source, SOURCE_CHANGE), _changed(new_result, RESULT_CHANGE))
        changed = cv2.dilate(changed, np.ones((WINDOW, WINDOW), np.uint8))
        weight = (changed * self.strength + (1 - self.strength))[..., None]
        old_source += weight * new_source  # in place: they stay the past
        old_result += weight * new_result
        return np.rint(old_result).clip(0, 255).astype(np.uint8)


def _changed(difference: np.ndarray, bounds: tuple[float, float]) -> np.ndarray:
    """From 0 (below the first bound) to 1 (from the second on): the largest channel's mean over a window, H,W."""
    change = np.abs(cv2.blur(difference, (WINDOW, WINDOW))).max(axis=2)
    return ((change - bounds[0]) / (bounds[1] - bounds[0])).clip(0, 1)
