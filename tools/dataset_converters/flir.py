"""Prepares FLIR ADAS v1 as MornGAN's experiments need it: pictures of the published lists, 360x288, and their boxes.

Pictures are resized to 500x400 and the 360x288 in their centre are cut out (morngan spec 4.4), before any training:
published scores are only reached that way. Written:
  OUT/train/day, OUT/train/thermal    5,447 colour days and 2,899 thermal nights
  OUT/test/thermal, OUT/test/day      490 thermal nights and 10 days
  OUT/test/boxes_thermal.json         person, bicycle, car: the boxes moved and clipped with their pictures
  OUT/test/label                      with --masks: the authors' label maps of the 490 nights, checked
"""

import argparse
import json
import sys
from pathlib import Path

from thermal_pictures import add_options, check, copy_masks, prepare, what_to_prepare, written_nights

from nightgen.datasets.flir import NATIVE_FOLDERS, native_candidates
from nightgen.datasets.preparation import ResizeCrop, coco_content, keep_visible
from nightgen.structures.coco import CocoFile
from nightgen.utils.files import write_text
from nightgen.utils.progress import ProgressBar

EXAMPLE = '''example:
  python tools/dataset_converters/flir.py FLIR_ADAS_1_3 data/flir --check
  python tools/dataset_converters/flir.py FLIR_ADAS_1_3 data/flir --masks FLIR_test_masks
'''
CLASSES = dict(person='person', bicycle='bicycle', bike='bicycle', car='car')
"""The evaluated classes by their names in FLIR's files; dogs and other vehicles are left out."""


def find_root(source: Path) -> Path:
    """The folder that holds ``train`` and ``val``, given it or the folder around it."""
    for root in (source, *sorted(source.glob('*'))):
        if any((root / part / folder).is_dir() for part in ('train', 'val') for names in NATIVE_FOLDERS.values()
               for folder in names):
            return root
    raise SystemExit(f'{source} is no FLIR ADAS v1: no train or val folder with RGB or thermal_8_bit in it')


def find_picture(root: Path, name: str, rendering: str) -> Path | None:
    """The file of a frame, or None."""
    return next((root / path for path in native_candidates(name, rendering) if (root / path).is_file()), None)


def read_boxes(path: Path) -> dict[str, tuple[int, int, list]]:
    """Width, height and boxes (class, left, top, right, bottom) by the name of the frame, of a FLIR annotation file."""
    content = CocoFile(path.read_text(), path, unlisted=True)
    names = {number: Path(key).name for number, key in content.keys.items()}
    found = {names[number]: (image['width'], image['height'], []) for number, image in content.images.items()}
    for box in content.boxes:
        label = CLASSES.get(content.categories.get(box.category))
        if label is not None and not box.ignore:
            found[names[box.image]][2].append((label, box.corners))
    return found


def write_boxes(root: Path, out: Path, rule: ResizeCrop, args: argparse.Namespace) -> None:
    """Move the boxes of the test pictures that were written, and say what became of them."""
    path = args.boxes or root / 'val' / 'thermal_annotations.json'
    if not path.is_file():
        print(f'no boxes: {path} does not exist (--boxes names another file)', file=sys.stderr)
        return
    given, pictures, boxes, without = read_boxes(path), [], {}, []
    for name in written_nights('flir', out):
        if name not in given:
            without.append(name)
        else:
            width, height, entries = given[name]
            pictures.append((f'{name}.png', *rule.crop))
            boxes[f'{name}.png'] = keep_visible(rule, entries, width, height, args.min_visible)
    if without:
        print(f'{len(without)} test images are not in {path}, the first is {without[0]}', file=sys.stderr)
    content = coco_content(pictures, boxes, sorted(set(CLASSES.values())), source=str(path.name),
                           resize=rule.resize, crop=rule.crop, min_visible=args.min_visible)
    write_text(out / 'test/boxes_thermal.json', json.dumps(content) + '\n')
    print(f'{out / "test/boxes_thermal.json"}: {len(content["annotations"])} of '
          f'{sum(len(given[Path(name).stem][2]) for name, _, _ in pictures)} boxes in {len(pictures)} images')


def parse_args(argv: list[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, epilog=EXAMPLE,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('source', type=Path, help='the download: the folder with train and val, or the one around it')
    add_options(parser, Path('data/flir'))
    parser.add_argument('--boxes', type=Path, metavar='JSON', help='box file (default: val/thermal_annotations.json)')
    return parser.parse_args(argv)


def main(argv: list[str] | None = None) -> int:
    args = parse_args(argv)
    root = find_root(args.source)
    jobs = what_to_prepare('flir', lambda name, rendering: find_picture(root, name, rendering))
    if args.check:
        extra = {'boxes': args.boxes or root / 'val' / 'thermal_annotations.json', 'label maps': args.masks}
        return check(jobs, root, extra)
    rule = ResizeCrop(interpolation=args.interpolation)
    written = prepare(jobs, args.out, lambda job: rule, args, ProgressBar('FLIR'))
    write_boxes(root, args.out, rule, args)
    if args.masks:
        copy_masks(args.masks, args.out, written_nights('flir', args.out), rule.crop)
    return 0 if written else 1


if __name__ == '__main__':
    sys.exit(main())
