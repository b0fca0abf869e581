"""Prepares KAIST as MornGAN's experiments need it: pictures of the published lists, 360x288, and their boxes.

Training pictures are resized to 500x400 and the 360x288 in their centre are cut out. Test pictures are NOT resized: the
360x288 in the centre of 640x512 are cut out, an oversight of PearlGAN's authors that every published score contains
(morngan spec 4.4); --resize-test treats them like the training pictures. Written:
  OUT/train/day, OUT/train/thermal    1,674 visible days and 1,359 thermal nights
  OUT/test/thermal, OUT/test/day      500 thermal nights and 15 days
  OUT/test/boxes_thermal.json         persons: the boxes moved and clipped with their pictures
  OUT/test/label                      with --masks: the authors' label maps of the 500 nights, checked
"""

import argparse
import json
import sys
from pathlib import Path

from thermal_pictures import add_options, check, copy_masks, prepare, what_to_prepare, written_nights

from nightgen.datasets.kaist import native_path, read_annotation
from nightgen.datasets.preparation import ResizeCrop, coco_content, keep_visible
from nightgen.datasets.splits import kaist_parts
from nightgen.utils.files import write_text
from nightgen.utils.progress import ProgressBar

EXAMPLE = '''example:
  python tools/dataset_converters/kaist.py kaist-rgbt data/kaist --check
  python tools/dataset_converters/kaist.py kaist-rgbt data/kaist --masks KAIST_test_masks
'''
NATIVE_SIZE = (640, 512)


def find_picture(root: Path, name: str, rendering: str) -> Path | None:
    """The file of a frame (also as PNG), or None."""
    path = root / native_path(name, rendering)
    return next((file for file in (path, path.with_suffix('.png')) if file.is_file()), None)


def annotation_file(folder: Path, name: str) -> Path | None:
    """The box file of a frame: ``set04/V001/I02120.txt``, or flat as improved annotations come."""
    parts = kaist_parts(name)
    return next((file for file in (folder / Path(*parts[:2]) / f'{parts[2]}.txt', folder / f'{"_".join(parts)}.txt')
                 if file.is_file()), None)


def write_boxes(folder: Path, out: Path, rule: ResizeCrop, args: argparse.Namespace) -> None:
    """Move the boxes of the test pictures that were written, and say what became of them."""
    pictures, boxes, before, without = [], {}, 0, []
    for name in written_nights('kaist', out):
        file = annotation_file(folder, name)
        if file is None:
            without.append(name)
            continue
        entries = [('person', box) for label, box in read_annotation(file.read_text(), str(file))
                   if label in args.classes]
        before += len(entries)
        pictures.append((f'{name}.png', *rule.crop))
        boxes[f'{name}.png'] = keep_visible(rule, entries, *NATIVE_SIZE, args.min_visible)
    if not pictures:
        print(f'no boxes: {folder} has no annotation of a test image (--boxes names another folder)', file=sys.stderr)
        return
    if without:
        print(f'{len(without)} test images have no annotation, the first is {without[0]}', file=sys.stderr)
    content = coco_content(pictures, boxes, ['person'], classes=args.classes, resize=rule.resize, crop=rule.crop,
                           min_visible=args.min_visible)
    write_text(out / 'test/boxes_thermal.json', json.dumps(content) + '\n')
    print(f'{out / "test/boxes_thermal.json"}: {len(content["annotations"])} of {before} boxes in {len(pictures)} '
          'images')


def parse_args(argv: list[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, epilog=EXAMPLE,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('source', type=Path, help='the download: the folder with images and annotations')
    add_options(parser, Path('data/kaist'))
    parser.add_argument('--boxes', type=Path, metavar='DIR', help='annotation folder (default: SOURCE/annotations)')
    parser.add_argument('--classes', nargs='+', default=['person'], metavar='NAME',
                        help='annotated classes that count as persons, of person, people, cyclist, person? '
                             '(default: person)')
    parser.add_argument('--resize-test', action='store_true', help='resize test images too (no published score does)')
    return parser.parse_args(argv)


def main(argv: list[str] | None = None) -> int:
    args = parse_args(argv)
    if not (args.source / 'images').is_dir():
        raise SystemExit(f'{args.source} is no KAIST: it has no folder images')
    folder = args.boxes or args.source / 'annotations'
    jobs = what_to_prepare('kaist', lambda name, rendering: find_picture(args.source, name, rendering))
    if args.check:
        return check(jobs, args.source, {'boxes': folder, 'label maps': args.masks})
    resized = ResizeCrop(interpolation=args.interpolation)
    tested = resized if args.resize_test else ResizeCrop(resize=None)
    rules = dict(train=resized, test=tested)
    written = prepare(jobs, args.out, lambda job: rules[job.split], args, ProgressBar('KAIST'))
    write_boxes(folder, args.out, tested, args)
    if args.masks:
        copy_masks(args.masks, args.out, written_nights('kaist', args.out), tested.crop)
    return 0 if written else 1


if __name__ == '__main__':
    sys.exit(main())
