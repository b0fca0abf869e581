"""Writes MornGAN's labels of day pictures: two experts' label maps, fused and denoised, one PNG a picture."""

import argparse
import sys
from pathlib import Path

import torch
from expert_options import EXPECTED, add_running_options
from label_folder import Labeller, label_folder

from nightgen.models.experts import load_expert
from nightgen.models.pseudo_labels import SemanticDenoising, fuse_labels
from nightgen.utils.cli import run_tool
from nightgen.utils.devices import chosen_device
from nightgen.utils.ranges import checked_range

EXAMPLE = '''example:
  python tools/pseudo_label/fuse.py configs/_base_/experts/ocrnet_hr48_cityscapes.py \\
      configs/_base_/experts/panoptic_fpn_r101_coco.py data/flir/train/day data/flir/train/label_day
  python tools/pseudo_label/fuse.py cityscapes_labels/ coco_labels/ data/flir/train/day data/flir/train/label_day

Persons, cars and buildings are kept where both experts see them, riders become persons; other classes are the first
expert's. Then vegetation, poles and sky lose the pixels that look like each other (specs: morngan 3.2, 3.3). An expert
may be a folder of label maps, as segment.py writes it. Nightscape has one expert; given twice, it loses its riders.
A rerun goes on where one stopped.'''


def parse_args(argv: list[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, epilog=EXAMPLE,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('semantic', help='expert of the classes of Cityscapes: expert file, or folder of label maps')
    parser.add_argument('panoptic', help='expert of COCO panoptic: expert file, or folder of label maps (train ids)')
    parser.add_argument('input', type=Path, help='image, or folder of images')
    parser.add_argument('out', type=Path, help='folder to write to')
    parser.add_argument('--no-denoise', action='store_true', help='fuse only')
    add_running_options(parser)
    return parser.parse_args(argv)


def main(argv: list[str] | None = None) -> int:
    args = parse_args(argv)

    def build() -> Labeller:
        device = chosen_device(args.device)
        experts = [load_expert(name, 'segmentation', batch_size=args.batch_size, autocast=args.autocast).to(device)
                   for name in (args.semantic, args.panoptic)]
        denoise = SemanticDenoising('day')

        def label(pictures: torch.Tensor, keys: list[str]) -> torch.Tensor:
            fused = fuse_labels(*(expert(pictures, keys).to(device) for expert in experts))
            return fused if args.no_denoise else denoise(fused, pictures.to(device))

        return label

    number = label_folder(args.input, args.out, args.batch_size, checked_range(args.range), build)
    print(f'{args.out}: {number} label maps')
    return 0


if __name__ == '__main__':
    run_tool(lambda: main(sys.argv[1:]), *EXPECTED)
