"""Writes an expert's label maps of a folder of pictures: PNGs of Cityscapes train ids, 255 where unlabelled."""

import argparse
import sys
from pathlib import Path

from expert_options import EXPECTED, add_options, expert_options

from nightgen.apis.files import check_targets, find_pictures, write_picture
from nightgen.apis.pseudo_labels import batches
from nightgen.models.experts import load_expert
from nightgen.utils.cli import run_tool
from nightgen.utils.devices import chosen_device
from nightgen.utils.progress import ProgressBar
from nightgen.utils.ranges import checked_range

EXAMPLE = '''example:
  python tools/pseudo_label/segment.py nightgen::_base_/experts/nightscape.py data/nightscape/val/day labels/
  python tools/pseudo_label/segment.py configs/_base_/experts/ocrnet_hr48_cityscapes.py data/flir/train/day \\
      data/flir/train/label_day

Label maps have the names of their pictures; a rerun goes on where one stopped.'''


def parse_args(argv: list[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, epilog=EXAMPLE,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    add_options(parser)
    parser.add_argument('out', type=Path, help='folder to write to')
    return parser.parse_args(argv)


def main(argv: list[str] | None = None) -> int:
    args = parse_args(argv)
    args.range = checked_range(args.range)
    found = find_pictures(args.input)
    targets = {name: args.out / Path(name).with_suffix('.png') for _, name in found}
    check_targets((path for path, _ in found), targets.values())
    if all(target.is_file() for target in targets.values()):
        print(f'{args.out}: all {len(targets)} label maps are there')
        return 0
    expert = load_expert(args.expert, 'segmentation', args.checkpoint, **expert_options(args))
    expert.to(chosen_device(args.device))
    bar = ProgressBar('labelling', len(targets))
    for names, pictures in batches(args.input, args.batch_size, args.range):
        if not all(targets[name].is_file() for name in names):
            for name, label in zip(names, expert(pictures).cpu(), strict=True):
                write_picture(targets[name], label.byte().numpy())
        bar.update(len(names))
    bar.close()
    print(f'{args.out}: {len(targets)} label maps by {expert.card["config"]}, weights {expert.card["sha256"][:8]}')
    return 0


if __name__ == '__main__':
    run_tool(lambda: main(sys.argv[1:]), *EXPECTED)
