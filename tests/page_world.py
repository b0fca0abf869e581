"""Small data where README, docs and configs/*/README.md have theirs, for the test that runs their commands."""

import json
from pathlib import Path

import cv2
import numpy as np
from mmengine.config import Config

from nightgen.datasets.flir import native_candidates
from nightgen.datasets.nightscape import Request, write_dataset
from nightgen.datasets.splits import LISTS, kaist_parts, split_names
from nightgen.models.experts import CITYSCAPES_CLASSES
from nightgen.testing import random_picture, write_pictures
from nightgen.testing.experts import save_tiny_weights, tiny_segmentor
from nightgen.utils.images import read_image, write_image

CLASSES = ('n01440764', 'n01443537')
FRAMES = 2
"""Images of a published list, of each list of FLIR and KAIST."""


def first_of_a_list(dataset: str, listed: str) -> tuple[str, ...]:
    """In place of ``split_names``: the first images of a published list."""
    return split_names(dataset, listed)[:FRAMES]


def write_video(path: Path, frames: int = 3) -> None:
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*'mp4v'), 10, (64, 48))
    for index in range(frames):
        writer.write(np.full((48, 64, 3), 40 * index, np.uint8))
    writer.release()


def write_streets(data: Path) -> None:
    """Nightscape under all its names, with label maps of the training days; and its fixed cameras."""
    write_dataset(data / 'nightscape_small', Request((160, 128), 4, 1, 2, seed=1))
    for name in ('nightscape', 'nightscape_experts', 'streets'):
        (data / name).symlink_to('nightscape_small')
    days = sorted((data / 'nightscape_small/train/day').iterdir())
    for folder in ('label_day', 'label_day_fused', 'label_day_expert'):
        for day in days:
            path = data / 'nightscape_small_pseudo' / folder / day.name
            path.parent.mkdir(parents=True, exist_ok=True)
            write_image(str(path), (np.arange(160) // 8 % 19).astype(np.uint8)[None].repeat(128, 0))
    cameras = data / 'nightscape_cameras_small'
    write_dataset(cameras, Request((160, 128), 6, 2, 2, seed=1, view='surveillance', cameras=2))
    for day in sorted((cameras / 'train/day').glob('*/*')):
        reference = data / 'nightscape_cameras_small_references' / f'{day.parent.name}.png'
        reference.parent.mkdir(exist_ok=True)
        reference.write_bytes(day.read_bytes())


def write_downloads(root: Path) -> None:
    """FLIR, KAIST, BDD100K, ImageNet and CamVid as they are downloaded, a few images of each."""
    frame, data = random_picture(512, 640), root / 'data'
    boxes = []
    for listed in LISTS:
        rendering = 'day' if listed.endswith('day') else 'thermal'
        for name in first_of_a_list('flir', listed):
            path = root / 'FLIR_ADAS_1_3' / native_candidates(name, rendering)[0]
            path.parent.mkdir(parents=True, exist_ok=True)
            write_image(str(path), frame)
            if listed == 'test_night':
                boxes.append(f'{path.parent.name}/{path.name}')
                mask = root / 'FLIR_test_masks' / f'{name}.png'
                mask.parent.mkdir(exist_ok=True)
                write_image(str(mask), np.full((288, 360), 11, np.uint8))
        for name in first_of_a_list('kaist', listed):
            scene, video, number = kaist_parts(name)
            camera = 'visible' if rendering == 'day' else 'lwir'
            path = root / f'kaist/images/{scene}/{video}/{camera}/{number}.png'
            path.parent.mkdir(parents=True, exist_ok=True)
            write_image(str(path), frame)
            note = root / f'kaist/annotations/{scene}/{video}/{number}.txt'
            note.parent.mkdir(parents=True, exist_ok=True)
            note.write_text('% bbGt version=3\nperson 150 120 50 100 0 0 0 0 0 0 0\n')
    content = dict(images=[dict(id=number, file_name=name, width=640, height=512) for number, name in enumerate(boxes)],
                   categories=[dict(id=1, name='person')],
                   annotations=[dict(id=number, image_id=number, category_id=1, bbox=[256, 200, 128, 100])
                                for number in range(len(boxes))])
    (root / 'FLIR_ADAS_1_3/val/thermal_annotations.json').write_text(json.dumps(content))
    (data / 'bdd100k/labels').mkdir(parents=True)
    for split in ('train', 'val'):
        names = [f'{split}{index}.jpg' for index in range(4)]
        write_pictures(data / 'bdd100k/images/100k' / split, size=(256, 272), names=names)
        (data / f'bdd100k/labels/bdd100k_labels_images_{split}.json').write_text(json.dumps([
            dict(name=name, attributes=dict(weather='clear', timeofday='daytime' if index % 2 else 'night'))
            for index, name in enumerate(names)]))
    for name, split in dict(train_night='train', train_day='train', test_night='val').items():
        path = data / f'bdd100k/lists/{name}.txt'
        path.parent.mkdir(exist_ok=True)
        path.write_text(f'{split}0.jpg\n{split}2.jpg\n')
    write_pictures(data / 'imagenet/val', names=[f'ILSVRC2012_val_{index:08d}.JPEG' for index in range(1, 5)])
    photos = [f'{name}/{name}_{index}.JPEG' for name in CLASSES for index in (1, 2)]
    write_pictures(data / 'imagenet/train', names=photos)
    for split in ('train', 'val'):
        write_pictures(data / 'camvid' / split / 'images', size=(360, 480), names=['000000.jpg', '000001.jpg'])
        for index in range(2):
            path = data / f'camvid/{split}/labels/{index:06d}.png'
            path.parent.mkdir(exist_ok=True)
            write_image(str(path), (np.arange(480) // 40).astype(np.uint8)[None].repeat(360, 0))


def write_world(root: Path) -> None:
    """A reader's folder: their own images and videos, the downloads and the rendered streets."""
    data = root / 'data'
    write_streets(data)
    write_downloads(root)
    for folder in ('my_images/train/night', 'my_images/train/day', 'my_images/test/night', 'elsewhere/train/night',
                   'elsewhere/train/day', 'elsewhere/test/night', 'days/train/day', 'drives/winter/nights',
                   'drives/summer', 'drives/held_out', 'cameras/train/gate/day',
                   'cameras/train/gate/night', 'cameras/val/gate/day', 'cameras/val/gate/night',
                   'real_thermal/train/thermal', 'real_thermal/train/day', 'real_thermal/val/thermal'):
        write_pictures(data / folder, 2, (260, 464))  # 16:9, as one of the recipes wants them
    for folder in ('train', 'val'):
        write_pictures(data / 'photos' / folder, 2, (160, 176))
    (data / 'other_nights').symlink_to('bdd100k')
    for folder in ('train/night', 'train/day', 'val/night', 'val/day'):
        for path in write_pictures(data / 'night2day' / folder, 2, (180, 320)):
            write_image(str(path), read_image(str(path)) // (8 if 'night/' in f'{folder}/' else 1))
    # results, and what they are measured by
    for folder in ('results/images', 'data/truth', 'data/flir/test/thermal', 'data/flir/train/day'):
        write_pictures(root / folder, 2, (128, 160))
    for folder in ('results/ours', 'results/zhang', 'photos', 'old_photos', 'night', 'folder'):
        write_pictures(root / folder, 2, (64, 96))
    write_pictures(root, names=['night.jpg', 'night.png', 'reference.png', 'a.png'], size=(64, 96))
    (root / 'segmentor.py').write_text(Config(tiny_segmentor()).dump())
    save_tiny_weights(tiny_segmentor(), root / 'segmentor.pth', CITYSCAPES_CLASSES)
    for name in ('drive.mp4', 'night_drive.mp4', 'night.mp4'):
        write_video(root / name)
    for index in range(2):
        path = root / f'label_maps/{index:06d}.png'
        path.parent.mkdir(exist_ok=True)
        write_image(str(path), (np.arange(96) // 8).astype(np.uint8)[None].repeat(64, 0))
