"""Which similarity tells DiCo's background from what moves, for each layer of a config's features.

    python tools/analysis_tools/mask_thresholds.py configs/dico/nightscape_small.py \\
        data/nightscape_cameras_small/val/day data/nightscape_cameras_small/val/label \\
        'data/nightscape_cameras_small_references/{camera}.png'

Each image is compared with its camera's reference as the losses compare a translation, and the masks with its label
map. Days show what a perfect translation would; nights with --checkpoint are translated first. A place of a layer is
foreground where more than half of its pixels belong to something that moves, background where less than a twentieth
does; the others are left out. Choose on validation pictures.
"""

import argparse
import sys
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from nightgen.apis import init_model
from nightgen.apis.files import find_pictures
from nightgen.checkpoint import CheckpointError
from nightgen.datasets.reference import reference_path
from nightgen.evaluation.functional import area_under_roc, at_threshold, best_threshold
from nightgen.evaluation.metrics.region_error import MOVING
from nightgen.models.layers import elementwise_similarity
from nightgen.models.task_modules.feature_maps import background_thresholds_of, feature_maps_of
from nightgen.structures.class_maps import CITYSCAPES_CLASSES
from nightgen.utils.cli import ConfigOptions, UsageError, load_config, run_tool
from nightgen.utils.images import image_to_tensor, read_image, to_uint8
from nightgen.utils.shipped import config_path

STEPS = np.arange(-1, 1, 0.01).round(2)
FOREGROUND, BACKGROUND = 0.5, 0.05  # of a place's pixels


def load(path: Path) -> Tensor:
    """A picture as 1,3,H,W in [-1, 1]."""
    return image_to_tensor(to_uint8(read_image(str(path))))[None].float() / 127.5 - 1


def moving(path: Path) -> Tensor:
    """Where a label map of Cityscapes train ids has something that moves: 1,1,H,W of 0 and 1."""
    numbers = [CITYSCAPES_CLASSES.index(name) for name in MOVING]
    return torch.from_numpy(np.isin(read_image(str(path), 'label'), numbers))[None, None].float()


def triples(images: Path, labels: Path, reference: str) -> list[tuple[Path, Path, Path]]:
    """Image, label map of the same name, and reference of the camera, which is the image's folder.

    Raises:
        UsageError: An image without one of the others.
    """
    found = []
    for path, name in find_pictures(images):
        camera = path.parent.name
        day = Path(reference_path(reference, str(images), dict(camera=camera, img_path=path), 'mask_thresholds'))
        label = (labels / name).with_suffix('.png')
        missing = next((file for file in (label, day) if not file.is_file()), None)
        if missing:
            raise UsageError(f'{missing}, which belongs to {path}, does not exist')
        found.append((path, label, day))
    return found


def parse_args(argv: list[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('config')
    parser.add_argument('images', type=Path, help='folder of images, one sub-folder a camera')
    parser.add_argument('labels', type=Path, help='folder of their label maps, of the same names, Cityscapes train ids')
    parser.add_argument('reference', help='file of the references, with {camera}')
    parser.add_argument('--checkpoint', help='trained weights: the images are translated first')
    parser.add_argument('--cfg-options', nargs='+', action=ConfigOptions, help='changes: key=value ...')
    return parser.parse_args(argv)


@torch.no_grad()
def main(argv: list[str] | None = None) -> int:
    args = parse_args(argv)
    model = init_model(load_config(str(config_path(args.config)), args.cfg_options), args.checkpoint)
    maps = feature_maps_of(model)
    similarities: list[list[Tensor]] = []
    shares: list[list[Tensor]] = []
    for path, label, day in triples(args.images, args.labels, args.reference):
        image, reference, moves = load(path), load(day), moving(label)
        if not image.shape[2:] == reference.shape[2:] == moves.shape[2:]:
            raise UsageError(f'{path}, {label} and {day} differ in size')
        image = model.translate(image) if args.checkpoint else image
        layers = list(zip(*maps(image=image, reference=reference), strict=True))
        similarities.append([elementwise_similarity(*pair).flatten() for pair in layers])
        shares.append([F.adaptive_avg_pool2d(moves, pair[0].shape[2:]).flatten() for pair in layers])
    names = getattr(maps.network, 'layers', range(len(similarities[0])))
    limits = background_thresholds_of(model, len(similarities[0]))
    what = 'translated images' if args.checkpoint else 'images'
    print(f'{len(similarities)} {what} of {args.images}')
    for number, (name, limit) in enumerate(zip(names, limits, strict=True)):
        similarity, share = (torch.cat([row[number] for row in rows]).numpy() for rows in (similarities, shares))
        clear = (share > FOREGROUND) | (share < BACKGROUND)
        values, background = similarity[clear], share[clear] < BACKGROUND
        if background.all() or not background.any():
            raise UsageError(f'{args.labels}: {name} has places of one kind only, foreground or background')
        print(f'{name}: {background.mean():.1%} of {len(values)} places are background; area under the curve '
              f'{area_under_roc(values, background):.3f}')
        for word, found in (("the config's", at_threshold(values, background, limit)),
                            ('the best', best_threshold(values, background, STEPS))):
            print(f'    {word} threshold {found.threshold:.2f}: balanced accuracy {found.balanced:.3f}, foreground '
                  f'found {found.kept:.1%}, background found {found.found:.1%}')
    return 0


if __name__ == '__main__':
    run_tool(lambda: main(sys.argv[1:]), OSError, ValueError, CheckpointError)
