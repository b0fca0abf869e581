"""Pictures of a folder in batches of one size, for experts."""

from collections.abc import Iterator
from pathlib import Path

import torch

from nightgen.apis.files import find_pictures
from nightgen.utils.batches import equal_batches
from nightgen.utils.images import image_to_tensor, read_image, to_uint8


def batches(source: Path, size: int) -> Iterator[tuple[list[str], torch.Tensor]]:
    """Names and N,3,H,W uint8 pictures of a path, in order; a batch ends early where the size of the pictures changes.

    Raises:
        BrokenImageError: A picture that cannot be read.
    """
    named = ((name, image_to_tensor(to_uint8(read_image(str(path))))) for path, name in find_pictures(source))
    for batch in equal_batches(named, size, lambda pair: pair[1].shape):
        names, pictures = zip(*batch, strict=True)
        yield list(names), torch.stack(pictures)
