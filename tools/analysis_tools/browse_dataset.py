"""Shows what a config's data looks like: pictures per domain, and grids of files beside the samples made of them.

    python tools/analysis_tools/browse_dataset.py configs/n2d_lpnet/nightscape.py --out-dir work_dirs/browse --number 8

Each domain gets ``<split>_<domain>.png``: a row of files as they are, with their names, below it the samples
as training sees them (one such pair of rows per eight samples); ``<split>_<domain>.txt`` has the files' paths, in the
order of the columns. Seeded: the same command gives the same images.
"""

import argparse
import sys
from pathlib import Path
from typing import NamedTuple

import cv2
import numpy as np
from mmengine.registry import init_default_scope

from nightgen.datasets import UnpairedDataset
from nightgen.datasets.samplers import ResumableSampler
from nightgen.registry import DATASETS
from nightgen.utils.cli import CONFIG_HELP, ConfigOptions, load_config
from nightgen.utils.files import write_text
from nightgen.utils.images import read_image, tensor_to_image, to_uint8, write_image
from nightgen.utils.progress import ProgressBar
from nightgen.visualization.grid import labelled

COLUMNS = 8


class Shown(NamedTuple):
    """A file's path, its picture as it is, and the sample made of it, both H,W,3 RGB."""

    path: str
    file: np.ndarray
    sample: np.ndarray


def parse_args(argv: list[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('config', help=CONFIG_HELP)
    parser.add_argument('--out-dir', type=Path, default=Path('work_dirs/browse'))
    parser.add_argument('--number', type=int, default=8, help='samples of each domain (default: %(default)s)')
    parser.add_argument('--splits', nargs='+', default=['train', 'val', 'test'], choices=['train', 'val', 'test'],
                        help='which data loaders of the config (default: all that it has)')
    parser.add_argument('--seed', type=int, default=0)
    parser.add_argument('--cell', type=int, default=256, help='side of an image in the grid, pixels')
    parser.add_argument('--cfg-options', nargs='+', action=ConfigOptions,
                        help='settings in place of those of the config')
    return parser.parse_args(argv)


def cell_of(image: np.ndarray, side: int) -> np.ndarray:
    """The picture inside a grey square, aspect ratio kept."""
    image = to_uint8(image)
    if image.ndim == 2 or image.shape[2] == 1:
        image = np.repeat(image.reshape(*image.shape[:2], 1), 3, axis=2)
    factor = side / max(image.shape[:2])
    size = max(1, round(image.shape[1] * factor)), max(1, round(image.shape[0] * factor))
    image = cv2.resize(image, size, interpolation=cv2.INTER_AREA if factor < 1 else cv2.INTER_NEAREST)
    square = np.full((side, side, 3), 128, np.uint8)
    top, left = (side - image.shape[0]) // 2, (side - image.shape[1]) // 2
    square[top:top + image.shape[0], left:left + image.shape[1]] = image
    return square


def grid_of(shown: list[Shown], side: int) -> np.ndarray:
    """Rows of files with their names, each above its row of samples."""
    pairs = [(labelled(cell_of(one.file, side), Path(one.path).name), cell_of(one.sample, side)) for one in shown]
    rows = []
    for start in range(0, len(pairs), COLUMNS):
        part = pairs[start:start + COLUMNS]
        for place in (0, 1):
            cells = [pair[place] for pair in part]
            cells += [np.full((side, side, 3), 128, np.uint8)] * (min(COLUMNS, len(pairs)) - len(part))
            rows.append(np.concatenate(cells, axis=1))
    return np.concatenate(rows, axis=0)


def samples_of(dataset: object, number: int, seed: int) -> dict[str, list[Shown]]:
    """What is shown of each domain, and the hidden truth as a domain of its own."""
    found: dict[str, list] = {}
    draws = iter(ResumableSampler(dataset, shuffle=isinstance(dataset, UnpairedDataset), seed=seed))
    bar = ProgressBar('loading', min(number, len(dataset)))
    for _ in range(min(number, len(dataset))):
        sample = dataset[next(draws)]
        record = sample['data_samples']
        for name, value in sample['inputs'].items():
            if not name.startswith('real'):
                continue
            domain = name.removeprefix('real').lstrip('_') or 'images'
            path = record.img_path[domain] if isinstance(record.img_path, dict) else record.img_path
            found.setdefault(domain, []).append(Shown(str(path), read_image(path), tensor_to_image(value)))
        if 'truth' in record:
            truth = tensor_to_image(record.truth)
            found.setdefault('truth', []).append(Shown(f'truth of {Path(path).name}', truth, truth))
        bar.update()
    bar.close()
    return found


def counts_of(dataset: object) -> str:
    """Numbers of pictures by domain, in words."""
    if isinstance(dataset, UnpairedDataset):
        return ', '.join(f'{domain} {size}' for domain, size in dataset.sizes().items())
    truth = ' with truth' if getattr(dataset, 'truth', None) is not None else ''
    skipped = len(getattr(dataset, 'skipped', ()))
    return f'{getattr(dataset, "domain", None) or "images"} {len(dataset)}{truth}' + \
        (f', {skipped} skipped' if skipped else '')


def main(argv: list[str] | None = None) -> int:
    args = parse_args(argv)
    config = load_config(args.config, args.cfg_options)
    init_default_scope('nightgen')
    loaders = {split: config.get(f'{split}_dataloader') for split in args.splits}
    loaders = {split: loader for split, loader in loaders.items() if loader}
    if not loaders:
        print(f'{args.config} has no data loader for {", ".join(args.splits)}', file=sys.stderr)
        return 1
    for split, loader in loaders.items():
        dataset = DATASETS.build(loader['dataset'])
        dataset.full_init()
        print(f'{split}: {counts_of(dataset)}')
        for domain, shown in samples_of(dataset, args.number, args.seed).items():
            path = args.out_dir / f'{split}_{domain}.png'
            write_image(path, grid_of(shown, args.cell))
            write_text(path.with_suffix('.txt'), ''.join(f'{one.path}\n' for one in shown))
            print(f'  {path}')
    return 0


if __name__ == '__main__':
    sys.exit(main())
