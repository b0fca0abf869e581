"""Counts how frequent each bin of ab is in a folder of training images: the prior that Zhang 2016 rebalances with.

    python tools/dataset_converters/color_prior.py data/photos/train data/photos_color_prior.json

Each pixel is shared out over its five nearest bins as in training, by Gaussian weights, which smooths the counts. The
images are scaled to --side first and at most --number of them are taken, chosen by --seed.
"""

import argparse
import json
import sys
from pathlib import Path

import cv2
import torch

from nightgen import __version__
from nightgen.apis.files import find_pictures
from nightgen.functional import colour_bins, nearest_bins, rgb_to_lab
from nightgen.utils.cli import UsageError, run_tool
from nightgen.utils.files import write_text
from nightgen.utils.images import read_image, to_uint8
from nightgen.utils.progress import ProgressBar
from nightgen.utils.seeding import seeded_choice


def counts(paths: list[Path], side: int) -> torch.Tensor:
    """Soft counts of the bins over all pixels of some images: float64 313, of sum the number of pixels."""
    bins = torch.from_numpy(colour_bins())
    total = torch.zeros(len(bins), dtype=torch.float64)
    progress = ProgressBar('counting', len(paths))
    for path in paths:
        image = to_uint8(read_image(str(path)))
        scale = side / min(image.shape[:2])
        if scale < 1:
            image = cv2.resize(image, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
        ab = torch.from_numpy(rgb_to_lab(image)[..., 1:]).permute(2, 0, 1)[None]
        index, share = nearest_bins(ab, bins)
        total += torch.bincount(index.flatten(), share.flatten(), minlength=len(bins))
        progress.update()
    progress.close()
    return total


def parse_args(argv: list[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('images', type=Path, help='folder of training images, sub-folders included')
    parser.add_argument('out', type=Path, help='file to write, .json')
    parser.add_argument('--side', type=int, default=64, help='short side that larger images are scaled to (default 64)')
    parser.add_argument('--number', type=int, default=10000, help='images that are taken at most (default 10000)')
    parser.add_argument('--seed', type=int, default=0, help='which of more images (default 0)')
    args = parser.parse_args(argv)
    if args.side < 1 or args.number < 1:
        raise UsageError(f'--side and --number are 1 or more, not {args.side} and {args.number}')
    return args


def main(argv: list[str] | None = None) -> int:
    args = parse_args(argv)
    paths = [path for path, _ in find_pictures(args.images)]
    if len(paths) > args.number:
        paths = seeded_choice(paths, args.number, args.seed)
    total = counts(paths, args.side)
    prior = total / total.sum()
    content = dict(source=str(args.images), images=len(paths), pixels=round(float(total.sum())), side=args.side,
                   seed=args.seed, nightgen=__version__, prior=prior.tolist())
    write_text(args.out, json.dumps(content) + '\n')
    seen = int((prior > 0).sum())
    a, b = (int(part) for part in colour_bins()[int(prior.argmax())])
    print(f'{args.out}: {len(paths)} images; {seen} of {len(prior)} bins occur, the most frequent one (a {a}, b {b}) '
          f'with {float(prior.max()):.1%}')
    return 0


if __name__ == '__main__':
    run_tool(lambda: main(sys.argv[1:]), OSError, ValueError)
