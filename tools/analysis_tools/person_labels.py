"""What pseudo-labelled persons do to TemperatureLoss: its value on the true thermal picture of a labelled day.

Nightscape's val and test show each scene by day and in thermal. The thermal picture is what a perfect translation of
the day would be, so that what the loss has against it is the labels' doing.
"""

import argparse
import sys
from pathlib import Path

import cv2
import numpy as np
import torch

from nightgen.apis.files import find_pictures
from nightgen.evaluation.table import metric_table
from nightgen.models.losses import temperature
from nightgen.models.pseudo_labels import DENOISING_RULES, semantic_denoise
from nightgen.utils.cli import run_tool
from nightgen.utils.images import image_to_tensor, read_image

EXAMPLE = '''example:
  python tools/dataset_converters/nightscape.py --out data/nightscape_persons --train 1 --val 1 --test 200
  python tools/pseudo_label/segment.py nightgen::_base_/experts/nightscape.py data/nightscape_persons/test/day \\
      data/nightscape_persons_pseudo
  python tools/analysis_tools/person_labels.py data/nightscape_persons/test data/nightscape_persons_pseudo'''

ROAD, PERSON, UNLABELLED = 0, 11, 255
SURROUNDINGS = (0, 1, 2, 8, 10)  # road, sidewalk, building, vegetation, sky: what persons stand before


def eroded(label: np.ndarray, pixels: int) -> np.ndarray:
    """The label map without the outermost pixels of its persons."""
    person = (label == PERSON).astype(np.uint8)
    kernel = np.ones((2 * pixels + 1,) * 2, np.uint8)
    core = cv2.erode(person, kernel, borderType=cv2.BORDER_CONSTANT, borderValue=1)
    return np.where((person == 1) & (core == 0), UNLABELLED, label).astype(np.uint8)


def denoised(label: np.ndarray, day: np.ndarray) -> np.ndarray:
    """Semantic denoising of day pictures, which leaves persons alone, with persons as a fourth class."""
    rules = DENOISING_RULES['day']
    made = semantic_denoise(torch.from_numpy(label), image_to_tensor(day), (*rules['order'], PERSON),
                            {**rules['confusers'], PERSON: SURROUNDINGS})
    return made.numpy()


def measure(label: np.ndarray, truth: np.ndarray, thermal: np.ndarray) -> dict[str, float]:
    """Of one scene: pixels labelled as persons, how many are true ones, and, where there is a road, the loss.

    ``loss`` is TemperatureLoss, ``on_person`` whether its minimum lies on a true person, ``median`` the loss with the
    persons' median in place of the minimum.
    """
    person, road = label == PERSON, label == ROAD
    found = dict(pixels=person.sum(), right=(truth[person] == PERSON).sum())
    if person.any() and road.any():
        image = torch.from_numpy(thermal)[None, None].float().expand(1, 3, -1, -1) / 127.5 - 1
        found['loss'] = temperature(image, torch.from_numpy(label.astype(np.int64))[None]).item()
        values, warmth = thermal / 255, thermal[road].mean() / 255
        found['on_person'] = truth.flat[np.where(person, values, np.inf).argmin()] == PERSON
        found['median'] = max(warmth - np.median(values[person]), 0) / (warmth + 1e-4)
    return {name: float(value) for name, value in found.items()}


def summary(rows: dict[str, list[dict[str, float]]]) -> dict[str, float]:
    """The table's entries of what :func:`measure` found in all scenes, by kind of label."""
    entries, true_pixels = {}, sum(row['pixels'] for row in rows['true'])
    if not any('loss' in row for row in rows['true']):
        raise ValueError('no scene has both a road and persons; render more scenes')
    for kind, found in rows.items():
        pixels, counted = sum(row['pixels'] for row in found), [row for row in found if 'loss' in row]
        columns = {'pixels to true': pixels / true_pixels, 'scenes': len(counted)}
        if pixels:
            columns['right'] = sum(row['right'] for row in found) / pixels
        if counted:
            for name, key in {'loss': 'loss', 'minimum right': 'on_person', 'loss of median': 'median'}.items():
                columns[name] = float(np.mean([row[key] for row in counted]))
        entries.update({f'{kind}/{name}': value for name, value in columns.items()})
    return entries


def parse_args(argv: list[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, epilog=EXAMPLE,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('scenes', type=Path, help='folder with day, thermal and label of the same scenes')
    parser.add_argument('pseudo', type=Path, help='folder of label maps of its day images')
    parser.add_argument('--crop', type=int, default=256, help='side of the window in the middle of each image')
    return parser.parse_args(argv)


def main(argv: list[str] | None = None) -> int:
    args = parse_args(argv)
    rows: dict[str, list[dict[str, float]]] = {}
    for path, name in find_pictures(args.scenes / 'day'):
        day = read_image(str(path))
        top, left = ((side - args.crop) // 2 for side in day.shape[:2])
        if min(top, left) < 0:
            raise ValueError(f'{path} is {day.shape[0]}x{day.shape[1]}, smaller than --crop {args.crop}')
        window = np.s_[top:top + args.crop, left:left + args.crop]
        thermal, truth, pseudo = (read_image(str(folder / name), mode)[window] for folder, mode in (
            (args.scenes / 'thermal', 'grey'), (args.scenes / 'label', 'label'), (args.pseudo, 'label')))
        labels = {'true': truth, 'pseudo': pseudo, 'pseudo, persons denoised': denoised(pseudo, day[window]),
                  **{f'pseudo, eroded by {pixels}': eroded(pseudo, pixels) for pixels in (1, 2, 3)}}
        for kind, label in labels.items():
            rows.setdefault(kind, []).append(measure(label, truth, thermal))
    print(metric_table(summary(rows)))
    return 0


if __name__ == '__main__':
    run_tool(lambda: main(sys.argv[1:]), OSError, ValueError)
