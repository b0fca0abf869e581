"""Shows what DiCo sees of an image: its colour invariants, and what it takes for background.

    python tools/analysis_tools/invariants_and_masks.py configs/dico/cameras.py night.png reference.png out.png \\
        --checkpoint work_dirs/cameras/iter_1000.pth

First row: image, translation, reference, the mixture (its first three channels as colours). Second: each invariant.
Then for each layer of features two rows, of the image itself and of its translation: similarity with the reference
(black -1, white 1), the mask of the background (white), and the image where the mask has foreground. Without a
checkpoint nothing is translated, and the invariants are at the scale that training starts from.
"""

import argparse
import sys
from pathlib import Path

import cv2
import numpy as np
import torch
from torch import Tensor

from nightgen.apis import init_model
from nightgen.apis.files import write_picture
from nightgen.checkpoint import CheckpointError
from nightgen.models.layers import LearnableColorInvariant, background_mask, elementwise_similarity
from nightgen.models.task_modules.feature_maps import background_thresholds_of, feature_maps_of
from nightgen.models.translators import BaseTranslator
from nightgen.models.translators.translating import to_uint8 as to_bytes
from nightgen.utils.cli import ConfigOptions, UsageError, load_config, run_tool
from nightgen.utils.images import image_to_tensor, read_image, tensor_to_image, to_uint8
from nightgen.utils.shipped import config_path
from nightgen.visualization.grid import make_grid

Rows = list[tuple[str, list[np.ndarray]]]


def unit_range(x: Tensor) -> np.ndarray:
    """A map H,W as uint8, black at its 1st and white at its 99th percentile; black throughout where it is flat."""
    low, high = (float(x.flatten().quantile(share)) for share in (0.01, 0.99))
    return ((x - low) / max(high - low, 1e-6)).clamp(0, 1).mul(255).round().byte().numpy()


def colours(x: Tensor) -> np.ndarray:
    """The first three channels of C,H,W as a picture; a single one is grey."""
    maps = [unit_range(channel) for channel in x[:3]]
    return np.stack(maps + maps[:1] * (3 - len(maps)), axis=-1)


def invariant_rows(model: BaseTranslator, image: Tensor, first: list[np.ndarray]) -> Rows:
    """The row of the picture, with the mixture at its end, and that of the invariants.

    Args:
        model: The translator; where its generator has no invariants, those that DiCo starts from are shown.
        image: 1,3,H,W in [-1, 1].
        first: What the first row begins with.
    """
    generator = next(iter(model.generators.values()))
    layer = getattr(generator, 'invariant', None) or LearnableColorInvariant()
    rgb = (image + 1) / 2
    parts = layer.eval().parts(rgb)[0]
    return [('image', [*first, colours(layer(rgb)[0])]),
            (' '.join(layer.invariants), [unit_range(part) for part in parts])]


def separation_rows(model: BaseTranslator, pictures: dict[str, Tensor], reference: Tensor) -> Rows:
    """For each layer and picture: similarity with the reference, mask, and the picture's foreground."""
    maps = feature_maps_of(model)
    (wanted,), rows = maps(image=reference), []
    limits = background_thresholds_of(model, len(wanted))
    for name, picture in pictures.items():
        (found,) = maps(image=picture)
        for number, (part, other) in enumerate(zip(found, wanted, strict=True)):
            similarity = elementwise_similarity(part, other)
            mask = background_mask(similarity, limits[number])
            rows.append((number, name, similarity[0, 0], mask[0, 0], tensor_to_image(to_bytes(picture)[0])))
    layers = getattr(maps.network, 'layers', range(len(wanted)))
    return [(f'{layers[number]}, {name}: {float(mask.mean()):.0%} background', separation(similarity, mask, picture))
            for number, name, similarity, mask, picture in sorted(rows, key=lambda row: row[0])]


def separation(similarity: Tensor, mask: Tensor, picture: np.ndarray) -> list[np.ndarray]:
    """Similarity, mask and foreground at the size of the picture."""
    size = picture.shape[1], picture.shape[0]
    grey, white = (cv2.resize(part.numpy().astype(np.float32), size, interpolation=cv2.INTER_NEAREST)
                   for part in ((similarity + 1) * 127.5, mask * 255))
    return [grey.round().astype(np.uint8), white.astype(np.uint8), np.where(white[..., None] > 127, 0, picture)]


def load(path: Path, size: list[int] | None) -> Tensor:
    """A picture as 1,3,H,W in [-1, 1]."""
    picture = to_uint8(read_image(str(path)))
    if size:
        picture = cv2.resize(picture, tuple(size[::-1]), interpolation=cv2.INTER_AREA)
    return image_to_tensor(picture)[None].float() / 127.5 - 1


def parse_args(argv: list[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('config')
    parser.add_argument('image', type=Path)
    parser.add_argument('reference', type=Path)
    parser.add_argument('out', type=Path)
    parser.add_argument('--checkpoint', help='trained weights')
    parser.add_argument('--size', type=int, nargs=2, metavar=('H', 'W'), help='resize both images first')
    parser.add_argument('--cell', type=int, default=320, help='largest side of an image in the grid, pixels')
    parser.add_argument('--cfg-options', nargs='+', action=ConfigOptions,
                        help='settings in place of those of the config')
    return parser.parse_args(argv)


@torch.no_grad()
def main(argv: list[str] | None = None) -> int:
    args = parse_args(argv)
    cfg = load_config(str(config_path(args.config)), args.cfg_options)
    model = init_model(cfg, args.checkpoint)
    image, reference = load(args.image, args.size), load(args.reference, args.size)
    if image.shape != reference.shape:
        raise UsageError(f'{args.image} is {image.shape[-2]}x{image.shape[-1]}, {args.reference} '
                         f'{reference.shape[-2]}x{reference.shape[-1]}; give --size H W')
    pictures = dict(image=image, **({'translation': model.translate(image)} if args.checkpoint else {}))
    first = [tensor_to_image(to_bytes(picture)[0]) for picture in (*pictures.values(), reference)]
    rows = [*invariant_rows(model, image, first),
            *separation_rows(model, pictures, reference)]
    write_picture(args.out, make_grid([row for _, row in rows], max_cell=args.cell, labels=[text for text, _ in rows]))
    print(f'{args.out}: ' + '; '.join(text for text, _ in rows[2:]))
    return 0


if __name__ == '__main__':
    run_tool(lambda: main(sys.argv[1:]), OSError, ValueError, CheckpointError)
