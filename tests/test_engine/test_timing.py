"""Timing of training: phases add up, forms are what they say, made batches are what a translator reads."""

import time

import pytest
import torch
from mmengine.config import Config

from nightgen.engine.timing import FORMS, StepClock, config_of_form, made_batch, time_forms
from nightgen.registry import MODELS

LOSSES = [
    dict(type='AdversarialLoss', reads=dict(real='real_*', fake='fake_*')),
    dict(type='StructuredGradientAlignmentLoss', reads=dict(translated='fake_*', edges='edges_~'), begin=10)]


def config(**model):
    optimizer = dict(type='Adam', lr=1e-3, fused=True)
    return Config(dict(
        default_scope='nightgen',
        model=dict(type='CycleTranslator', domains=('day', 'thermal'), inputs=('edges_day', 'edges_thermal'),
                   generator=dict(type='ResNetGenerator', base=2, num_blocks=1),
                   discriminator=dict(type='PatchDiscriminator', base=2), losses=LOSSES,
                   data_preprocessor=dict(type='TranslationDataPreprocessor', kinds=dict(edges='unit', mask='raw')),
                   **model),
        optim_wrapper=dict(constructor='PlayerOptimWrapperConstructor', accumulate=2, amp='off',
                           generator=dict(optimizer=optimizer), discriminator=dict(optimizer=optimizer))))


def test_each_form_adds_one_thing():
    seen = []
    for form in FORMS:
        model, wrapper = config_of_form(config(), form)
        fused = [wrapper[player]['optimizer'].get('fused', False) for player in ('generator', 'discriminator')]
        seen.append((fused[0] and fused[1], model['channels_last'], wrapper['amp'], wrapper['accumulate']))
    assert seen == [(False, False, 'off', 1), (True, False, 'off', 1), (True, True, 'off', 1), (True, True, 'bf16', 1)]
    with pytest.raises(ValueError, match="no form 'fast'"):
        config_of_form(config(), 'fast')
    with pytest.raises(ValueError, match='PlayerOptimWrapperConstructor'):
        config_of_form(dict(model={}, optim_wrapper=dict(type='OptimWrapper')), 'plain')


def test_a_made_batch_has_all_that_the_model_reads():
    model = MODELS.build(config().model)
    batch = made_batch(model, 2, (16, 24))
    shapes = {name: (len(images), tuple(images[0].shape)) for name, images in batch['inputs'].items()}
    assert shapes == dict(real_day=(2, (3, 16, 24)), real_thermal=(2, (3, 16, 24)), edges_day=(2, (1, 16, 24)),
                          edges_thermal=(2, (1, 16, 24)))
    assert model.data_preprocessor(batch)['inputs']['edges_day'].amax() <= 1
    model.inputs = ('label_day', 'mask_day')
    with pytest.raises(ValueError, match="'mask_day' is of kind 'raw'"):
        made_batch(model, 1, (16, 16))
    model.inputs = ('label_day',)
    assert torch.stack(made_batch(model, 1, (32, 32))['inputs']['label_day']).max() < 19


def test_forms_take_turns_and_late_terms_are_on(monkeypatch):
    order, step = [], MODELS.get('CycleTranslator').train_step

    def recorded(self, data, optim_wrapper):
        logs = step(self, data, optim_wrapper)
        order.append((optim_wrapper.amp, logs['loss_structured_gradient_alignment_day'].item() > 0))
        return logs

    monkeypatch.setattr(MODELS.get('CycleTranslator'), 'train_step', recorded)
    rows = time_forms(config(), ('plain', 'bf16'), (32, 32), warmup=1, iterations=2)
    assert order == [('off', True), ('bf16', True)] * 3
    assert [row['form'] for row in rows] == ['plain', 'bf16'] and rows[0]['ratio'] == 1
    for row in rows:
        seconds = row['seconds']
        assert row['iterations'] == 2 and seconds['data'] == 0
        assert min(seconds['forward'], seconds['backward'], seconds['optimizer']) > 0
        assert rows[0]['seconds']['total'] / seconds['total'] == pytest.approx(row['ratio'])
        assert rows[0]['cpu_seconds'] / row['cpu_seconds'] == pytest.approx(row['cpu_ratio'])


@pytest.mark.parametrize('at, on', [(0, False), (10**6, True)])
def test_a_step_of_any_stage(monkeypatch, at, on):
    found, step = [], MODELS.get('CycleTranslator').train_step

    def recorded(self, data, optim_wrapper):
        logs = step(self, data, optim_wrapper)
        found.append(logs['loss_structured_gradient_alignment_day'].item() > 0)
        return logs

    monkeypatch.setattr(MODELS.get('CycleTranslator'), 'train_step', recorded)
    time_forms(config(), ('plain',), (32, 32), warmup=0, iterations=1, at=at)
    assert found == [on]


def test_the_processors_time_is_not_that_of_waiting(monkeypatch):
    step = MODELS.get('CycleTranslator').train_step

    def slow(self, data, optim_wrapper):
        time.sleep(0.3)
        return step(self, data, optim_wrapper)

    monkeypatch.setattr(MODELS.get('CycleTranslator'), 'train_step', slow)
    row, = time_forms(config(), ('plain',), (32, 32), warmup=0, iterations=1)
    assert row['seconds']['total'] - row['cpu_seconds'] > 0.25


def test_a_phase_that_is_called_twice_adds_up():
    clock = StepClock(warmup=0)
    wait = clock.timed('backward', lambda: time.sleep(0.01))
    wait()
    wait()
    assert clock.now['backward'] >= 0.02
