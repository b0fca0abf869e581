"""Pictures of a folder in batches of one size, for experts."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import torch

from nightgen.apis.files import find_pictures
from nightgen.utils.images import image_to_tensor, read_image, to_uint8


def batches(source: Path, size: int) -> Iterator[tuple[list[str], torch.Tensor]]:
    """Names and N,3,H,W uint8 pictures of a path, in order; a batch ends early where the size of the pictures changes.

    Raises:
        BrokenImageError: A picture that cannot be read.
    """
    names: list[str] = []
    waiting: list[np.ndarray] = []
    for path, name in find_pictures(source):
        picture = to_uint8(read_image(str(path)))
        if waiting and (len(waiting) == size or picture.shape != waiting[0].shape):
            yield names, torch.stack([image_to_tensor(image) for image in waiting])
            names, waiting = [], []
        names.append(name)
        waiting.append(picture)
    if waiting:
        yield names, torch.stack([image_to_tensor(image) for image in waiting])
