"""Which images a path stands for, what their outputs are called, and outputs that are written atomically."""

import logging
import os
from collections.abc import Iterable, Mapping
from pathlib import Path

import numpy as np
from mmengine.logging import print_log

from nightgen.utils.files import whole_file
from nightgen.utils.images import IMAGE_EXTENSIONS, read_image, write_image
from nightgen.utils.listing import list_pictures
from nightgen.utils.tiff import further_pages

# A result keeps its source's ending where that format holds 8-bit colour; else it becomes a PNG.
COLOUR_EXTENSIONS = ('.png', '.jpg', '.jpeg', '.bmp', '.tif', '.tiff', '.webp', '.ppm')


def find_pictures(path: str | os.PathLike) -> list[tuple[Path, str]]:
    """The pictures that a path stands for.

    Args:
        path: A file, or a folder whose pictures are meant, those of its sub-folders included.

    Returns:
        (path, name relative to the folder) of each, in natural order; a file is named by its file name. What of a
        folder is passed over is named in the log, see :func:`~nightgen.utils.listing.list_pictures`.

    Raises:
        FileNotFoundError: If there is nothing, or the folder holds no picture.
    """
    path = Path(path).expanduser()
    if path.is_file():
        pages = further_pages(path)
        if pages:
            print_log(f'{path}: only the first page is used of {pages + 1}', logger='current', level=logging.WARNING)
        return [(path, path.name)]
    if not path.is_dir():
        raise FileNotFoundError(f'{path} does not exist')
    names = list_pictures(path)
    if not names:
        raise FileNotFoundError(f'no image in {path}; looked for files ending in {" ".join(IMAGE_EXTENSIONS)}')
    return [(path / name, name) for name in names]


def output_name(name: str) -> str:
    """The file name of the result of ``name``."""
    path = Path(name)
    return name if path.suffix.lower() in COLOUR_EXTENSIONS else path.with_suffix('.png').as_posix()


def check_targets(sources: Iterable[Path], targets: Iterable[Path]) -> None:
    """Refuse results that would overwrite an input or each other.

    Raises:
        ValueError: Names the file.
    """
    inputs, seen = {source.resolve() for source in sources}, set()
    for target in targets:
        if target.resolve() in inputs:
            raise ValueError(f'{target} would overwrite an input; choose another place for the results')
        if target in seen:
            raise ValueError(f'two results would be written to {target}; translate their inputs separately')
        seen.add(target)


def read_beside(kinds: Mapping[str, str], folders: Mapping[str, Path], key: str) -> dict[str, np.ndarray]:
    """What a network takes beside a picture.

    Args:
        kinds: By the input's name ``label``, ``unit`` or ``image``: what the model's data preprocessor makes of it.
        folders: By the input's name, a folder with ``<key>.png``.
        key: The picture's path inside its folder without the ending.

    Raises:
        BrokenImageError: A file that is missing or cannot be read.
    """
    modes = dict(label='label', unit='grey', image='color')
    found = {}
    for name, folder in folders.items():
        array = read_image(str(folder / f'{key}.png'), modes[kinds[name]])
        found[name] = array[..., None] if kinds[name] == 'unit' else array
    return found


def write_picture(target: str | os.PathLike, picture: np.ndarray) -> None:
    """Write an RGB picture; a file of that name is whole at every moment, also when the disk fills or the run dies.

    Raises:
        OSError: If it could not be written; nothing is left behind.
    """
    with whole_file(target, keep_ending=True) as partial:
        write_image(str(partial), picture)
