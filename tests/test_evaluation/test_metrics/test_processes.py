"""Every metric gives the same numbers in one process and in two with uneven shares."""

import json

import numpy as np
import pytest
import torch

from nightgen.testing import metric_sample, random_picture, run_metric, run_metrics_in_processes, write_pictures
from nightgen.utils.images import write_image

EXACT = [dict(type='PSNR'), dict(type='SSIM', prefix='x'), dict(type='Colourfulness'), dict(type='APCE'),
         dict(type='ChromaError'), dict(type='ChromaHistogram')]


def samples(count=7):
    made = []
    for index in range(count):
        rng = np.random.default_rng(index)
        corner = rng.uniform(0, 16, (4, 2)).astype(np.float32)
        boxes = dict(bboxes=torch.from_numpy(np.concatenate([corner, corner + 9], 1)),
                     labels=torch.from_numpy(rng.choice([11, 13], 4)))
        made.append(metric_sample(
            index, fake=random_picture(24, 32, seed=index), source=random_picture(24, 32, 20 + index % 3),
            truth=random_picture(24, 32, seed=50 + index), boxes=boxes,
            label=rng.choice([0, 11, 13, 255], (24, 32)).astype(np.uint8)))
    return made


def write_answers(folder, made):
    """Label maps and boxes that are right in part, as experts of files read them."""
    content = dict(images=[], annotations=[], categories=[dict(id=11, name='person'), dict(id=13, name='car')])
    (folder / 'label').mkdir()
    for index, sample in enumerate(made):
        rng = np.random.default_rng(90 + index)
        label = np.where(rng.random((24, 32)) < 0.5, 11, sample['label'].numpy())
        write_image(str(folder / 'label' / f'{sample["key"]}.png'), label.astype(np.uint8))
        content['images'].append(dict(id=index, file_name=f'{sample["key"]}.png'))
        for left, top, right, bottom in sample['boxes']['bboxes'].tolist():
            content['annotations'].append(dict(
                image_id=index, category_id=int(rng.choice([11, 13])), score=float(np.round(rng.random(), 1)),
                bbox=[left + float(rng.normal()), top, right - left, bottom - top]))
    (folder / 'boxes.json').write_text(json.dumps(content))
    return [dict(type='SegmentationConsistency', expert=dict(type='FolderSegmentationExpert',
                                                             folder=str(folder / 'label'))),
            dict(type='DetectionConsistency', rule='coco', expert=dict(type='FolderDetectionExpert',
                                                                       file=str(folder / 'boxes.json')))]


def test_two_processes_give_the_same_numbers(tmp_path):
    write_pictures(tmp_path / 'real', 5, seed=3)
    write_pictures(tmp_path / 'few', 2, seed=4)
    toy = dict(extractor=dict(type='ToyFeatures'))
    sets = [dict(toy, type=kind, real=real)
            for kind in ('FrechetInceptionDistance', 'KernelInceptionDistance')
            for real in ('truth', dict(type='ImageFolderDataset', data_prefix=dict(img=str(tmp_path / 'real'))))]
    sets.append(dict(sets[1], real=dict(sets[1]['real'], data_prefix=dict(img=str(tmp_path / 'few'))),
                     cache_dir=str(tmp_path / 'cache')))
    exact = EXACT + write_answers(tmp_path, samples())
    both = run_metrics_in_processes(exact + sets, samples())
    assert [path.name.split('-')[0] for path in (tmp_path / 'cache').iterdir()] == ['FrechetInceptionDistance']
    np.testing.assert_equal(both[0], both[1])
    for config, ours in zip(exact + sets, both[0], strict=True):
        alone = run_metric(config, samples())
        if config in exact:
            np.testing.assert_equal(ours, alone)  # to the last bit
        assert ours == pytest.approx(alone, rel=1e-9, nan_ok=True), config
