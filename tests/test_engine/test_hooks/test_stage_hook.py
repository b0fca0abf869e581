"""The stage of a run in its log: by hand for a run of three stages, and after a resume."""

from pathlib import Path
from types import SimpleNamespace

import pytest
from mmengine.config import Config

from nightgen.engine.hooks import StageHook
from nightgen.models.translators.schedule import Schedule

HOOK = {'log_level': 'INFO', 'default_hooks.stages': dict(type='StageHook')}
PIXEL = dict(type='PixelLoss', kind='l1')
LOSSES = [
    dict(type='AdversarialLoss', mode='lsgan', reads=dict(real='real_*', fake='fake_*'), begin=3, by_epoch=False),
    dict(**PIXEL, reads=dict(pred='fake_day', target='real_night'), end=2, by_epoch=False),
    dict(**PIXEL, reads=dict(pred='fake_day', target='real_day'), begin=2, by_epoch=False),
    dict(type='TotalVariationLoss', reads=dict(image='fake_day'))]
PLAYERS = dict(discriminator=dict(begin=3, by_epoch=False))
FIRST = '''stage 1 of 3, from iteration 0:
  players: generator
  begins: loss_pixel of fake_day/real_night, loss_total_variation of fake_day
'''
SECOND = '''stage 2 of 3, from iteration 2:
  players: generator
  begins: loss_pixel of fake_day/real_day
  ends: loss_pixel
  goes on: loss_total_variation
'''
THIRD = '''stage 3 of 3, from iteration 3:
  players: generator, discriminator
  begins: loss_adversarial_day (discriminator+generator) of real_day/fake_day
  goes on: loss_pixel, loss_total_variation
'''


def log_of(folder: Path) -> str:
    return next(folder.glob('*/*.log')).read_text()


def test_stages_of_a_run_by_hand(train, tmp_path: Path):
    settings = {**HOOK, 'model.losses': LOSSES, 'model.players': PLAYERS, 'max_iters': 5,
                'default_hooks.checkpoint.interval': 4}
    train('whole', **settings)
    log = log_of(tmp_path / 'whole')
    places = [log.find(text) for text in (FIRST, SECOND, THIRD)]
    assert -1 < places[0] < places[1] < places[2] and log.count('\n  players: ') == 3
    train('resumed', **settings, resume=True, load_from=str(tmp_path / 'whole/iter_4.pth'))
    resumed = log_of(tmp_path / 'resumed')
    assert resumed.count('\n  players: ') == 1
    assert 'stage 3 of 3, from iteration 4:\n  players: generator, discriminator\n  begins: loss_adv' in resumed


def test_one_stage_is_not_worth_a_line(train, tmp_path: Path):
    train('run', **HOOK)
    assert 'stage 1' not in log_of(tmp_path / 'run')


@pytest.mark.parametrize('method, borders', [
    ('flir', (10, 20, 30, 40, 75)), ('kaist', (10, 50, 90, 100, 145)), ('nightscape', (5, 10, 15, 20, 37))])
def test_borders_of_morngan(configs_dir: Path, method: str, borders: tuple[int, ...]):
    """Stage flags at the epochs of specs/morngan section 8, item 9; Nightscape's are half of FLIR's."""
    model = Config.fromfile(configs_dir / f'morngan/{method}.py').model
    found = {entry[border] for entry in (*model.losses, *model.players.values()) for border in ('begin', 'end')
             if border in entry}
    assert found == set(borders)
    stage = {name: Schedule(entry.get('begin', 0), entry.get('end', float('inf'))) for name, entry in (
        ('segmentor', model.players.segmentor), *((term.get('name', term['type']), term) for term in model.losses))}
    flags = [('loss_cycle_ssim', 0, 9), ('TemperatureLoss', 0, 9), ('segmentor', 1, 4),
             ('SemanticBoundaryLoss', 2, 4), ('ScaleRobustnessLoss', 3, 9),
             ('loss_segmentation_thermal', 3, 4), ('loss_segmentation_fake_day', 4, 9),
             ('AdaptiveCollaborativeAttentionLoss', 4, 9), ('ConditionalGradientRepairLoss', 4, 9)]
    for name, first, last in flags:
        begin = borders[first]
        end = borders[last] if last < len(borders) else float('inf')
        for epoch in (begin - 1, begin, *([] if end == float('inf') else [end - 1, end])):
            assert stage[name].active(0, epoch) == (begin <= epoch < end), (name, epoch)


def test_it_leaves_other_models_alone():
    said = []
    runner = SimpleNamespace(model=SimpleNamespace(), logger=SimpleNamespace(info=said.append))
    hook = StageHook()
    hook.before_train(runner)
    hook.before_train_iter(runner, 0)
    assert said == []
