"""Configs of CycleGAN, ToDayGAN and PearlGAN against the table of compositions (specs: morngan 2.1 to 2.13 and 6)."""

from pathlib import Path

import pytest
from mmengine.config import Config

CONFIGS = Path(__file__).resolve().parents[1] / 'configs'
CYCLE, SSIM, TV = ('loss_cycle', 10.0, 0), ('loss_cycle_ssim', 1.0, 10), ('TotalVariationLoss', 5.0, 0)
SGA = ('StructuredGradientAlignmentLoss', 0.5, 0)
GAN = ('AdversarialLoss', 1.0, 0)
# (name or type, weight, first epoch) of every term
TERMS = {
    'cyclegan': {GAN, CYCLE, ('loss_identity', 5.0, 0)},
    'todaygan': {GAN, CYCLE},
    'todaygan_tir': {GAN, CYCLE, SSIM, TV},
    'todaygan_ntir': {GAN, CYCLE, SSIM, TV, SGA, ('MonochromaticLoss', 1.0, 0), ('TemperatureLoss', 1.0, 10)},
    'pearlgan': {GAN, CYCLE, SSIM, TV, SGA, ('AttentionDiversityLoss', 1.0, 0), ('ACCSLoss', 1.0, 10)},
}
# What the script of KAIST changes.
KAIST = {'pearlgan': {'loss_cycle_ssim': 30, 'ACCSLoss': 30}}
# norm of the decoder, attention, norm and spectral norm of the discriminator
PARTS = {
    'todaygan': ('instance', False, 'instance', False),
    'todaygan_tir': ('group', False, 'none', True),
    'todaygan_ntir': ('group', False, 'none', True),
    'pearlgan': ('group', True, 'none', True),
}
METHODS = [(method, dataset) for method in TERMS for dataset in ('flir', 'kaist', 'nightscape', 'nightscape_small')]


def load(method: str, dataset: str) -> Config:
    folder, _, variant = method.partition('_')
    return Config.fromfile(CONFIGS / folder / f'{dataset}{"_" if variant else ""}{variant}.py')


def terms_of(cfg: Config) -> dict:
    return {term.get('name', term['type']): term for term in cfg.model.losses}


@pytest.mark.parametrize(('method', 'dataset'), METHODS)
def test_terms_are_those_of_the_table(method: str, dataset: str):
    late = KAIST.get(method, {}) if dataset == 'kaist' else {}
    expected = {(name, weight, late.get(name, begin)) for name, weight, begin in TERMS[method]}
    found = terms_of(load(method, dataset))
    if dataset == 'nightscape_small':  # iterations, as its runs have no epochs
        assert all(term.get('by_epoch', True) == ('begin' not in term) for term in found.values())
        expected = {(name, weight, 300 if begin else 0) for name, weight, begin in expected}
    assert {(name, term.get('weight', 1.0), term.get('begin', 0)) for name, term in found.items()} == expected


@pytest.mark.parametrize(('method', 'dataset'), METHODS)
def test_details_of_the_terms(method: str, dataset: str):
    found = terms_of(load(method, dataset))
    adversarial = found['AdversarialLoss']
    assert adversarial['pool'] == 50 and adversarial['discriminator_weight'] == 0.5
    if method == 'cyclegan':
        assert adversarial['mode'] == 'lsgan' and found['loss_cycle']['kind'] == 'l1'
        return
    assert (adversarial['mode'], adversarial['scale_reduction']) == ('relativistic_lsgan', 'progressive')
    assert found['loss_cycle']['kind'] == 'smooth_l1'
    assert found.get('loss_cycle_ssim', {}).get('window_size', 3) == 3
    threshold = 0.44 if dataset == 'kaist' else 0.8
    assert found.get('StructuredGradientAlignmentLoss', {}).get('threshold', threshold) == threshold


@pytest.mark.parametrize(('method', 'dataset'), [pair for pair in METHODS if pair[0] in PARTS])
def test_networks_are_those_of_the_table(method: str, dataset: str):
    model = load(method, dataset).model
    encoder, decoder, judge = model.generator.encoder, model.generator.decoder, model.discriminator
    attention = {half.get('attention', False) for half in (encoder, decoder)}
    assert ((decoder.up_norm, *attention, judge.norm, judge.spectral)) == PARTS[method]
    base = decoder.get('base', 64)
    assert encoder.get('base', 64) == base
    if decoder.up_norm == 'group':
        assert 2 * base // decoder.get('groups', 32) == 4  # channels a group, after the first step up


def test_night_configs_translate_colour_nights():
    for method in ('cyclegan', 'todaygan'):
        model = load(method, 'nightscape_night').model
        assert tuple(model.domains) == ('night', 'day')
        assert not [name for term in model.losses for name in term['reads'].values() if 'thermal' in name]


@pytest.mark.parametrize('path', sorted(CONFIGS.glob('[!_]*/*.py')), ids=lambda path: f'{path.parent.name}/{path.stem}')
def test_each_method_walks_its_domains_as_its_own_code_does(path):
    """ToDayGAN's and PearlGAN's code draws both domains with replacement, MornGAN's has its memory draw; the others'
    goes along the longest one."""
    pairings = dict(todaygan='IndependentPairing', pearlgan='IndependentPairing', dlamgan='IndependentPairing',
                    morngan='MemoryGuidedPairing')
    if path.stem.rpartition('_')[2] in ('baseline', 'sc', 'sdp'):  # rows of the ablation without a memory
        pairings['morngan'] = 'IndependentPairing'
    data = (Config.fromfile(path).get('train_dataloader') or {}).get('dataset', {})
    if data.get('type') == 'UnpairedDataset':
        assert data.get('pairing', {}).get('type') == pairings.get(path.parent.name)
