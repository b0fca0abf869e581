"""What folders of images look like in numbers, side by side: how dark, bright, coloured, grainy and sharp they are.

Every image is scaled down to one width first, so that grain and sharpness mean the same in all; smaller ones stay as
they are. A number is the mean over a folder's images of ``nightgen.evaluation.functional.image_statistics``.
"""

import argparse
import json
import sys

import cv2
import numpy as np

from nightgen.apis.files import find_pictures
from nightgen.datasets.nightscape import rendered_name
from nightgen.evaluation import metric_table, plain_numbers
from nightgen.evaluation.functional import STATISTICS, image_statistics, mean_statistics
from nightgen.utils.cli import UsageError, run_tool
from nightgen.utils.files import write_text
from nightgen.utils.images import read_image

EXAMPLE = '''example:
  python tools/analysis_tools/image_statistics.py real=my_days rendered=data/nightscape/test/day --reference real'''

CLOSE = 0.25  # of the reference: what is nearer counts as alike


def parse_args(argv: list[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, epilog=EXAMPLE,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('folders', nargs='+', metavar='NAME=FOLDER',
                        help='folders of images, sub-folders included; a name given again adds to its images')
    parser.add_argument('--width', type=int, default=512, help='width that wider images are scaled to (default 512)')
    parser.add_argument('--reference', metavar='NAME', help='which folder the others are compared with')
    parser.add_argument('--only', nargs='+', choices=STATISTICS, default=STATISTICS, metavar='STATISTIC',
                        help=f'of {", ".join(STATISTICS)}')
    parser.add_argument('--json', metavar='OUT', help='write the numbers, per folder and per image, here')
    args = parser.parse_args(argv)
    if args.width < 16:
        raise UsageError(f'--width must be at least 16, not {args.width}')
    return args


def named_folders(texts: list[str]) -> dict[str, list[str]]:
    """NAME=FOLDER texts as folders by name."""
    folders: dict[str, list[str]] = {}
    for text in texts:
        name, equals, folder = text.partition('=')
        if not (name and equals and folder) or '/' in name:
            raise UsageError(f'{text!r} is not NAME=FOLDER, for instance days=data/nightscape/test/day')
        folders.setdefault(name, []).append(folder)
    return folders


def measure(folder: str, width: int) -> dict[str, dict[str, float]]:
    """Statistics of every image of a folder, by its path."""
    found = {}
    for path, _ in find_pictures(folder):
        image = read_image(str(path))
        if image.dtype != np.uint8:
            raise ValueError(f'{path} has {image.dtype.itemsize * 8} bits a channel; statistics are of 8-bit images')
        if image.shape[1] > width:
            height = max(round(image.shape[0] * width / image.shape[1]), 1)
            image = cv2.resize(image, (width, height), interpolation=cv2.INTER_AREA)
        try:
            found[str(path)] = image_statistics(image)
        except ValueError as error:
            raise ValueError(f'{path}: {error}') from error
    return found


def far_ones(means: dict[str, dict[str, float]], reference: str, only: list[str]) -> dict[str, list[str]]:
    """Which statistics of each folder are further than CLOSE of the reference from it."""
    real = means[reference]
    return {name: [key for key in only if not abs(values[key] - real[key]) <= CLOSE * abs(real[key])]
            for name, values in means.items() if name != reference}


def main(argv: list[str] | None = None) -> int:
    args = parse_args(argv)
    folders = named_folders(args.folders)
    if args.reference is not None and args.reference not in folders:
        raise UsageError(f'--reference {args.reference} is none of the names {", ".join(folders)}')
    images = {name: {path: row for folder in some for path, row in measure(folder, args.width).items()}
              for name, some in folders.items()}
    means = {name: mean_statistics(list(rows.values())) for name, rows in images.items()}
    entries = {f'images/{name}': len(rows) for name, rows in images.items()}
    entries.update({f'{key}/{name}': means[name][key] for key in args.only for name in means})
    print(metric_table(entries))
    data = {name: found for name, some in folders.items() for folder in some if (found := rendered_name(folder))}
    for name, version in data.items():
        print(f'{name}: {version}')
    if args.reference is not None:
        for name, far in far_ones(means, args.reference, args.only).items():
            print(f'{name}: {len(args.only) - len(far)} of {len(args.only)} within a quarter of {args.reference}'
                  + (f'; not {", ".join(far)}' if far else ''))
    if args.json:
        content = dict(width=args.width, data=data, folders=folders, means=means, images=images)
        write_text(args.json, json.dumps(plain_numbers(content), indent=1) + '\n')
        print(f'written to {args.json}')
    return 0


if __name__ == '__main__':
    run_tool(lambda: main(sys.argv[1:]), OSError, ValueError)
