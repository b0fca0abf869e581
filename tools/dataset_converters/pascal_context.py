"""Makes label maps and lists of PASCAL-Context as it is distributed, in the layout that mmseg and nightgen read.

The annotations are a folder with a MATLAB file for each photo of VOC 2010's trainval, whose LabelMap has 459 classes.
The 59 most frequent ones keep their class and all others become background:
  DATA_ROOT/SegmentationClassContext/<name>.png             0 background, 1 to 59 in alphabetical order, as mmseg's
  DATA_ROOT/ImageSets/SegmentationContext/{train,val}.txt   VOC 2010's own split of 4,998 and 5,105 photos
Maps that are there already are kept. Reading MATLAB files needs SciPy (pip install scipy).

    python tools/dataset_converters/pascal_context.py data/VOCdevkit/VOC2010 data/pascal_context/trainval
"""

import argparse
import sys
from pathlib import Path

import numpy as np

from nightgen.datasets.pascal_context import LISTS, MAPS, PHOTOS
from nightgen.structures.label_sets import label_table
from nightgen.utils.cli import UsageError, run_tool
from nightgen.utils.files import whole_file, write_text
from nightgen.utils.images import write_image
from nightgen.utils.progress import ProgressBar

CLASSES = 60


def parse_args(argv: list[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('data_root', type=Path, help='VOC 2010: the folder with JPEGImages and ImageSets')
    parser.add_argument('annotations', type=Path, help='the folder of <name>.mat')
    parser.add_argument('--counts', type=int, nargs=2, default=(4998, 5105), metavar=('TRAIN', 'VAL'),
                        help='photos that the splits must have (default: %(default)s)')
    return parser.parse_args(argv)


def read_split(args: argparse.Namespace, split: str, count: int) -> list[str]:
    """The names of a split's photos, all of them there.

    Raises:
        UsageError: No list, another number of photos, or photos or annotations that are missing.
    """
    path = args.data_root / f'ImageSets/Main/{split}.txt'
    if not path.is_file():
        raise UsageError(f'{path} does not exist; give the folder VOCdevkit/VOC2010 of the download')
    names = path.read_text(encoding='utf-8').split()
    if len(names) != count:
        raise UsageError(f'{path} has {len(names)} names, {count} are expected: is it VOC 2010?')
    for folder, ending in ((args.data_root / PHOTOS, 'jpg'), (args.annotations, 'mat')):
        missing = [name for name in names if not (folder / f'{name}.{ending}').is_file()]
        if missing:
            raise UsageError(f'{len(missing)} of {len(names)} files of {split} are not in {folder}; the first is '
                             f'{missing[0]}.{ending}')
    return names


def alphabetical_table() -> np.ndarray:
    """From the dataset's own 459 numbers to mmseg's, by way of the classes' names."""
    order = np.empty(CLASSES, np.uint8)
    order[label_table('pascal_context:mmseg')[:CLASSES]] = np.arange(CLASSES)
    return order[label_table('pascal_context:native')]


def read_map(path: Path) -> np.ndarray:
    """The LabelMap of a MATLAB file, H,W integers.

    Raises:
        UsageError: SciPy is missing, or the file has no such map.
    """
    try:
        from scipy.io.matlab import MatReadError, loadmat
    except ImportError as error:
        raise UsageError('MATLAB files are read with SciPy, which is not installed: pip install scipy') from error
    try:
        return loadmat(path)['LabelMap'].astype(np.uint16)
    except (MatReadError, KeyError, ValueError, TypeError, OSError, NotImplementedError) as error:  # last: MATLAB 7.3
        raise UsageError(f'{path} is no annotation of PASCAL-Context: no LabelMap can be read ({error})') from error


def main(argv: list[str] | None = None) -> int:
    args = parse_args(argv)
    splits = {split: read_split(args, split, count)
              for split, count in zip(('train', 'val'), args.counts, strict=True)}
    table, names = alphabetical_table(), [name for split in splits.values() for name in split]
    bar = ProgressBar('converting', len(names))
    for name in names:
        target = args.data_root / MAPS / f'{name}.png'
        if not target.is_file():
            with whole_file(target, keep_ending=True) as partial:
                write_image(str(partial), table[read_map(args.annotations / f'{name}.mat')])
        bar.update()
    bar.close()
    for split, listed in splits.items():
        write_text(args.data_root / LISTS / f'{split}.txt', '\n'.join(listed) + '\n')
    print(f'{args.data_root / MAPS}: {len(names)} label maps; {args.data_root / LISTS}: '
          + ', '.join(f'{len(listed)} {split}' for split, listed in splits.items()))
    return 0


if __name__ == '__main__':
    run_tool(lambda: main(sys.argv[1:]))
