"""What the converters of FLIR ADAS and KAIST share: their options, the check, the loop over the published lists."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import NamedTuple

import numpy as np

from nightgen.datasets.preparation import ResizeCrop
from nightgen.datasets.splits import LISTS, split_names
from nightgen.utils.files import whole_file
from nightgen.utils.images import BrokenImageError, read_image, write_image
from nightgen.utils.progress import ProgressBar

_TRAIN_IDS = [*range(19), 255]


class Job(NamedTuple):
    """One picture to prepare; ``source`` is None where the download does not have it."""

    split: str
    rendering: str
    name: str
    source: Path | None


def add_options(parser: argparse.ArgumentParser, out: Path) -> None:
    """The options that both converters have."""
    parser.add_argument('out', type=Path, nargs='?', default=out, help='where to write (default: %(default)s)')
    parser.add_argument('--check', action='store_true', help='write nothing; say what of the download is missing')
    parser.add_argument('--allow-missing', action='store_true',
                        help='prepare what is there of an incomplete download; to train on it, add --cfg-options '
                             'allow_missing=True')
    parser.add_argument('--masks', type=Path, metavar='DIR',
                        help="the authors' label maps of the test nights: PNGs of train ids, named as the images")
    parser.add_argument('--interpolation', choices=('bicubic', 'bilinear', 'area'), default='bicubic',
                        help='the paper does not say; default: %(default)s, smoothed as in MATLAB')
    parser.add_argument('--min-visible', type=float, default=0.5, metavar='PART',
                        help='drop boxes of which less of the area is left in the image (default: %(default)s)')


def what_to_prepare(dataset: str, find: Callable[[str, str], Path | None]) -> list[Job]:
    """Every picture of the published lists, with its file where ``find(name, rendering)`` finds one."""
    jobs = []
    for listed in LISTS:
        split, time_of_day = listed.split('_')
        rendering = 'day' if time_of_day == 'day' else 'thermal'
        jobs += [Job(split, rendering, name, find(name, rendering)) for name in split_names(dataset, listed)]
    return jobs


def check(jobs: Iterable[Job], root: Path, extra: dict[str, Path | None]) -> int:
    """Print what is there and what is missing of each list.

    Returns:
        0 if every picture is there, else 1.
    """
    jobs, complete = list(jobs), True
    for split, rendering in dict.fromkeys((job.split, job.rendering) for job in jobs):
        part = [job for job in jobs if (job.split, job.rendering) == (split, rendering)]
        missing = [job.name for job in part if job.source is None]
        complete &= not missing
        tail = f', missing {", ".join(missing[:5])}{", ..." if len(missing) > 5 else ""}' if missing else ''
        print(f'{split}/{rendering}: {len(part) - len(missing)} of {len(part)} images in {root}{tail}')
    for what, path in extra.items():
        if path is not None:
            print(f'{what}: {path} {"is there" if path.exists() else "DOES NOT EXIST"}')
        else:
            print(f'{what}: not given')
    return 0 if complete else 1


def prepare(jobs: list[Job], out: Path, rule: Callable[[Job], ResizeCrop], args: argparse.Namespace,
            progress: ProgressBar) -> int:
    """Resize, crop and write pictures; a rerun goes on where one stopped.

    Returns:
        How many pictures the output now has.

    Raises:
        SystemExit: Pictures of the lists are missing, unless ``--allow-missing``; or one cannot be read.
    """
    there = [job for job in jobs if job.source is not None]
    if len(there) < len(jobs) and not args.allow_missing:
        raise SystemExit(f'{len(jobs) - len(there)} of {len(jobs)} images of the published lists are missing; '
                         '--check says which, --allow-missing prepares the others')
    for done, job in enumerate(there, 1):
        target = out / job.split / job.rendering / f'{job.name}.png'
        if not target.is_file():
            try:
                picture = rule(job).picture(read_image(str(job.source)))
            except (BrokenImageError, ValueError) as error:
                raise SystemExit(f'{job.source}: {error}') from error
            with whole_file(target, keep_ending=True) as partial:
                write_image(str(partial), picture)
        progress(done, len(there))
    return len(there)


def written_nights(dataset: str, out: Path) -> list[str]:
    """The names of the published test nights that are in the output: all of them, unless ``--allow-missing``."""
    return [name for name in split_names(dataset, 'test_night') if (out / 'test/thermal' / f'{name}.png').is_file()]


def copy_masks(folder: Path, out: Path, names: Iterable[str], size: tuple[int, int]) -> None:
    """Copy label maps of the test nights to ``<out>/test/label``, checked.

    Args:
        folder: With ``<name>.png``, train ids.
        out: Root of the prepared data.
        names: Of the pictures whose label maps are copied.
        size: Width and height that they must have.

    Raises:
        SystemExit: Missing label maps, another size, or values that are no train ids; says which.
    """
    names = list(names)
    missing = [name for name in names if not (folder / f'{name}.png').is_file()]
    if missing:
        raise SystemExit(f'{folder} lacks {len(missing)} of {len(names)} label maps, the first is {missing[0]}.png')
    (out / 'test/label').mkdir(parents=True, exist_ok=True)
    for name in names:
        label = read_image(str(folder / f'{name}.png'), 'label')
        wrong = np.setdiff1d(label, _TRAIN_IDS)
        if label.shape != size[::-1] or wrong.size:
            raise SystemExit(f'{folder / name}.png is {label.shape[1]}x{label.shape[0]} with the values '
                             f'{np.unique(label).tolist()[:30]}; {size[0]}x{size[1]} and train ids (0 to 18, 255) are '
                             'expected')
        write_image(str(out / 'test/label' / f'{name}.png'), label.astype(np.uint8))
    print(f'{out / "test/label"}: {len(names)} label maps')
