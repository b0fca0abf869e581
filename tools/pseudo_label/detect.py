"""Writes the boxes that an expert finds in a folder of pictures: one JSON file of COCO's form, with scores."""

import argparse
import json
import sys
from pathlib import Path

from expert_options import EXPECTED, add_options, expert_options

from nightgen.apis.files import find_pictures
from nightgen.apis.pseudo_labels import batches
from nightgen.models.experts import load_expert
from nightgen.utils.cli import run_tool
from nightgen.utils.devices import chosen_device
from nightgen.utils.files import write_text
from nightgen.utils.progress import ProgressBar
from nightgen.utils.ranges import checked_range

EXAMPLE = '''example:
  python tools/pseudo_label/detect.py nightgen::_base_/experts/nightscape.py data/nightscape/val/day boxes.json
  python tools/pseudo_label/detect.py configs/_base_/experts/rtmdet_m_coco.py data/flir/train/day boxes.json \\
      --score-threshold 0.3

Categories are the classes of Cityscapes, numbered by their train ids; FolderDetectionExpert reads the file.'''


def parse_args(argv: list[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, epilog=EXAMPLE,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    add_options(parser)
    parser.add_argument('out', type=Path, help='JSON file to write')
    parser.add_argument('--score-threshold', type=float, help='leave boxes with a lower score out')
    return parser.parse_args(argv)


def main(argv: list[str] | None = None) -> int:
    args = parse_args(argv)
    args.range = checked_range(args.range)
    found = find_pictures(args.input)
    if args.out.suffix.lower() != '.json':
        raise ValueError(f'{args.out}: boxes are written to one file ending in .json')
    options = dict(expert_options(args), score_threshold=args.score_threshold)
    expert = load_expert(args.expert, 'detection', args.checkpoint, **options)
    expert.to(chosen_device(args.device))
    content = dict(info=dict(expert=expert.card), images=[], annotations=[],
                   categories=[dict(id=number, name=name) for number, name in enumerate(expert.classes)])
    bar = ProgressBar('detecting', len(found))
    for names, pictures in batches(args.input, args.batch_size, args.range):
        for name, boxes in zip(names, expert(pictures), strict=True):
            image = dict(id=len(content['images']), file_name=name, width=pictures.shape[-1],
                         height=pictures.shape[-2])
            content['images'].append(image)
            for (left, top, right, bottom), score, label in zip(
                    boxes['bboxes'].tolist(), boxes['scores'].tolist(), boxes['labels'].tolist(), strict=True):
                content['annotations'].append(dict(
                    id=len(content['annotations']), image_id=image['id'], category_id=label,
                    bbox=[left, top, right - left, bottom - top], area=(right - left) * (bottom - top), score=score,
                    iscrowd=0))
        bar.update(len(names))
    bar.close()
    write_text(args.out, json.dumps(content) + '\n')
    print(f'{args.out}: {len(content["annotations"])} boxes in {len(found)} images by {expert.card["config"]}, '
          f'weights {expert.card["sha256"][:8]}')
    return 0


if __name__ == '__main__':
    run_tool(lambda: main(sys.argv[1:]), *EXPECTED)
