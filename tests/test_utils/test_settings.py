"""Top-level settings of a config take effect in all its parts, or are an error."""

import copy

import pytest
from mmengine.config import Config

from nightgen.utils.cli import UsageError, load_config
from nightgen.utils.settings import changed_settings, settle

LOAD, PACK = dict(type='LoadImage'), dict(type='PackTranslationInputs')


def pipeline(crop_size) -> list[dict]:
    return [LOAD, dict(type='RandomCropImages', crop_size=crop_size), PACK]


def made() -> Config:
    """The parts of a config that settings reach, as a data set's file writes them."""
    night, day = (dict(type='ImageFolderDataset', data_root='data/a', pipeline=pipeline(256)) for _ in range(2))
    test = dict(dataset=dict(dataset=dict(data_root='data/a', pipeline=[LOAD, PACK]), label='data/a/test/label'))
    return Config(copy.deepcopy(dict(
        data_root='data/a', crop_size=256, train_pipeline=pipeline(256), test_pipeline=[LOAD, PACK],
        train_dataloader=dict(batch_size=256, dataset=dict(night=night, day=day)), val_dataloader=test,
        test_dataloader=test, test_evaluator=[dict(folders=dict(thermal='data/a/thermal', other='data/ab/x'))],
        made_with=dict(data_root='data/a', crop_size=256, train_pipeline=pipeline(256), test_pipeline=[LOAD, PACK]))))


def changed(**settings) -> Config:
    cfg = made()
    cfg.merge_from_dict(settings)
    settle(cfg)
    assert changed_settings(cfg) == []
    return cfg


def test_what_nobody_changed_stays():
    assert changed().to_dict() == made().to_dict()
    assert changed_settings(Config(dict(data_root='x', crop_size=3))) == []  # no record: a config of another kind


def test_data_root_in_loaders_and_evaluators_also_as_the_start_of_a_path():
    cfg = changed(data_root='/new/place/')
    train = cfg.train_dataloader.dataset
    assert (train.night.data_root, train.day.data_root) == ('/new/place', '/new/place')
    for loader in (cfg.val_dataloader, cfg.test_dataloader):
        assert loader.dataset.dataset.data_root == '/new/place' and loader.dataset.label == '/new/place/test/label'
    assert cfg.test_evaluator[0].folders == dict(thermal='/new/place/thermal', other='data/ab/x')
    assert cfg.made_with.data_root == '/new/place/' and cfg.made_with.crop_size == 256


@pytest.mark.parametrize('size', [128, (128, 256)])
def test_crop_size_in_the_training_pipelines_only_where_crops_are(size):
    cfg = changed(crop_size=size)
    for steps in (cfg.train_pipeline, cfg.made_with.train_pipeline, cfg.train_dataloader.dataset.night.pipeline,
                  cfg.train_dataloader.dataset.day.pipeline):
        assert steps[1].crop_size == size and len(steps) == 3
    assert cfg.train_dataloader.batch_size == 256


def test_pipelines_each_in_the_data_they_are_for():
    cfg = changed(train_pipeline=[LOAD, PACK])
    assert cfg.train_dataloader.dataset.night.pipeline == cfg.train_dataloader.dataset.day.pipeline == [LOAD, PACK]
    cfg = changed(test_pipeline=pipeline(64))
    assert cfg.val_dataloader.dataset.dataset.pipeline == cfg.test_dataloader.dataset.dataset.pipeline == pipeline(64)
    assert cfg.train_dataloader.dataset.night.pipeline == pipeline(256)


def test_a_pipeline_and_a_crop_size_together():
    longer = [LOAD, dict(type='ResizeImages', scale=2.0), *pipeline(256)[1:]]
    cfg = changed(train_pipeline=longer, crop_size=96)
    assert [step.get('crop_size') for step in cfg.train_dataloader.dataset.day.pipeline] == [None, None, 96, None]
    assert cfg.train_pipeline == cfg.made_with.train_pipeline == cfg.train_dataloader.dataset.day.pipeline


def test_one_part_of_its_own_stays_as_it_is():
    cfg = changed(**{'train_dataloader.dataset.night.data_root': 'mine', 'data_root': 'new'})
    assert (cfg.train_dataloader.dataset.night.data_root, cfg.train_dataloader.dataset.day.data_root) == ('mine', 'new')


def test_a_config_that_changed_the_parts_itself_is_right_as_it_is():
    cfg = made()
    cfg.train_pipeline = cfg.train_dataloader.dataset.night.pipeline = [LOAD, PACK]
    assert changed_settings(cfg) == ['train_pipeline']
    cfg.train_dataloader.dataset.day.pipeline = [LOAD, PACK]
    assert changed_settings(cfg) == []


def test_scopes_that_mmengine_adds_do_not_count():
    cfg = made()
    for step in (*cfg.train_pipeline, *cfg.made_with.train_pipeline):
        step['_scope_'] = 'nightgen'
    cfg.train_pipeline = [LOAD, PACK]
    settle(cfg)
    assert cfg.train_dataloader.dataset.night.pipeline == [LOAD, PACK]


def test_what_can_take_no_effect_is_an_error():
    cfg = made()
    for domain in ('night', 'day'):
        cfg.train_dataloader.dataset[domain].pipeline = [LOAD, PACK]
    cfg.crop_size = 64
    with pytest.raises(ValueError, match='crop_size=64 can take no effect: 256, .* stands nowhere in train_dataloader'):
        settle(cfg)
    cfg = made()
    del cfg.made_with['crop_size']
    with pytest.raises(ValueError, match='crop_size of the config can take no effect: its data use data_root'):
        settle(cfg)
    cfg = made()
    cfg.data_root = None
    with pytest.raises(ValueError, match='data_root is a folder, got None'):
        settle(cfg)


SHIPPED = ['n2d_lpnet/bdd100k', 'n2d_lpnet/bdd100k_hflip', 'n2d_lpnet/image_folders', 'n2d_lpnet/nightscape_small',
           'todaygan/flir_ntir', 'pearlgan/kaist', 'todaygan/nightscape_small_ntir', 'cgan_colorization/flir_thermal',
           'cgan_colorization/nightscape_small', 'cgan_colorization/imagenet_bn', 'pix2pix/imagenet']


@pytest.mark.parametrize('name', SHIPPED)
@pytest.mark.parametrize('how', ['options', 'child'])
def test_shipped_configs(name: str, how: str, configs_dir, tmp_path):
    """In a child config, which mmengine marks with scopes, and from the command line."""
    path = str(configs_dir / f'{name}.py')
    base = load_config(path)
    steps = [LOAD, dict(type='RandomFlipTranspose', vertical=1.0), PACK]
    settings = dict(data_root='/other/place', train_pipeline=steps, test_pipeline=steps[:2])
    if how == 'options':
        cfg = load_config(path, settings)
    else:
        lines = [f"_base_ = 'nightgen::{name}.py'", *(f'{key} = {value!r}' for key, value in settings.items())]
        (tmp_path / 'child.py').write_text('\n'.join(lines))
        cfg = load_config(str(tmp_path / 'child.py'))
    old, found = base.data_root, list(leaves(cfg.to_dict()))
    assert not [value for key, value in found if isinstance(value, str) and value.split('/')[:2] == old.split('/')]
    assert [value for key, value in found if key == 'data_root' and value not in ('/other/place', 'auto')] == []
    members = {split: [value for key, value in nodes(cfg[f'{split}_dataloader']) if key == 'pipeline']
               for split in ('train', 'val', 'test')}
    assert members['train'] and all(value == steps for value in members['train'])
    assert all(value == steps[:2] for split in ('val', 'test') for value in members[split])


@pytest.mark.parametrize('name', SHIPPED)
def test_crop_size_of_shipped_configs(name: str, configs_dir):
    path = str(configs_dir / f'{name}.py')
    if name == 'cgan_colorization/imagenet_bn':  # pictures of one size, uncropped
        with pytest.raises(UsageError, match='crop_size of the config can take no effect'):
            load_config(path, dict(crop_size=64))
        return
    cfg = load_config(path, dict(crop_size=64))
    crops = [value for key, value in leaves(cfg.train_dataloader.to_dict()) if key == 'crop_size']
    assert crops and set(crops) == {64}


def nodes(value, key=None):
    """(key, value) of everything in a config."""
    yield key, value
    items = value.items() if isinstance(value, dict) else ((None, inner) for inner in value) \
        if isinstance(value, list | tuple) else ()
    for inner_key, inner in items:
        yield from nodes(inner, inner_key)


def leaves(config):
    return ((key, value) for key, value in nodes(config) if not isinstance(value, dict | list | tuple))
