"""The evaluators of the configs build and measure (with stand-ins for networks and sets), and their best is ranked."""

import copy
import math
from pathlib import Path

import numpy as np
import pytest
import torch
from mmengine.config import Config
from mmengine.evaluator import Evaluator

from nightgen.evaluation.timing import made_samples
from nightgen.models.experts import CITYSCAPES_CLASSES
from nightgen.registry import METRICS
from nightgen.testing import write_pictures
from nightgen.utils.images import write_image

FILES = sorted((Path(__file__).resolve().parents[2] / 'configs/_base_/evaluators').glob('*.py'))
GREATER = {'PSNR': True, 'SSIM': True, 'APCE': True, 'ChromaIntersection': True, 'mIoU': True, 'mAP': True,
           'FID': False, 'ChromaError': False}


class Segmentor(torch.nn.Module):
    """Answers with persons in the bright half."""

    classes, card, identity = CITYSCAPES_CLASSES, dict(checkpoint='toy'), dict(name='toy', sha256='-', resize='none')

    def forward(self, images, keys=None):
        return torch.where(images.float().mean(dim=1) > 120, 11, 0)


class Detector(Segmentor):
    """Answers with one box."""

    def forward(self, images, keys=None):
        return [dict(bboxes=torch.tensor([[4.0, 4, 30, 30]]), scores=torch.tensor([0.5]), labels=torch.tensor([11]))
                for _ in images]


STAND_INS = dict(SegmentationExpert=Segmentor, DetectionExpert=Detector)
# What each feature network calls itself; a segmentor's features are called as the config says.
TOY_NAMES = dict(InceptionFeatures='inception', EfficientNetFeatures='efficientnet_lite0', SegmentorFeatures=None)


def with_stand_ins(value, folder):
    """A copy of a config in which experts, feature networks and data sets are small ones."""
    if isinstance(value, (list, tuple)):
        return [with_stand_ins(item, folder) for item in value]
    if not isinstance(value, dict):
        return copy.deepcopy(value)
    kind = value.get('type', '')
    if kind in STAND_INS:
        return STAND_INS[kind]()
    if kind.endswith('Dataset'):
        return dict(type='ImageFolderDataset', data_prefix=dict(img=str(folder / value.get('rendering', 'day'))))
    if kind in TOY_NAMES:
        return dict(type='ToyFeatures', name=TOY_NAMES[kind] or value['name'])
    if kind == 'PerceptualDistance' and 'network' not in value:
        return dict(value, weights='random', size=(32, 32))
    return {key: dict.fromkeys(item, str(folder / 'answers')) if key == 'folders' else with_stand_ins(item, folder)
            for key, item in value.items() if key != 'cache_dir'}


@pytest.mark.parametrize('path', FILES, ids=lambda path: path.stem)
def test_both_evaluators_measure_and_the_best_is_among_the_numbers(path, tmp_path):
    cfg = Config.fromfile(path)
    for index, rendering in enumerate(('day', 'night', 'thermal')):
        write_pictures(tmp_path / rendering, 3, size=(48, 64), seed=index)
    samples, numbers = made_samples(3, 48, 64), {}
    for sample in samples:
        sample.update(domain='thermal' if 'thermal' in path.stem else 'night', camera='gate')
        sample['source'][..., :16, :16] = 0  # some of a night is black
        write_image(str(tmp_path / 'answers' / Path(sample['img_path']).name), np.full((48, 64, 3), 90, np.uint8))
    for name, grey in (('gate', 120), ('gate_spread', 0)):  # a fixed camera's reference, and where its days differ
        write_image(str(tmp_path / 'references' / f'{name}.png'), np.full((48, 64, 3), grey, np.uint8))
    if path.stem == 'unpaired':
        samples = [{key: value for key, value in sample.items() if key != 'truth'} for sample in samples]
    for name in ('val_evaluator', 'test_evaluator'):
        evaluator = Evaluator([METRICS.build(metric) for metric in with_stand_ins(cfg[name], tmp_path)])
        evaluator.dataset_meta = dict(data_root=str(tmp_path))
        for metric in evaluator.metrics:
            metric.process(None, samples)
        numbers[name] = evaluator.evaluate(3)
        assert numbers[name] and all(isinstance(value, float) for value in numbers[name].values())
        assert not all(math.isnan(value) for value in numbers[name].values())
    best = cfg.get('best_checkpoint')
    if best is not None:
        assert best.save_best in numbers['val_evaluator']
        assert best.rule == ('greater' if GREATER[best.save_best] else 'less')


@pytest.mark.parametrize(('name', 'rows'), [
    ('nightscape_experts', ['true_day', 'night_input', 'histogram_matching', 'thermal_input']),
    ('nightscape_thermal_experts', ['true_day', 'thermal_input', 'negative', 'histogram_matching', 'night_input'])])
def test_rows_above_the_model_and_where_their_pictures_are(name, rows):
    """The sets beside the evaluated one are where it is."""
    def roots(value):
        items = value.values() if isinstance(value, dict) else value if isinstance(value, list | tuple) else ()
        own = [value['data_root']] if isinstance(value, dict) and 'data_root' in value else []
        return own + [root for item in items for root in roots(item)]

    evaluator = Config.fromfile({path.stem: path for path in FILES}[name]).test_evaluator
    table = evaluator[0]
    assert [*table.baselines, *table.folders] == rows
    assert [metric.type for metric in table.metrics] == [metric.type for metric in evaluator[1:]]
    assert table.day.rendering == 'day' and ('thermal' in table) == ('thermal' in name) != ('night' in table)
    (row, folder), = table.folders.items()
    assert (folder.split, f'{folder.rendering}_input') == ('test', row)
    assert roots(evaluator) == ['auto'] * 5  # a row, two training sets, and the real days of both distances


@pytest.mark.parametrize(('name', 'keys'), [
    ('efficientnet_lite0', {'FD_efficientnet_lite0', 'KD_efficientnet_lite0', 'PerceptualDistance_efficientnet_lite0'}),
    ('bdd100k_efficientnet_lite0', {'FD_efficientnet_lite0', 'KD_efficientnet_lite0'})])
def test_efficientnet_is_never_called_fid_or_lpips(name, keys, tmp_path):
    write_pictures(tmp_path / 'day', 3, size=(48, 64))
    test = Config.fromfile({path.stem: path for path in FILES}[name]).test_evaluator
    evaluator = Evaluator([METRICS.build(metric) for metric in with_stand_ins(test, tmp_path)])
    for metric in evaluator.metrics:
        metric.process(None, made_samples(3, 48, 64))
    numbers = evaluator.evaluate(3)
    assert {key for key in numbers if 'efficientnet' in key} == keys
    assert not {'FID', 'KID', 'LPIPS', 'PerceptualDistance'} & set(numbers)


def test_the_papers_keys():
    names = {path.stem: path for path in FILES}
    flir = Config.fromfile(names['flir']).test_evaluator[0]
    assert flir.type == 'StretchedOutput'
    segmentation = flir.metrics[1]
    numbers = sorted(CITYSCAPES_CLASSES.index(name) for name in segmentation.classes)
    assert numbers == [0, 2, 7, 10, 11, 13, 14, 15, 17]  # specs/morngan 5.2
    kaist = Config.fromfile(names['kaist']).test_evaluator[0]
    assert set(segmentation.classes) - set(kaist.metrics[1].classes) == {'truck'}
    assert kaist.metrics[2].classes == ('person',)
