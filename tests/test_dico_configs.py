"""Configs of DiCo and of what it is compared with: terms, variants, scenes, and batches with their references."""

from pathlib import Path

import pytest
import torch
from mmengine.config import Config
from mmengine.registry import init_default_scope
from mmengine.runner import Runner

from nightgen.datasets.nightscape import Request, write_dataset
from nightgen.datasets.surveillance import NIGHTSUR_SCENES
from nightgen.models.data_preprocessor import TranslationDataPreprocessor
from nightgen.registry import METRICS, MODELS, OPTIM_WRAPPER_CONSTRUCTORS
from nightgen.testing import write_pictures

CONFIGS = Path(__file__).resolve().parents[1] / 'configs'
DICO = sorted(CONFIGS.glob('dico/*.py'))
BACK, FORE, GAN = 'BackgroundRegressionLoss', 'ForegroundContrastLoss', 'AdversarialLoss'


def load(name: str) -> Config:
    return Config.fromfile(CONFIGS / f'{name}.py')


@pytest.mark.parametrize('path', DICO, ids=lambda path: path.stem)
def test_terms_and_networks(path: Path):
    model = load(f'dico/{path.stem}').model
    wanted = {GAN, BACK, FORE} - {BACK if path.stem.endswith('wo_back') else FORE if path.stem.endswith('wo_fore')
                                  else ''}
    terms = {term.type: term for term in model.losses}
    assert set(terms) == wanted and all(term.get('weight', 1.0) == 1.0 for term in model.losses)
    recipe = path.stem.endswith('lsesim_recipe')
    found = terms[GAN].get('pool', 0), terms[GAN].get('discriminator_weight', 1.0)
    assert found == ((50, 0.5) if recipe else (0, 1.0))
    if FORE in wanted:
        mode = 'eq12' if 'eq12' in path.stem else 'infonce_fg_bg' if 'infonce_bg' in path.stem else 'infonce_fg'
        assert (terms[FORE].mode, terms[FORE].temperature, terms[FORE].num_patches) == (mode, 0.07, 256)
    assert (model.generator.type == 'ResNetGenerator') == path.stem.endswith('wo_lci')
    if model.generator.type == 'InvariantGenerator':
        invariant = model.generator.invariant
        assert invariant.mix == ('diag' if 'lci_diag' in path.stem else 'matrix')
        assert invariant.out_channels == (3 if 'lci_3ch' in path.stem else 5)
    stands_in = path.stem.startswith(('cameras', 'nightscape'))
    assert model.tensors[0].network.type == ('EfficientNetFeatures' if stands_in else 'VGGFeatures')
    assert [tuple(turn) for turn in model.turns] == [('discriminator',), ('generator',)]


def test_the_recipe_of_lsesim_has_a_faster_discriminator():
    wrapper = load('dico/nightsur_traffic_lsesim_recipe').optim_wrapper
    assert wrapper.discriminator.optimizer.lr == 2 * wrapper.generator.optimizer.lr == 4e-4


def test_every_scene_has_its_config():
    assert {path.stem for path in DICO} >= {f'nightsur_{scene}' for scene in NIGHTSUR_SCENES}
    for scene in NIGHTSUR_SCENES:
        cfg = load(f'dico/nightsur_{scene}')
        places = [*(cfg.train_dataloader.dataset[domain] for domain in ('night', 'day')),
                  cfg.test_dataloader.dataset.dataset, cfg.val_dataloader.dataset.dataset,
                  *(metric.real for metric in cfg.test_evaluator if 'real' in metric)]
        assert len(places) == 6 and {place.scene for place in places} == {scene}


def batch_of(cfg: Config) -> dict:
    cfg.train_dataloader.update(num_workers=0, persistent_workers=False)
    batch = next(iter(Runner.build_dataloader(cfg.train_dataloader, seed=0)))
    return {name: tuple(value.shape) for name, value in TranslationDataPreprocessor()(batch)['inputs'].items()}


def test_batches_of_one_reference_for_all_and_of_one_for_each_camera(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    init_default_scope('nightgen')
    write_pictures(tmp_path / 'data/flir1k', names=['train/night/1.jpg', 'train/day/2.jpg', 'reference_day.png'],
                   size=(40, 50))
    for name, folder in (('nightsur_vehicle', 'nightsur'), ('cameras', 'cameras')):
        write_pictures(tmp_path / 'data' / folder, size=(40, 50), names=[
            'train/vehicle/night/1.png', 'train/vehicle/day/2.png', 'references/vehicle.png'])
        assert batch_of(load(f'dico/{name}')) == dict.fromkeys(
            ('real_night', 'real_day', 'reference_day'), (1, 3, 256, 256))
    assert batch_of(load('dico/flir1k')) == dict.fromkeys(('real_night', 'real_day', 'reference_day'), (1, 3, 256, 256))


def test_the_mean_of_a_batch_is_its_reference(tmp_path, monkeypatch):
    """Nothing is loaded for it, and the losses read the features of that mean."""
    cfg = load('dico/bdd100k_batch_reference')
    assert cfg.train_dataloader.batch_size == 8 and cfg.train_dataloader.dataset.night.inputs == ()
    init_default_scope('nightgen')
    small = dict(type='VGGFeatures', weights='random', layers=('relu1_1', 'relu2_1'))
    cfg.model.tensors[0].network = small
    cfg.model.generator.generator.update(base=4, num_blocks=1)
    cfg.model.discriminator.base = 4
    model = MODELS.build(cfg.model)
    seen = {}
    features = model.extra_tensors[next(name for name in model.extra_tensors if 'reference_features' in name)]
    features.register_forward_pre_hook(lambda module, args, named: seen.update(named), with_kwargs=True)
    pictures = torch.randint(0, 256, (2, 3, 3, 32, 32), generator=torch.Generator().manual_seed(0), dtype=torch.uint8)
    wrapper = OPTIM_WRAPPER_CONSTRUCTORS.build(dict(type=cfg.optim_wrapper.pop('constructor'),
                                                    optim_wrapper_cfg=cfg.optim_wrapper))(model)
    logs = model.train_step(dict(inputs=dict(real_night=list(pictures[0]), real_day=list(pictures[1])),
                                 data_samples=None), wrapper)
    assert all(value.isfinite() for value in logs.values())
    mean = pictures[1].float().div(127.5).sub(1).mean(0)
    torch.testing.assert_close(seen['reference'], mean.expand(3, -1, -1, -1))


def test_nightscape_cameras_train_and_are_measured(tmp_path, monkeypatch):
    """DiCo reads references, the methods beside it do not ask for any."""
    monkeypatch.chdir(tmp_path)
    init_default_scope('nightgen')
    write_dataset(tmp_path / 'data/nightscape_cameras_small', Request((160, 128), 2, 1, 2, 1, 'surveillance', 2))
    for name in ('cut/nightscape_cameras_small', 'cyclegan/nightscape_cameras_small', 'flsesim/nightscape_small',
                 'negcut/nightscape_small', 'dclgan/nightscape_small'):
        assert batch_of(load(name)) == dict.fromkeys(('real_night', 'real_day'), (1, 3, 128, 128))
    with pytest.raises(FileNotFoundError, match='cam00.png; .*make_reference.py'):
        batch_of(load('dico/nightscape_small'))
    write_pictures(tmp_path / 'data/nightscape_cameras_small_references', names=['cam00.png', 'cam01.png'],
                   size=(128, 160))
    cfg = load('dico/nightscape_small')
    assert batch_of(cfg) == dict.fromkeys(('real_night', 'real_day', 'reference_day'), (1, 3, 128, 128))
    cfg.test_dataloader.update(num_workers=0, persistent_workers=False)
    sample = next(iter(Runner.build_dataloader(cfg.test_dataloader, seed=0)))['data_samples'][0]
    assert 'truth' in sample and 'label' in sample and sample.camera == 'cam00'
    table = METRICS.build(dict(cfg.test_evaluator[0], metrics=[dict(type='RegionError'), dict(type='PSNR')]))
    table.dataset_meta = dict(data_root='data/nightscape_cameras_small')
    table.process(None, [dict(sample.to_dict(), source=sample.truth // 4)])
    rows = table.evaluate(1)
    assert rows['true_day/L1_background'] == 0 < rows['median_day/L1_background']
    assert {'night_input/L1_foreground', 'median_day/PSNR'} <= set(rows)
