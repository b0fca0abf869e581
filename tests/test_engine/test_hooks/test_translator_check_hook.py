"""Mistakes that fail before training: what counts otherwise than the loop, a domain without data, idle settings."""

from types import SimpleNamespace
from typing import Any

import pytest
from mmengine.config import Config
from mmengine.runner import EpochBasedTrainLoop, IterBasedTrainLoop

from nightgen.engine.hooks import TranslatorCheckHook
from nightgen.engine.hooks.translator_check_hook import schedules
from nightgen.utils.cli import load_config


def runner(loop: type, scheduled: list[str] = (), domains: tuple = ('night', 'day'),
           given: tuple | None = ('night', 'day'), parts: tuple = (), **cfg: Any) -> SimpleNamespace:
    """A run of 800 iterations or 40 epochs of 20 batches."""
    model = SimpleNamespace(scheduled_by_epoch=lambda: scheduled, domains=domains, modules=lambda: parts)
    dataset = SimpleNamespace() if given is None else SimpleNamespace(domains=given)

    class Loader(list):
        pass

    loader = Loader(range(20))
    loader.dataset = dataset
    return SimpleNamespace(model=model, train_loop=loop.__new__(loop), train_dataloader=loader, cfg=Config(cfg),
                           max_iters=800, max_epochs=40 if loop is EpochBasedTrainLoop else 1)


def test_epochs_under_an_iteration_loop_name_the_terms():
    with pytest.raises(ValueError, match='loss_cycle_day, segmentor count.* epochs'):
        TranslatorCheckHook().before_train(runner(IterBasedTrainLoop, ['loss_cycle_day', 'segmentor']))


@pytest.mark.parametrize('case', [(EpochBasedTrainLoop, ['loss_cycle_day']), (IterBasedTrainLoop, [])])
def test_what_fits_passes(case: tuple):
    assert TranslatorCheckHook().before_train(runner(*case)) is None


def test_parts_read_what_they_need_before_the_first_iteration():
    read = []
    parts = (SimpleNamespace(), SimpleNamespace(prepare_training=lambda: read.append('weights')))
    TranslatorCheckHook().before_train(runner(IterBasedTrainLoop, parts=parts))
    assert read == ['weights']


def test_a_domain_without_data_is_named():
    with pytest.raises(ValueError, match=r"\['thermal'\] missing"):
        TranslatorCheckHook().before_train(runner(IterBasedTrainLoop, [], ('thermal', 'day')))
    assert TranslatorCheckHook().before_train(runner(IterBasedTrainLoop, [], ('thermal', 'day'), None)) is None


ITERS, EPOCHS = dict(by_epoch=False), dict(by_epoch=True)
FALLING = dict(type='LinearLR', start_factor=1.0, end_factor=0.0)
WARMUP = dict(type='LinearLR', start_factor=0.1)
COSINE = dict(type='CosineAnnealingLR')


@pytest.mark.parametrize('schedule', [
    None, dict(FALLING, **ITERS, begin=400, end=800), dict(FALLING, **ITERS, begin=400),
    [dict(WARMUP, **ITERS, end=50), dict(COSINE, **ITERS, begin=50, end=800)],
    dict(WARMUP, **ITERS, end=50), dict(type='ExponentialLR', gamma=0.9, **ITERS, end=10**9),
    [dict(WARMUP, **ITERS, end=50), dict(type='MultiStepLR', milestones=[9], **ITERS)],
    dict(generator=dict(FALLING, **ITERS, end=800), discriminator=[dict(FALLING, **ITERS, end=800)]),
    dict(FALLING, begin=20, end=40, convert_to_iter_based=True)])
def test_schedules_that_end_with_the_run(schedule: Any):
    """None of them raises; those below do."""
    assert TranslatorCheckHook().before_train(runner(IterBasedTrainLoop, param_scheduler=schedule)) is None


@pytest.mark.parametrize('schedule', [
    dict(FALLING, **EPOCHS, begin=20, end=40), dict(FALLING, begin=20, end=40), dict(type='ConstantLR', factor=1.0),
    dict(FALLING, begin=20, end=40, convert_to_iter_based=True), dict(FALLING, **ITERS, end=800)])
def test_schedules_that_end_with_the_run_of_epochs(schedule: Any):
    """None of them raises; those below do."""
    assert TranslatorCheckHook().before_train(runner(EpochBasedTrainLoop, param_scheduler=schedule)) is None


@pytest.mark.parametrize(('loop', 'schedule', 'message'), [
    (IterBasedTrainLoop, dict(FALLING, **ITERS, begin=200, end=400),
     r'LinearLR ends after 400 iterations, the run after 800: give --cfg-options param_scheduler.begin=400 '
     r'param_scheduler.end=800, or train_cfg.max_iters=400$'),
    (IterBasedTrainLoop, dict(FALLING, **ITERS, end=1600),
     r'ends after 1600 iterations, the run after 800: give --cfg-options param_scheduler.end=800, or'),
    (IterBasedTrainLoop, [dict(WARMUP, **ITERS, end=50), dict(COSINE, **ITERS, begin=50, end=400)],
     r'CosineAnnealingLR ends after 400 .* param_scheduler.0.end=100 param_scheduler.1.begin=100 '
     r'param_scheduler.1.end=800, or train_cfg.max_iters=400$'),
    (IterBasedTrainLoop, dict(generator=dict(FALLING, **ITERS), discriminator=[dict(FALLING, **ITERS, end=200)]),
     r'ends after 200 .* param_scheduler.discriminator.0.end=800, or'),
    (IterBasedTrainLoop, dict(FALLING, begin=20, end=80, convert_to_iter_based=True),
     r'ends after 80 epochs, the run after 40.0: give --cfg-options param_scheduler.begin=10 param_scheduler.end=40'),
    (EpochBasedTrainLoop, dict(FALLING, begin=100, end=200),
     r'ends after 200 epochs, the run after 40: give --cfg-options param_scheduler.begin=20 param_scheduler.end=40, or '
     r'train_cfg.max_epochs=200$'),
    (EpochBasedTrainLoop, dict(FALLING, **ITERS, end=40), r'ends after 40 iterations, the run after 800'),
    (IterBasedTrainLoop, dict(type='MultiStepLR', milestones=[3]),
     r'the schedule MultiStepLR counts epochs, but IterBasedTrainLoop counts iterations')])
def test_schedules_that_end_elsewhere(loop: type, schedule: Any, message: str):
    with pytest.raises(ValueError, match=message):
        TranslatorCheckHook().before_train(runner(loop, param_scheduler=schedule))


def test_schedules_that_are_built_already_are_not_judged():
    assert schedules(object()) == [] and schedules([object(), FALLING]) == []


def test_the_options_of_the_message_mend_a_shipped_config(configs_dir):
    """As a user who wants the quickstart to run for 2,000 iterations meets it."""
    path, options = str(configs_dir / 'n2d_lpnet/nightscape_small.py'), {'train_cfg.max_iters': 2000}
    run = runner(IterBasedTrainLoop, **load_config(path, options).to_dict())
    run.max_iters = 2000
    with pytest.raises(ValueError, match='LinearLR ends after 400 iterations, the run after 2000') as found:
        TranslatorCheckHook().before_train(run)
    words = str(found.value).split('--cfg-options ')[1].split(', or')[0].split()
    assert words == ['param_scheduler.begin=1000', 'param_scheduler.end=2000']
    options.update({key: int(value) for key, value in (word.split('=') for word in words)})
    run.cfg = load_config(path, options)
    TranslatorCheckHook().before_train(run)


@pytest.mark.parametrize('moment', ['before_train', 'before_test'])
def test_a_setting_that_did_not_reach_its_parts(configs_dir, moment: str):
    path = str(configs_dir / 'n2d_lpnet/image_folders.py')
    cfg = Config.fromfile(path)
    cfg.data_root = 'data/elsewhere'
    with pytest.raises(ValueError, match=r'data_root at the top level .* nightgen.utils.cli.load_config'):
        getattr(TranslatorCheckHook(), moment)(runner(IterBasedTrainLoop, **cfg.to_dict()))
    cfg = load_config(path, dict(data_root='data/elsewhere'))
    getattr(TranslatorCheckHook(), moment)(runner(IterBasedTrainLoop, **cfg.to_dict()))
