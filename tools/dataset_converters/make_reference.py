"""Makes the daytime reference of a fixed camera out of its day pictures, or one for each of many cameras.

    python tools/dataset_converters/make_reference.py data/cameras/gate/day data/cameras/references/gate.png
    python tools/dataset_converters/make_reference.py data/cameras data/cameras/references --cameras '{camera}/day'
    python tools/dataset_converters/make_reference.py data/bdd100k/images/100k/train data/bdd100k/reference_day.png \\
        --mode mean --list data/bdd100k/lists/train_day.txt

--mode median (the default) leaves out what moves; mean is what DiCo takes for scenes that are never empty and for
driving; frame is one picture: --frame names it, else it is the one nearest to the median. Beside the reference,
<name>.json says what it was made of. --spread writes <name>_spread.png too: the median distance of the days to their
median (mode median), by which pixels that never change are told from others.
"""

import argparse
import hashlib
import json
import sys
from pathlib import Path

import cv2
import numpy as np

from nightgen import __version__
from nightgen.apis.files import find_pictures, write_picture
from nightgen.utils.cli import UsageError, run_tool
from nightgen.utils.files import write_text
from nightgen.utils.images import read_image, to_uint8
from nightgen.utils.seeding import seeded_choice

MODES = ('frame', 'mean', 'median')
STRIP = 32  # rows at a time: a median takes several times its input


def strips(pictures: np.ndarray):
    """Rows of all pictures, some at a time."""
    for top in range(0, pictures.shape[1], STRIP):
        yield pictures[:, top:top + STRIP]


def median(pictures: np.ndarray) -> np.ndarray:
    """Median of K,H,W,3 uint8 over K, rounded half up: H,W,3 uint8."""
    return np.concatenate([np.floor(np.median(part, axis=0) + 0.5).astype(np.uint8) for part in strips(pictures)])


def mean(pictures: np.ndarray) -> np.ndarray:
    """Mean of K,H,W,3 uint8 over K, rounded half up: H,W,3 uint8."""
    return np.floor(pictures.sum(axis=0, dtype=np.int64) / len(pictures) + 0.5).astype(np.uint8)


def spread(pictures: np.ndarray, middle: np.ndarray) -> np.ndarray:
    """Median over K of the distance to the middle, the largest of the three channels: H,W uint8."""
    rows = (np.abs(part.astype(np.int16) - of) for part, (of,) in zip(strips(pictures), strips(middle[None]),
                                                                     strict=True))
    return np.concatenate([np.floor(np.median(part, axis=0).max(axis=-1) + 0.5).astype(np.uint8) for part in rows])


def nearest(pictures: np.ndarray, middle: np.ndarray) -> int:
    """The picture with the smallest mean distance to the middle."""
    return int(np.argmin([np.abs(picture.astype(np.int16) - middle).mean() for picture in pictures]))


def chosen_files(source: Path, args: argparse.Namespace) -> list[tuple[Path, str]]:
    """The pictures that count: those of the list, or of the folder, at most ``--number`` of them.

    Raises:
        UsageError: None, or a list that names others.
    """
    files = {name: path for path, name in find_pictures(source)}
    if args.list:
        lines = (line.strip() for line in args.list.read_text().splitlines())
        names = [line for line in lines if line and not line.startswith('#')]
        missing = [name for name in names if name not in files]
        if missing or not names:
            raise UsageError(f'{args.list}: {len(missing)} of {len(names)} listed images are not in {source}'
                             f'{": " + missing[0] if missing else ""}')
    else:
        names = list(files)
    if args.mode == 'frame' and args.frame:
        names = [args.frame]
        if args.frame not in files:
            raise UsageError(f'--frame {args.frame} is no image of {source}')
    if len(names) > args.number:
        names = seeded_choice(names, args.number, args.seed)
    return [(files[name], name) for name in names]


def load(files: list[tuple[Path, str]], size: list[int] | None) -> np.ndarray:
    """The pictures, K,H,W,3 uint8.

    Raises:
        UsageError: Pictures of several sizes, and no size to bring them to.
    """
    pictures = []
    for path, _ in files:
        picture = to_uint8(read_image(str(path)))
        if size:
            picture = cv2.resize(picture, tuple(size[::-1]), interpolation=cv2.INTER_AREA)
        if pictures and picture.shape != pictures[0].shape:
            raise UsageError(f'{path} is {picture.shape[0]}x{picture.shape[1]}, {files[0][0]} '
                             f'{pictures[0].shape[0]}x{pictures[0].shape[1]}: give --size H W, or one camera')
        pictures.append(picture)
    return np.stack(pictures)


def make(source: Path, target: Path, args: argparse.Namespace) -> None:
    """Write one reference, what it was made of, and the spread if it is asked for."""
    files = chosen_files(source, args)
    pictures = load(files, args.size)
    middle = median(pictures) if args.mode != 'mean' or args.spread else None
    of = [name for _, name in files]
    if args.mode == 'frame':
        index = nearest(pictures, middle)
        reference, of = pictures[index], [of[index]]
    else:
        reference = middle if args.mode == 'median' else mean(pictures)
    write_picture(target, reference)
    if args.spread:
        write_picture(target.with_name(f'{target.stem}_spread.png'), spread(pictures, middle))
    digest = hashlib.sha256(np.ascontiguousarray(reference).tobytes()).hexdigest()
    origin = dict(mode=args.mode, source=str(source), pictures=of, looked_at=len(files), seed=args.seed,
                  size=list(reference.shape[:2]), pixels_sha256=digest, nightgen=__version__)
    write_text(target.with_suffix('.json'), json.dumps(origin, indent=1) + '\n')
    print(f'{target}: {args.mode} of {len(files)} images, {reference.shape[0]}x{reference.shape[1]}')


def camera_folders(root: Path, layout: str) -> dict[str, Path]:
    """The folders that fit a layout such as ``{camera}/day``, by camera.

    Raises:
        UsageError: A layout without ``{camera}``, or none that fits.
    """
    before, mark, after = layout.partition('{camera}')
    if not mark:
        raise UsageError(f"--cameras {layout!r} needs '{{camera}}' in it")
    above = root / before
    there = sorted(above.iterdir()) if above.is_dir() else []
    found = {folder.name: folder / after.strip('/') for folder in there if (folder / after.strip('/')).is_dir()}
    found = {camera: folder for camera, folder in found.items() if folder.is_dir()}
    if not found:
        raise UsageError(f'{root} has no folder {layout}')
    return found


def parse_args(argv: list[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('source', type=Path, help='folder of day images; with --cameras the folder of the cameras')
    parser.add_argument('out', type=Path, help='the PNG to write; with --cameras the folder of <camera>.png')
    parser.add_argument('--mode', choices=MODES, default='median')
    parser.add_argument('--frame', help='with --mode frame: this image, by its path in the folder')
    parser.add_argument('--cameras', metavar='LAYOUT', help="one for each camera: where its days are, '{camera}/day'")
    parser.add_argument('--list', type=Path, help='only the images that this file names, one a line')
    parser.add_argument('--number', type=int, default=512,
                        help='at most so many images, chosen by --seed, all held in memory (default %(default)s)')
    parser.add_argument('--seed', type=int, default=0)
    parser.add_argument('--size', type=int, nargs=2, metavar=('H', 'W'), help='resize the images first')
    parser.add_argument('--spread', action='store_true', help='also write how much each pixel changes')
    args = parser.parse_args(argv)
    if args.number < 1:
        parser.error('--number must be at least 1')
    if args.frame and (args.mode != 'frame' or args.cameras):
        parser.error('--frame goes with --mode frame, and with one camera')
    if args.list and args.cameras:
        parser.error('--list is of one folder; with --cameras it would do nothing')
    if not args.cameras and args.out.suffix.lower() != '.png':
        parser.error(f'{args.out} must end in .png')
    return args


def main(argv: list[str] | None = None) -> int:
    args = parse_args(argv)
    if args.cameras:
        for camera, folder in camera_folders(args.source, args.cameras).items():
            make(folder, args.out / f'{camera}.png', args)
    else:
        make(args.source, args.out, args)
    return 0


if __name__ == '__main__':
    run_tool(lambda: main(sys.argv[1:]), OSError, ValueError)
