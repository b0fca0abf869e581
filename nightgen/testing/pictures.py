"""Folders of small pictures to test data sets with."""

from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np

from nightgen.utils.images import write_image


def random_picture(height: int, width: int, seed: int = 0, channels: int = 3, dtype: type = np.uint8) -> np.ndarray:
    """A smooth random picture, H,W,3 (or H,W for one channel), over the whole range of its type."""
    shape = (height, width) if channels == 1 else (height, width, channels)
    noise = np.random.default_rng(seed).random((*shape[:2], channels))
    smooth = cv2.GaussianBlur(noise, (5, 5), 1.5).reshape(shape)
    smooth = (smooth - smooth.min()) / (smooth.max() - smooth.min())
    return np.rint(smooth * np.iinfo(dtype).max).astype(dtype)


def write_pictures(folder: str | Path, number: int = 4, size: tuple[int, int] = (24, 32), seed: int = 0,
                   names: Sequence[str] | None = None) -> list[Path]:
    """Writes random 8-bit pictures ``000000.png``, ... (or of the given names) and returns their paths.

    Args:
        folder: made where it is missing, with the sub-folders that names mention.
        number: how many, where no names are given.
        size: height and width.
        seed: different seeds give different pictures.
        names: paths inside the folder; the ending chooses the format.
    """
    paths = []
    for index, name in enumerate(names or [f'{index:06d}.png' for index in range(number)]):
        path = Path(folder) / name
        path.parent.mkdir(parents=True, exist_ok=True)
        write_image(str(path), random_picture(*size, seed=1000 * seed + index))
        paths.append(path)
    return paths
