"""Writes the edge maps of a folder of pictures: grey PNGs, 255 at the edges of MATLAB's Canny detector, else 0."""

import argparse
import sys
from pathlib import Path

from nightgen.apis.files import check_targets, find_pictures, write_picture
from nightgen.datasets.transforms.edges import edge_map
from nightgen.utils.cli import run_tool
from nightgen.utils.counts import check_numbers
from nightgen.utils.images import read_image
from nightgen.utils.progress import ProgressBar
from nightgen.utils.ranges import RANGE_HELP, checked_range

EXAMPLE = '''example:
  python tools/pseudo_label/edges.py data/flir/train/day data/flir/train/edges_day
  python tools/pseudo_label/edges.py data/flir/train/thermal data/flir/train/edges_thermal --blur 1

Edge maps have the names of their pictures; a rerun goes on where one stopped. A data set that is asked for edges reads
them, or those of any other detector, with beside=dict(edges='train/edges_day'); without, dict(type='CannyEdges') finds
the same ones while training.'''


def parse_args(argv: list[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, epilog=EXAMPLE,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('input', type=Path, help='image, or folder of images')
    parser.add_argument('out', type=Path, help='folder to write to')
    parser.add_argument('--low', type=float, default=0.1, help='weak edges are above this share of the top gradient')
    parser.add_argument('--high', type=float, default=0.2, help='an edge must have a pixel above this share')
    parser.add_argument('--blur', type=float, default=0.0, metavar='SIGMA',
                        help="standard deviation of a Gaussian before, in pixels, against a thermal sensor's noise")
    parser.add_argument('--range', default='full', help=RANGE_HELP)
    return parser.parse_args(argv)


def main(argv: list[str] | None = None) -> int:
    args = parse_args(argv)
    args.range = checked_range(args.range)
    found = find_pictures(args.input)
    check_numbers([path for path, _ in found], str(args.input), args.range)
    targets = {path: args.out / Path(name).with_suffix('.png') for path, name in found}
    check_targets(targets, targets.values())
    missing = {path: target for path, target in targets.items() if not target.is_file()}
    bar = ProgressBar('edges', len(missing))
    for path, target in missing.items():
        write_picture(target, edge_map(read_image(str(path), value_range=args.range), args.low, args.high, args.blur))
        bar.update()
    bar.close()
    print(f'{args.out}: {len(targets)} edge maps, {len(missing)} of them made now')
    return 0


if __name__ == '__main__':
    run_tool(lambda: main(sys.argv[1:]), OSError, ValueError)
