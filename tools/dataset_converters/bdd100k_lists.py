"""Writes the seeded image lists of the BDD100K configs: 3,600 nights and 3,600 days to train, 400 nights to test.

N2D-LPNet takes 3,600 training and 400 test images from the 100k without naming them. Here the training lists come from
the train split and the test list from the val split, so that they cannot overlap. An image's place is the SHA-256 of
the seed and its name: the same label files and seed give the same lists on every machine and Python version.
"""

import argparse
import sys
from pathlib import Path

from nightgen.datasets.bdd100k import WEATHERS, read_frames, select_names
from nightgen.utils.files import write_text
from nightgen.utils.seeding import seeded_choice


def parse_args(argv: list[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('data_root', type=Path, nargs='?', default=Path('data/bdd100k'),
                        help='the folder with images/100k and labels')
    parser.add_argument('--out', type=Path, help='where the lists go (default: DATA_ROOT/lists)')
    parser.add_argument('--labels', default='labels/bdd100k_labels_images_{split}.json',
                        help='label file below DATA_ROOT, {split} is train or val (default: %(default)s)')
    parser.add_argument('--train', type=int, default=3600, help='images of each training list (default: %(default)s)')
    parser.add_argument('--test', type=int, default=400, help='images of the test list (default: %(default)s)')
    parser.add_argument('--seed', type=int, default=0)
    parser.add_argument('--weather', nargs='+', choices=WEATHERS, help='only these weathers (default: all)')
    parser.add_argument('--check', action='store_true', help='write nothing; compare the lists that are there')
    return parser.parse_args(argv)


def make_lists(args: argparse.Namespace) -> dict[str, list[str]]:
    """The lines of each list by file name."""
    lists = {}
    wanted = dict(train=[('train_night', 'night', args.train), ('train_day', 'daytime', args.train)],
                  val=[('test_night', 'night', args.test)])
    for split, parts in wanted.items():
        labels = args.data_root / args.labels.format(split=split)
        images = args.data_root / 'images/100k' / split
        for path in (labels, images):
            if not path.exists():
                raise SystemExit(f'{path} does not exist; download BDD100K (images 100K, labels) into {args.data_root}')
        frames = [dict(name=frame['name'], attributes=frame.get('attributes')) for frame in read_frames(labels)]
        there = {path.name for path in images.iterdir()}
        for name, timeofday, number in parts:
            names = select_names(iter(frames), timeofday, args.weather)
            present = [entry for entry in names if entry in there]
            if len(present) < len(names):
                print(f'{split}: {len(names) - len(present)} of {len(names)} labelled {timeofday} images are not in '
                      f'{images}', file=sys.stderr)
            try:
                chosen = seeded_choice(present, number, args.seed)
            except ValueError as error:
                raise SystemExit(f'{name}: {error}') from error
            lists[f'{name}.txt'] = [
                f'# BDD100K {split}, timeofday {timeofday}, weather {", ".join(args.weather or ["any"])}: {number} of '
                f'{len(present)}, seed {args.seed}; bdd100k_lists.py', *chosen]
    return lists


def main(argv: list[str] | None = None) -> int:
    args = parse_args(argv)
    out = args.out or args.data_root / 'lists'
    differing = 0
    for name, lines in make_lists(args).items():
        path = out / name
        if args.check:
            same = path.is_file() and path.read_text().splitlines() == lines
            differing += not same
            print(f'{path}: {"as it should be" if same else "missing" if not path.is_file() else "DIFFERS"}')
        else:
            write_text(path, '\n'.join(lines) + '\n')
            print(f'{path}: {len(lines) - 1} images')
    return 1 if differing else 0


if __name__ == '__main__':
    sys.exit(main())
