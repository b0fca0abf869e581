"""Writes the image lists of the colorization configs from an ImageNet (ILSVRC 2012) tree, as downloaded.

The conditional-GAN colorization paper trains on the validation set (50,000 images) and tests on 10 random images of
each class of the training set (10,000), of which a third list names one of each class. The tree is DATA_ROOT/val, flat
or with a folder for each class, and DATA_ROOT/train/<class>. Which images are tested the paper does not say; here an
image's place is the SHA-256 of the seed and its name, so that the same tree and seed give the same lists on every
machine.

    python tools/dataset_converters/imagenet_colorization.py data/imagenet
"""

import argparse
import sys
from collections import defaultdict
from pathlib import Path

from nightgen.utils.cli import UsageError, run_tool
from nightgen.utils.files import write_text
from nightgen.utils.listing import list_pictures
from nightgen.utils.seeding import seeded_choice

TRAIN_LIST, TEST_LIST, VAL_LIST = 'colorization_train.txt', 'colorization_test.txt', 'colorization_val.txt'
ENDINGS = ('.jpeg', '.jpg', '.png')


def parse_args(argv: list[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('data_root', type=Path, nargs='?', default=Path('data/imagenet'),
                        help='the folder with train and val (ILSVRC/Data/CLS-LOC of the download)')
    parser.add_argument('--out', type=Path, help='where the lists go (default: DATA_ROOT/lists)')
    parser.add_argument('--seed', type=int, default=0)
    parser.add_argument('--classes', type=int, default=1000, help='classes that there must be (default: %(default)s)')
    parser.add_argument('--per-class', type=int, default=10, help='test images of a class (default: %(default)s)')
    parser.add_argument('--validation', type=int, default=50000,
                        help='validation images that there must be (default: %(default)s)')
    parser.add_argument('--check', action='store_true', help='write nothing; compare the lists that are there')
    return parser.parse_args(argv)


def images_below(folder: Path) -> list[str]:
    """Paths of the images below a folder, relative to it, in natural order.

    Raises:
        UsageError: There is no such folder.
    """
    if not folder.is_dir():
        raise UsageError(f'{folder} does not exist; give the folder that has ImageNet\'s train and val')
    return list_pictures(folder, ENDINGS)


def training_list(args: argparse.Namespace) -> list[str]:
    """All validation images.

    Raises:
        UsageError: There are not as many as there must be, or classes are of different sizes.
    """
    names = images_below(args.data_root / 'val')
    if len(names) != args.validation:
        raise UsageError(f'{args.data_root / "val"} has {len(names)} images, the validation set has {args.validation}; '
                         'complete the download')
    sizes = defaultdict(int)
    for name in names:
        sizes[name.rpartition('/')[0]] += 1
    if set(sizes) != {''} and (len(sizes) != args.classes or len(set(sizes.values())) != 1):
        raise UsageError(f'{args.data_root / "val"} has {len(sizes)} class folders of {min(sizes.values())} to '
                         f'{max(sizes.values())} images; it must be flat, or have {args.classes} of equal size')
    return names


def test_list(args: argparse.Namespace) -> list[str]:
    """The chosen training images, class by class.

    Raises:
        UsageError: Another number of classes, or a class that is too small.
    """
    by_class = defaultdict(list)
    for name in images_below(args.data_root / 'train'):
        by_class[name.partition('/')[0] if '/' in name else ''].append(name)
    if '' in by_class or len(by_class) != args.classes:
        raise UsageError(f'{args.data_root / "train"} has {len(by_class) - ("" in by_class)} class folders and '
                         f'{len(by_class.get("", ()))} images beside them; it must have {args.classes} folders')
    chosen = []
    for name in sorted(by_class):
        try:
            chosen += seeded_choice(by_class[name], args.per_class, args.seed)
        except ValueError as error:
            raise UsageError(f'class {name}: {error}') from error
    return chosen


def main(argv: list[str] | None = None) -> int:
    args = parse_args(argv)
    out = args.out or args.data_root / 'lists'
    trained, tested = training_list(args), test_list(args)
    lists = {TRAIN_LIST: ('validation set, to train on', trained),
             TEST_LIST: (f'training set, {args.per_class} of each of {args.classes} classes, to test on; seed '
                         f'{args.seed}', tested),
             VAL_LIST: (f'training set, the first of each class of {TEST_LIST}', tested[::args.per_class])}
    differing = 0
    for name, (what, names) in lists.items():
        path, lines = out / name, [f'# ImageNet {what}: {len(names)} images; imagenet_colorization.py', *names]
        if args.check:
            same = path.is_file() and path.read_text().splitlines() == lines
            differing += not same
            print(f'{path}: {"as it should be" if same else "missing" if not path.is_file() else "DIFFERS"}')
        else:
            write_text(path, '\n'.join(lines) + '\n')
            print(f'{path}: {len(names)} images')
    return 1 if differing else 0


if __name__ == '__main__':
    run_tool(lambda: main(sys.argv[1:]))
