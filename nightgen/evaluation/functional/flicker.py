"""How much a video changes from frame to frame."""

from collections.abc import Iterable
from itertools import pairwise
from typing import NamedTuple

import numpy as np


class Change(NamedTuple):
    """Of a video: mean change from frame to frame, and mean contrast of a frame, both in grey levels; frames."""

    change: float
    contrast: float
    frames: int

    @property
    def relative(self) -> float:
        """The change as a share of the contrast: a brighter picture of the same scene has more of both."""
        return self.change / self.contrast if self.contrast else float('nan')


def frame_change(frames: Iterable[np.ndarray]) -> Change:
    """Mean absolute difference of neighbouring frames; of a static shot, its flicker.

    Args:
        frames: uint8 H,W,3, all of one size; read once, two are held at a time.

    Returns:
        The change, beside the mean over frames of the standard deviation of a frame's values.

    Raises:
        ValueError: Fewer than two frames, or frames of different sizes.
    """
    changes, contrasts = [], []

    def noted() -> Iterable[np.ndarray]:
        for frame in frames:
            contrasts.append(float(frame.std()))
            yield frame.astype(np.int16)

    for before, after in pairwise(noted()):
        if before.shape != after.shape:
            raise ValueError(f'frames differ in size: {before.shape} and {after.shape}')
        changes.append(float(np.abs(after - before).mean()))
    if not changes:
        raise ValueError(f'flicker needs at least two frames, got {len(contrasts)}')
    return Change(float(np.mean(changes)), float(np.mean(contrasts)), len(contrasts))
