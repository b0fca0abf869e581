"""What the tools that label a folder share: the options that choose an expert, and the mistakes that users make."""

import argparse
from pathlib import Path

from nightgen.checkpoint import CheckpointError
from nightgen.models.experts import MissingPackageError
from nightgen.utils.ranges import RANGE_HELP

EXPECTED = (CheckpointError, MissingPackageError, OSError, ValueError, KeyError, TypeError)
"""What is wrong with what the user gave, rather than with the program."""


def add_options(parser: argparse.ArgumentParser) -> None:
    """The expert, the pictures, and how to run."""
    parser.add_argument('expert', help='expert file (configs/_base_/experts/..., nightgen::_base_/experts/...), or a '
                                       'config of mmseg or mmdet with --checkpoint')
    parser.add_argument('input', type=Path, help='image, or folder of images')
    parser.add_argument('--checkpoint', help="weights: path or URL; instead of the expert file's own")
    parser.add_argument('--class-map', help="from the model's classes to Cityscapes train ids: cityscapes, coco, "
                                            'coco_panoptic, pascal_context, or a JSON file')
    parser.add_argument('--input-size', nargs='+', metavar='SIZE',
                        help='how images are resized for the model: HEIGHT WIDTH, config, or none')
    add_running_options(parser)


def add_running_options(parser: argparse.ArgumentParser) -> None:
    """How to run."""
    parser.add_argument('--batch-size', type=int, default=4, help='images of one size per forward pass')
    parser.add_argument('--range', default='full', help=RANGE_HELP)
    parser.add_argument('--autocast', choices=('bf16', 'fp16'), help='reduced precision')
    parser.add_argument('--device', help='cpu, cuda, cuda:1 ...; default: a GPU if there is one')


def expert_options(args: argparse.Namespace) -> dict:
    """Arguments for the expert, of the command line."""
    options = dict(class_map=args.class_map, batch_size=args.batch_size, autocast=args.autocast)
    if args.input_size is not None:
        if args.input_size in (['config'], ['none']):
            options['input_size'] = 'config' if args.input_size == ['config'] else None
        elif len(args.input_size) == 2 and all(size.isdigit() for size in args.input_size):
            options['input_size'] = tuple(int(size) for size in args.input_size)
        else:
            raise ValueError(f'--input-size takes HEIGHT WIDTH, config or none, got {" ".join(args.input_size)}')
    return options
