"""Measures what correcting a wrong region does to the colours, with the editor that the page uses.

In every photo the largest regions of the true map are filled with a wrong class, one after the other, as a segmentor
might see them, and then corrected. What is measured is the mean absolute error of a and b (Lab) inside the region and
outside it, against the photo's own colours.
"""

import argparse
import json
import random
from collections.abc import Iterator

import numpy as np

from nightgen.apis import SemanticMapEditor, init_model, translation_of
from nightgen.apis.folder_evaluation import picture_files
from nightgen.apis.semantic_editor import resize_label
from nightgen.checkpoint import CheckpointError
from nightgen.evaluation import metric_table
from nightgen.functional import rgb_to_lab
from nightgen.structures.label_sets import read_labels
from nightgen.utils.cli import run_tool
from nightgen.utils.devices import chosen_device
from nightgen.utils.images import read_image, to_uint8

SIDES = ('inside', 'outside')


def parse_args(arguments: list[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('config', help='config of a semantic colouriser')
    parser.add_argument('checkpoint', help='its checkpoint')
    parser.add_argument('photos', help='folder of colour photos')
    parser.add_argument('labels', help='folder of the true label maps, <name of the photo>.png')
    parser.add_argument('--label-set', help="label set of the maps; default: the model's")
    parser.add_argument('--regions', type=int, default=3, help='regions to change in each photo; default: %(default)s')
    parser.add_argument('--least', type=float, default=0.02, help='smallest region, as a share of the map; default: '
                                                                  '%(default)s')
    parser.add_argument('--seed', type=int, default=0, help='seed that chooses the wrong classes; default: %(default)s')
    parser.add_argument('--device', help='cpu, cuda, cuda:1 ...; default: a GPU if there is one')
    parser.add_argument('--json', action='store_true', help='print the numbers as JSON')
    return parser.parse_args(arguments)


def largest_regions(editor: SemanticMapEditor, most: int, least: float) -> list[tuple[int, int]]:
    """A position in each of the largest regions that hang together and have a class, largest first."""
    left = editor.label != editor.label_set.unlabelled
    sizes = {}
    while left.any():
        y, x = map(int, np.argwhere(left)[0])
        region = editor.region(x, y)
        sizes[x, y] = int(region.sum())
        left &= ~region
    enough = [place for place in sorted(sizes, key=sizes.get, reverse=True) if sizes[place] >= least * left.size]
    return enough[:most]


def error_beside(colours: np.ndarray, truth: np.ndarray, inside: np.ndarray) -> dict[str, float]:
    """Mean absolute difference of a and b inside a region and outside it."""
    difference = np.abs(rgb_to_lab(colours)[..., 1:] - rgb_to_lab(truth)[..., 1:]).mean(axis=2)
    return {side: float(difference[where].mean()) for side, where in zip(SIDES, (inside, ~inside), strict=True)}


def corrections(editor: SemanticMapEditor, photo: np.ndarray, args: argparse.Namespace, chance: random.Random
                ) -> Iterator[dict[str, float]]:
    """The errors with a wrong region and with the corrected one, for each of the largest."""
    for x, y in largest_regions(editor, args.regions, args.least):
        right, inside = editor.pick(x, y), resize_label(editor.region(x, y), photo.shape[:2])
        if inside.all():  # nothing is outside
            continue
        there = sorted(set(range(len(editor.label_set.classes))) - {right, editor.label_set.unlabelled})
        editor.fill(x, y, chance.choice(there))
        wrong = error_beside(editor.recolor(), photo, inside)
        editor.undo()  # to fill it again might flow into a neighbour of the wrong class
        corrected = error_beside(editor.recolor(), photo, inside)
        yield {f'{state}/{side}': errors[side] for state, errors in (('wrong', wrong), ('corrected', corrected))
               for side in SIDES}


def main(arguments: list[str] | None = None) -> None:
    args = parse_args(arguments)
    model = init_model(args.config, args.checkpoint, chosen_device(args.device))
    colorization, chance, measured = translation_of(model), random.Random(args.seed), []
    labels = picture_files(args.labels)
    for key, file in picture_files(args.photos).items():
        if key not in labels:
            raise FileNotFoundError(f'{file} has no map {key}.png in {args.labels}')
        photo = to_uint8(read_image(str(file)))
        opened = colorization.open(photo)
        label = read_labels(read_image(str(labels[key]), 'label'), args.label_set or model.label_set.name, key)
        editor = SemanticMapEditor(model.label_set, resize_label(label, opened.size), opened)
        measured += corrections(editor, photo, args, chance)
    if not measured:
        raise ValueError(f'no photo of {args.photos} has a region of {args.least} of its map')
    table = {name: float(np.mean([each[name] for each in measured])) for name in measured[0]}
    lower = float(np.mean([each['corrected/inside'] < each['wrong/inside'] for each in measured]))
    if args.json:
        print(json.dumps(dict(table, regions=len(measured), lower=lower), indent=2))
    else:
        print(metric_table(table))
        print(f'{len(measured)} regions; correcting lowers the error inside in {lower:.0%} of them')


if __name__ == '__main__':
    run_tool(main, CheckpointError, OSError, ValueError)
