"""Writes an expert's label maps of a folder of pictures: PNGs of Cityscapes train ids, 255 where unlabelled."""

import argparse
import sys
from pathlib import Path

from expert_options import EXPECTED, add_options, expert_options
from label_folder import Labeller, label_folder

from nightgen.models.experts import load_expert
from nightgen.utils.cli import run_tool
from nightgen.utils.devices import chosen_device
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

    def build() -> Labeller:
        expert = load_expert(args.expert, 'segmentation', args.checkpoint, **expert_options(args))
        print(f'labels by {expert.card["config"]}, weights {expert.card["sha256"][:8]}')
        return expert.to(chosen_device(args.device))

    number = label_folder(args.input, args.out, args.batch_size, checked_range(args.range), build)
    print(f'{args.out}: {number} label maps')
    return 0


if __name__ == '__main__':
    run_tool(lambda: main(sys.argv[1:]), *EXPECTED)
