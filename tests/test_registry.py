"""The registries: names that third parties rely on, where they look, and what is found in them."""

import importlib

import pytest
from mmengine.registry import Registry

from nightgen import registry

PROMISED = ('MODELS', 'BACKBONES', 'HEADS', 'LOSSES', 'DISCRIMINATORS', 'TRANSLATORS', 'TRANSFORMS', 'DATASETS',
            'DATA_SAMPLERS', 'HOOKS', 'METRICS', 'VISUALIZERS', 'OPTIM_WRAPPER_CONSTRUCTORS', 'INFERENCERS')
ALL = {name: value for name, value in vars(registry).items() if isinstance(value, Registry) and not
       name.startswith('MMENGINE_')}


def test_the_promised_names_are_there():
    assert set(PROMISED) <= set(ALL)


def test_roles_are_one_registry():
    roles = ('BACKBONES', 'HEADS', 'LOSSES', 'DISCRIMINATORS', 'TRANSLATORS')
    assert all(ALL[name] is registry.MODELS for name in roles)


@pytest.mark.parametrize('name', ALL)
def test_a_registry_knows_where_its_parts_are(name: str):
    one = ALL[name]
    assert one.scope == 'nightgen' and one.parent is not None and one._locations
    for location in one._locations:
        importlib.import_module(location)


@pytest.mark.parametrize(('name', 'part'), [
    ('BACKBONES', 'N2DLPNet'), ('BACKBONES', 'ResNetGenerator'), ('DISCRIMINATORS', 'MultiScalePatchDiscriminator'),
    ('LOSSES', 'AdversarialLoss'), ('LOSSES', 'GradientPenaltyLoss'), ('LOSSES', 'PixelLoss'),
    ('TRANSLATORS', 'OneSidedTranslator'), ('DATASETS', 'UnpairedDataset'), ('DATA_SAMPLERS', 'ResumableSampler'),
    ('TRANSFORMS', 'PackTranslationInputs'), ('METRICS', 'PSNR'), ('METRICS', 'SSIM'), ('METRICS', 'Colourfulness'),
    ('HOOKS', 'FiniteLossHook'), ('VISUALIZERS', 'TranslationVisualizer'), ('INFERENCERS', 'NightgenInferencer'),
    ('OPTIM_WRAPPER_CONSTRUCTORS', 'PlayerOptimWrapperConstructor')])
def test_parts_are_found_without_an_import(name: str, part: str):
    assert ALL[name].get(part).__name__ == part


def test_every_part_is_registered_under_its_class_name():
    aliases = [f'{name}: {key} is {part.__name__}' for name, one in ALL.items() for key, part in one.module_dict.items()
               if part.__module__.startswith('nightgen.') and isinstance(part, type) and key != part.__name__]
    assert not aliases
