"""Pictures of a folder in batches of one size, for experts."""

from collections.abc import Iterator
from pathlib import Path

import torch

from nightgen.apis.files import find_pictures
from nightgen.utils.batches import equal_batches
from nightgen.utils.counts import check_numbers
from nightgen.utils.images import image_to_tensor, read_image, to_uint8
from nightgen.utils.ranges import Range


def batches(source: Path, size: int, value_range: Range = 'full') -> Iterator[tuple[list[str], torch.Tensor]]:
    """Names and N,3,H,W uint8 pictures of a path, in order; a batch ends early where the size of the pictures changes.

    Args:
        source: A picture or a folder of pictures.
        size: Pictures of a batch.
        value_range: Of their numbers, see :func:`~nightgen.utils.ranges.to_range`.

    Raises:
        BrokenImageError: A picture that cannot be read.
    """
    found = find_pictures(source)
    check_numbers([path for path, _ in found], str(source), value_range)
    named = ((name, image_to_tensor(to_uint8(read_image(str(path), value_range=value_range)))) for path, name in found)
    for batch in equal_batches(named, size, lambda pair: pair[1].shape):
        names, pictures = zip(*batch, strict=True)
        yield list(names), torch.stack(pictures)
