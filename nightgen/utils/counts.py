"""What the files of a set say about their numbers, once per set: counts in too wide a file, a burnt-in scale."""

import logging
import os
from collections.abc import Sequence

import mmengine.fileio as fileio
import numpy as np
from mmengine.logging import print_log

from .images import BrokenImageError, decode_image
from .jpeg import MAGIC, is_radiometric
from .ranges import Range

LOOKED_AT = 5
NARROW = 0.1  # share of a 16-bit file's range below which a picture is as good as black


def check_numbers(paths: Sequence[str | os.PathLike], who: str, value_range: Range = 'full',
                  backend_args: dict | None = None) -> None:
    """Warns in the log where pictures are read over their full range and should not be.

    Looks at a few files, evenly spread: 16-bit pictures whose values all lie within a tenth of the range, and thermal
    JPEGs that carry counts, while the picture shows them on a scale of its own.

    Args:
        paths: The files of the set.
        who: What they are, to begin the warning with.
        value_range: How they are read; one that is stated needs no warning.
        backend_args: Of mmengine's file backend.
    """
    if value_range != 'full' or not len(paths):
        return
    chosen = np.unique(np.linspace(0, len(paths) - 1, min(LOOKED_AT, len(paths))).astype(int))
    burnt, narrow, deep = [], [], 0
    for path in (str(paths[index]) for index in chosen):
        try:
            data = bytes(fileio.get(path, backend_args=backend_args))
            if is_radiometric(data):
                burnt.append(path)
            if not _may_be_deep(data):
                continue
            image = decode_image(data, path, 'grey')
        except (OSError, BrokenImageError):
            continue  # whoever reads the set refuses this picture, or skips and names it
        if image.dtype == np.uint16:
            deep += 1
            if int(image.max()) - int(image.min()) < NARROW * 65535:
                narrow.append((path, int(image.min()), int(image.max())))
    if burnt:
        print_log(f'{who}: {burnt[0]} is a radiometric JPEG; its image shows the counts on a scale of its own, which '
                  "differs from file to file. A stated range (range='minmax', or two numbers) reads the counts",
                  logger='current', level=logging.WARNING)
    if narrow and len(narrow) == deep:
        path, low, high = narrow[0]
        print_log(f'{who}: 16-bit images that use less than a tenth of the range: {path} holds {low} to {high} of '
                  "65535, and will look flat. State what is black and white: range='14bit', 'minmax', 'percentile' or "
                  'two numbers', logger='current', level=logging.WARNING)


def _may_be_deep(data: bytes) -> bool:
    """Whether decoding can give 16 bits; kinds that cannot are not decoded for nothing."""
    if data[:4] == b'\x89PNG':
        return data[24:25] == b'\x10'
    return data[:2] not in (MAGIC, b'BM') and data[:4] != b'RIFF'
