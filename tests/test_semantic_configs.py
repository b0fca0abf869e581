"""Configs of semantic colorization end to end: data with labels, a run, its test with every kind of map, a photo."""

import json
from pathlib import Path

import numpy as np
import pytest
import torch
from mmengine.config import Config
from mmengine.registry import init_default_scope
from mmengine.runner import Runner

from nightgen.datasets.nightscape import NIGHTSCAPE_VERSION
from nightgen.models.data_preprocessor import TranslationDataPreprocessor
from nightgen.models.experts.building import find_classes, import_package, scope
from nightgen.registry import MODELS
from nightgen.structures.label_sets import load_label_set
from nightgen.testing import write_pictures
from nightgen.utils.images import write_image

FOLDER = 'semantic_colorization'


def write_labels(folder: Path, names: list[str], size: tuple[int, int], classes: int) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for seed, name in enumerate(names):
        blocks = np.random.default_rng(seed).integers(0, classes, (4, 4), np.uint8)
        write_image(str(folder / name), np.kron(blocks, np.ones((size[0] // 4 + 1, size[1] // 4 + 1), np.uint8))[
            :size[0], :size[1]])


def make_camvid(root: Path, size: tuple[int, int] = (360, 480)) -> None:
    for split, count in dict(train=16, val=2).items():
        write_pictures(root / split / 'images', names=[f'{index}.jpg' for index in range(count)], size=size)
        write_labels(root / split / 'labels', [f'{index}.png' for index in range(count)], size, 12)


def make_nightscape(root: Path, size: tuple[int, int]) -> None:
    root.mkdir(parents=True)
    (root / 'manifest.json').write_text(json.dumps(dict(version=NIGHTSCAPE_VERSION)))
    for split, count in dict(train=16, val=1, test=2).items():
        names = [path.name for path in write_pictures(root / split / 'day', count, size)]
        write_labels(root / split / 'label', names, size, 19)


def make_context(root: Path) -> None:
    names = [f'2008_{index:06d}' for index in range(16)]
    write_pictures(root / 'JPEGImages', names=[f'{name}.jpg' for name in names], size=(50, 70))
    write_labels(root / 'SegmentationClassContext', [f'{name}.png' for name in names], (50, 70), 60)
    (root / 'ImageSets/SegmentationContext').mkdir(parents=True)
    for split, listed in dict(train=names[:8], val=names[8:]).items():
        (root / f'ImageSets/SegmentationContext/{split}.txt').write_text('\n'.join(listed))


@pytest.mark.parametrize('name,batch,side,tested', [
    ('pascal_context', 16, 352, (352, 352)), ('camvid', 16, 352, (360, 480)), ('camvid_small', 8, 128, (144, 192)),
    ('nightscape', 16, 256, (260, 300)), ('nightscape_small', 8, 128, (130, 150))])
def test_data(configs_dir: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, batch: int, side: int,
              tested: tuple[int, int]):
    if name == 'pascal_context':
        make_context(tmp_path / 'data/VOCdevkit/VOC2010')
    elif name.startswith('camvid'):
        make_camvid(tmp_path / 'data/camvid')
    else:
        make_nightscape(tmp_path / 'data' / name, tested)
    monkeypatch.chdir(tmp_path)
    init_default_scope('nightgen')
    config = Config.fromfile(configs_dir / FOLDER / f'{name}.py')
    classes = config.model.generator.num_classes
    for key in ('train', 'val', 'test'):
        loader = config[f'{key}_dataloader']
        loader.update(num_workers=0, persistent_workers=False)
        data = next(iter(Runner.build_dataloader(loader, seed=0)))
        inputs = TranslationDataPreprocessor()(data)['inputs']
        assert sorted(inputs) == ['label_color', 'real_color'] and inputs['label_color'].max() < classes
        sizes = {tuple(inputs['label_color'].shape[1:]), tuple(inputs['real_color'].shape[2:])}
        if key == 'train':
            assert sizes == {(side, side)} and len(inputs['real_color']) == batch
        else:
            assert sizes == {tested}
            assert torch.equal(data['data_samples'][0].label.long(), inputs['label_color'][0])


def test_a_run_and_its_tests(configs_dir: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Two iterations of the small setting, narrow; then tests with true, given, predicted and wrong maps."""
    make_camvid(tmp_path / 'data/camvid', (40, 48))
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr('mmengine.runner.runner.collect_env', dict)

    def run(name: str, **changes) -> dict[str, float]:
        config = Config.fromfile(configs_dir / FOLDER / 'camvid_small.py')
        config.merge_from_dict({
            'model.generator.widths': (8, 12), 'model.segmentor': dict(_delete_=True, type='CamVidRoad'),
            'train_cfg.max_iters': 2, 'train_cfg.val_interval': 2, 'param_scheduler.begin': 0,
            'param_scheduler.end': 2, 'train_dataloader.batch_size': 2, 'default_hooks.checkpoint.interval': 2,
            'default_hooks.logger.interval': 1, 'experiment_name': name, 'work_dir': name, 'log_level': 'WARNING',
            **changes})
        for key in ('train', 'val', 'test'):
            config[f'{key}_dataloader'].update(num_workers=0, persistent_workers=False)
        runner = Runner.from_cfg(config)
        if name == 'run':
            runner.train()
        return runner.test()

    place = 'test_dataloader.dataset.dataset'
    numbers = {'true': run('run')}
    for name, changes in dict(
            predicted={'model.map_source': 'predicted'},
            given={'model.map_source': 'given', f'{place}.inputs': ('label', 'given_label'),
                   f'{place}.beside.given_label': 'val/labels'},
            wrong={f'{place}.label_set': 'camvid:exchanged'}).items():
        numbers[name] = run(name, load_from='run/iter_2.pth', **changes)
    assert 'ChromaError_road' in numbers['true'] and numbers['true']['true_day/ChromaError'] == 0
    errors = {name: found['ChromaError'] for name, found in numbers.items()}
    assert errors['given'] == errors['true'] and len({errors[name] for name in ('true', 'predicted', 'wrong')}) == 3
    scalars = next(Path('run').glob('*/vis_data/scalars.json')).read_text()
    assert 'loss_huber_chroma' in scalars and 'ChromaError_tree' in scalars


@MODELS.register_module(force=True)
class CamVidRoad(torch.nn.Module):
    """Sees road everywhere."""

    classes = ('road',)

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        return torch.zeros(len(images), *images.shape[2:], dtype=torch.int64)


def test_camvid_small_compares_with_the_conditional_gan_on_equal_data(configs_dir: Path):
    ours, theirs = (Config.fromfile(configs_dir / name) for name in (
        f'{FOLDER}/camvid_small.py', 'cgan_colorization/camvid_small.py'))
    assert ours.test_dataloader.to_dict() == theirs.test_dataloader.to_dict()
    assert ours.test_evaluator == theirs.test_evaluator and ours.train_cfg == theirs.train_cfg
    assert ours.train_dataloader.batch_size == theirs.train_dataloader.batch_size
    assert ours.train_dataloader.dataset.dataset.pipeline == theirs.train_dataloader.dataset.dataset.pipeline


def test_the_networks_of_the_configs(configs_dir: Path):
    """specs/semantic_colorization 3, 7."""
    counts = {}
    for name in ('pascal_context', 'pascal_context_no_in', 'pascal_context_4down', 'pascal_context_released'):
        with torch.device('meta'):
            model = MODELS.build(Config.fromfile(configs_dir / FOLDER / f'{name}.py').model)
        counts[name] = sum(parameter.numel() for parameter in model.parameters())
        network = model.generators['chroma']
        assert (type(network.grey_norms[0]).__name__ == 'Identity') == name.endswith('no_in')
    assert counts == dict(pascal_context=37_704_096, pascal_context_no_in=37_704_096, pascal_context_4down=14_111_136,
                          pascal_context_released=37_704_096)
    assert network.decoder[0].slope == 0.1 and type(network.head[1]).__name__ == 'LeakyReLU'
    assert model.luma_source == 'grey' and model.ab_scale == 127.5


def test_the_segmentors_classes_are_those_of_the_colour_networks(configs_dir: Path):
    pytest.importorskip('mmseg', reason='mmseg is not installed')
    import_package('mmseg')
    for name in ('pascal_context', 'camvid', 'camvid_small', 'nightscape', 'nightscape_small'):
        colour = Config.fromfile(configs_dir / FOLDER / f'{name}.py')
        segmentor = Config.fromfile(configs_dir / colour.model.segmentor.config.removeprefix('nightgen::'))
        with scope('mmseg'):
            classes = find_classes({}, segmentor)
        assert segmentor.model.decode_head.num_classes == len(classes)
        assert set(load_label_set(colour.model.label_set).numbers(classes)) <= set(
            range(colour.model.generator.num_classes))
