"""The card of Nightscape's experts: what they still see where an image lacks colour, sharpness, quiet or daylight.

An expert that judges content and not style loses little from a day to the same day in grey, blurred or noisy, and much
from a day to the night or the thermal image of the same scene.
"""

import argparse
import json
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
from mmengine.registry import init_default_scope

from nightgen.apis.files import find_pictures, write_picture
from nightgen.apis.folder_evaluation import FolderSamples, evaluate_samples
from nightgen.checkpoint import CheckpointError
from nightgen.datasets.nightscape import rendered_name
from nightgen.evaluation import metric_table, plain_numbers
from nightgen.models.experts import expert_config
from nightgen.registry import METRICS
from nightgen.utils.cli import UsageError, run_tool
from nightgen.utils.files import write_text
from nightgen.utils.images import read_image
from nightgen.utils.progress import ProgressBar

EXAMPLE = '''example:
  python tools/dataset_converters/nightscape.py --out data/nightscape_experts --train 1200 --val 60 --test 0 --seed 7
  python tools/analysis_tools/expert_card.py data/nightscape_experts/val'''

BLUR, NOISE = 2.0, 15.0  # deviations: pixels, grey values
SHOWN = dict(IoU=('road', 'building', 'sky', 'car', 'person', 'traffic_sign'),
             AP=('car', 'person', 'rider', 'bus', 'truck', 'traffic_light'))


def grey(image: np.ndarray, index: int) -> np.ndarray:
    """The image without colour."""
    return np.repeat(cv2.cvtColor(image, cv2.COLOR_RGB2GRAY)[..., None], 3, 2)


def blurred(image: np.ndarray, index: int) -> np.ndarray:
    """The image through a Gaussian of deviation BLUR."""
    return cv2.GaussianBlur(image, (0, 0), BLUR)


def noisy(image: np.ndarray, index: int) -> np.ndarray:
    """The image with white noise of deviation NOISE, the same for the image of a number in every run."""
    noise = np.random.default_rng(index).normal(0, NOISE, image.shape)
    return np.clip(np.rint(image + noise), 0, 255).astype(np.uint8)


CHANGES: dict[str, Callable[[np.ndarray, int], np.ndarray]] = {
    'blurred day': blurred, 'noisy day': noisy, 'grey day': grey}


def parse_args(argv: list[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, epilog=EXAMPLE,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('scenes', type=Path, help='val or test of a rendered Nightscape')
    parser.add_argument('--experts', default='nightgen::_base_/experts/nightscape.py', metavar='FILE',
                        help='file with segmentation_expert and detection_expert')
    parser.add_argument('--also', nargs=3, action='append', default=[], metavar=('NAME', 'IMAGES', 'LABELS'),
                        help='a further row of the segmentor: images and their label maps in train ids')
    parser.add_argument('--also-boxes', nargs=3, action='append', default=[], metavar=('NAME', 'IMAGES', 'BOXES'),
                        help='a further row of the detector: images and a COCO file of their boxes')
    parser.add_argument('--json', metavar='OUT', help='write the numbers here')
    return parser.parse_args(argv)


def change(folder: Path, out: Path, how: Callable[[np.ndarray, int], np.ndarray]) -> Path:
    """Writes the changed images of a folder, as PNG under their names."""
    for index, (path, name) in enumerate(find_pictures(folder)):
        write_picture((out / name).with_suffix('.png'), how(read_image(str(path)), index))
    return out


def row(images: Path, experts: dict[str, dict], labels: Path | None = None,
        boxes: Path | None = None) -> dict[str, float]:
    """What the experts find in the images against label maps or boxes: mIoU and IoU_*, mAP and AP_*."""
    configs = []
    if labels is not None:
        configs.append(dict(type='SegmentationConsistency', expert=experts['segmentation']))
    if boxes is not None:
        configs.append(dict(type='DetectionConsistency', expert=experts['detection']))
    samples = FolderSamples(images, labels=labels, boxes=boxes)
    bar = ProgressBar(images.name, len(samples))
    numbers = evaluate_samples([METRICS.build(config) for config in configs], samples, progress=bar.update)
    bar.close()
    return numbers


def main(argv: list[str] | None = None) -> int:
    args = parse_args(argv)
    init_default_scope('nightgen')
    data = rendered_name(args.scenes)
    if data is None:
        raise UsageError(f'{args.scenes} is no part of a rendered Nightscape: no manifest.json lies above it')
    experts = {kind: expert_config(args.experts, kind) for kind in ('segmentation', 'detection')}
    rows, label = {}, args.scenes / 'label'
    with tempfile.TemporaryDirectory() as made:
        day = args.scenes / 'day'
        folders = {'true day': day, **{name: change(day, Path(made) / name.replace(' ', '_'), how)
                                       for name, how in CHANGES.items()},
                   'night': args.scenes / 'night', 'thermal': args.scenes / 'thermal'}
        for name, folder in folders.items():
            rendering = folder.name if folder.name in ('night', 'thermal') else 'day'
            rows[name] = row(folder, experts, label, args.scenes / f'boxes_{rendering}.json')
    for name, images, labels in args.also:
        rows[name] = row(Path(images), experts, labels=Path(labels))
    for name, images, boxes in args.also_boxes:
        rows[name] = {**rows.get(name, {}), **row(Path(images), experts, boxes=Path(boxes))}
    for mean, kind in (('mIoU', 'IoU'), ('mAP', 'AP')):
        keys = [mean, *(f'{kind}_{name}' for name in SHOWN[kind])]
        print('\n' + metric_table({f'{name}/{key}': values[key] for name, values in rows.items() if mean in values
                                   for key in keys if key in values}, heading=data))
    if args.json:
        content = dict(data=data, experts=args.experts, blur=BLUR, noise=NOISE, rows=rows)
        write_text(args.json, json.dumps(plain_numbers(content), indent=1) + '\n')
        print(f'written to {args.json}')
    return 0


if __name__ == '__main__':
    run_tool(lambda: main(sys.argv[1:]), CheckpointError, OSError, ValueError)
