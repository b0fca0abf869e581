"""configs/morngan and configs/dlamgan: what each row of the tables has, at which epochs, and that the rows are chained.
"""

from pathlib import Path

import pytest
from mmengine.config import Config

CONFIGS = Path(__file__).resolve().parents[1] / 'configs'
# What a row has beside the one before it (the paper's table 5), by the names of terms.
ROWS = {
    'baseline': {'AdversarialLoss', 'loss_cycle', 'loss_cycle_ssim', 'TotalVariationLoss',
                 'StructuredGradientAlignmentLoss', 'MonochromaticLoss', 'TemperatureLoss'},
    'sc': {'loss_segmentation_day', 'SemanticBoundaryLoss', 'loss_segmentation_fake_thermal',
           'loss_segmentation_thermal', 'loss_segmentation_fake_day'},
    'sdp': set(),
    'mgca': {'AdaptiveCollaborativeAttentionLoss'},
    'cgr': {'ConditionalGradientRepairLoss'},
    '': {'ScaleRobustnessLoss'}}
DATASETS = ('flir', 'nightscape', 'nightscape_small')
BORDERS = dict(flir=(10, 20, 30, 40, 75), kaist=(10, 50, 90, 100, 145), nightscape=(5, 10, 15, 20, 37),
               nightscape_small=(50, 60, 200, 500, 900))
LONG = dict(nightscape_small_long=(200, 300, 600, 1200, 3000))


def load(method: str, dataset: str, variant: str = '') -> Config:
    return Config.fromfile(CONFIGS / method / f'{dataset}{"_" if variant else ""}{variant}.py')


def schedules(cfg: Config) -> dict[str, list[tuple]]:
    """(begin, end) of every term by name; one has several where it changes with the stage."""
    found: dict[str, list[tuple]] = {}
    for term in cfg.model.losses:
        found.setdefault(term.get('name', term.type), []).append((term.get('begin', 0), term.get('end')))
    return found


@pytest.mark.parametrize('row', ROWS)
@pytest.mark.parametrize('dataset', DATASETS)
def test_a_row_has_the_terms_of_the_rows_above_and_its_own(dataset: str, row: str):
    cfg, rows = load('morngan', dataset, row), list(ROWS)
    above = rows[:rows.index(row) + 1]
    assert set(schedules(cfg)) == set().union(*(ROWS[name] for name in above))
    full = schedules(load('morngan', dataset))
    assert all(found == full[name] for name, found in schedules(cfg).items())
    data = cfg.train_dataloader.dataset
    hooks = [hook.type for hook in cfg.custom_hooks]
    assert data.pairing.type == ('MemoryGuidedPairing' if 'mgca' in above else 'IndependentPairing')
    assert ('LabelMemoryHook' in hooks) == ('mgca' in above)
    assert data.day.get('variants') == (dict(label='fused') if row == 'sc' else None)
    rules = {tensor.name: tensor.get('rules', 'thermal') for tensor in cfg.model.get('tensors', ())
             if tensor.type == 'DistilledLabel'}
    expected = {} if row == 'baseline' else dict.fromkeys(
        ('agreed_label_thermal', 'own_label_thermal'), None if row == 'sc' else 'thermal')
    assert rules == expected and cfg.model.type == ('CycleTranslator' if row == 'baseline' else 'MornGANTranslator')


@pytest.mark.parametrize('row', [row for row in ROWS if row])
@pytest.mark.parametrize('dataset', DATASETS)
def test_nothing_else_differs_between_the_rows(dataset: str, row: str):
    full, cfg = load('morngan', dataset), load('morngan', dataset, row)
    for key in ('train_cfg', 'param_scheduler', 'test_dataloader', 'test_evaluator', 'randomness', 'default_hooks'):
        assert cfg[key] == full[key], key
    for key in ('generator', 'discriminator', 'inputs', 'domains', 'data_preprocessor'):
        assert cfg.model[key] == full.model[key], key
    assert cfg.optim_wrapper.generator == full.optim_wrapper.generator
    assert [term for term in full.model.losses if term in cfg.model.losses] == list(cfg.model.losses)
    assert cfg.train_dataloader.batch_size == full.train_dataloader.batch_size


@pytest.mark.parametrize('clusters', [2, 3, 5, 6])
@pytest.mark.parametrize('dataset', DATASETS[:2])
def test_numbers_of_clusters(dataset: str, clusters: int):
    """Table 7; the full method has four, as the loss's default says."""
    full, cfg = load('morngan', dataset), load('morngan', dataset, f'k{clusters}')
    changed = [(a, b) for a, b in zip(full.model.losses, cfg.model.losses, strict=True) if a != b]
    assert [(a.type, 'num_clusters' in a, b.num_clusters) for a, b in changed] == [
        ('AdaptiveCollaborativeAttentionLoss', False, clusters)]
    assert {key: value for key, value in cfg.items() if key != 'model'} == {
        key: value for key, value in full.items() if key != 'model'}


@pytest.mark.parametrize('dataset', [*BORDERS, *LONG])
def test_the_stages_of_morngan(dataset: str):
    """Specs 2.12; begin and end of the terms of segmentation, each written out."""
    late, one, two, three, four = {**BORDERS, **LONG}[dataset]
    cfg = load('morngan', dataset)
    found = schedules(cfg)
    assert found['loss_cycle_ssim'] == found['TemperatureLoss'] == [(late, None)]
    assert found['loss_segmentation_day'] == [(one, two), (two, four)]
    assert found['SemanticBoundaryLoss'] == [(two, four)]
    assert found['loss_segmentation_fake_thermal'] == [(two, three), (three, four), (four, None)]
    assert found['loss_segmentation_thermal'] == [(three, four)] and found['ScaleRobustnessLoss'] == [(three, None)]
    for name in ('loss_segmentation_fake_day', 'AdaptiveCollaborativeAttentionLoss', 'ConditionalGradientRepairLoss'):
        assert found[name] == [(four, None)]
    assert (cfg.model.players.segmentor.begin, cfg.model.players.segmentor.end) == (one, four)
    assert next(hook for hook in cfg.custom_hooks if hook.type == 'LabelMemoryHook').begin == four


def test_fine_tuning_begins_where_a_long_run_is_in_stage_three_and_goes_on_to_stage_four():
    """The terms that count at its iterations are those that count at the long run's."""
    long, short = load('morngan', 'nightscape_small_long'), load('morngan', 'real_small')

    def active(cfg: Config, now: int) -> list[tuple]:
        return [(term.get('name', term.type), tuple(term.get('drives', ())), term.get('weight', 1))
                for term in cfg.model.losses if term.get('begin', 0) <= now < term.get('end', now + 1)]

    for now, then in ((0, 1200), (399, 2999), (400, 3000), (1599, 9999)):
        assert active(short, now) == active(long, then)
    assert not any(term.get('by_epoch', True) for term in short.model.losses if 'begin' in term)
    assert (short.model.players.segmentor.begin, short.model.players.segmentor.end) == (0, 400)
    assert next(hook for hook in short.custom_hooks if hook.type == 'LabelMemoryHook').begin == 400
    same = ('generator', 'discriminator', 'segmentor', 'tensors', 'domains', 'inputs')
    assert all(short.model[key] == long.model[key] for key in same)


@pytest.mark.parametrize('dataset', BORDERS)
def test_the_phases_of_dlamgan(dataset: str):
    """S_day learns, S_thermal learns, both are fixed: one threshold, no denoising, no boundary loss, no memory."""
    late, one, two, three, _ = BORDERS[dataset]
    cfg = load('dlamgan', dataset)
    found = schedules(cfg)
    always = [(0, None)]
    assert found == {
        'AdversarialLoss': always, 'loss_cycle': always, 'TotalVariationLoss': always,
        'loss_cycle_ssim': [(late, None)], 'loss_segmentation_day': [(one, two)],
        'loss_segmentation_thermal': [(two, three)],
        'loss_segmentation_fake_thermal': [(two, three), (three, None)],
        'loss_segmentation_fake_day': [(three, None)]}
    drives = {(term.get('name', term.type), term.get('begin', 0)): tuple(term.get('drives', ('generator',)))
              for term in cfg.model.losses}
    assert {name for name, players in drives.items() if players != ('generator',)} == {
        ('loss_segmentation_day', one), ('loss_segmentation_thermal', two), ('loss_segmentation_fake_thermal', two)}
    assert (cfg.model.players.segmentor.begin, cfg.model.players.segmentor.end) == (one, three)
    mined, own = cfg.model.tensors
    assert mined.rules is None and mined.background_threshold == own.get('threshold', 0.95)
    assert own.type == 'ConfidentLabel'
    assert cfg.model.inputs == ('label_day',)
    assert cfg.train_dataloader.dataset.pairing.type == 'IndependentPairing'
    assert cfg.train_dataloader.dataset.day.variants == dict(label='expert')  # one expert's, not denoised
