"""Mistakes that fail before training: epochs counted under an iteration loop, a domain without data."""

from types import SimpleNamespace

import pytest
from mmengine.runner import EpochBasedTrainLoop, IterBasedTrainLoop

from nightgen.engine.hooks import TranslatorCheckHook


def runner(loop: type, scheduled: list[str], domains: tuple = ('night', 'day'), given: tuple | None = ('night', 'day')
           ) -> SimpleNamespace:
    model = SimpleNamespace(scheduled_by_epoch=lambda: scheduled, domains=domains)
    dataset = SimpleNamespace() if given is None else SimpleNamespace(domains=given)
    return SimpleNamespace(model=model, train_loop=loop.__new__(loop),
                           train_dataloader=SimpleNamespace(dataset=dataset))


def test_epochs_under_an_iteration_loop_name_the_terms():
    with pytest.raises(ValueError, match='loss_cycle_day, segmentor count.* epochs'):
        TranslatorCheckHook().before_train(runner(IterBasedTrainLoop, ['loss_cycle_day', 'segmentor']))


@pytest.mark.parametrize('case', [(EpochBasedTrainLoop, ['loss_cycle_day']), (IterBasedTrainLoop, [])])
def test_what_fits_passes(case: tuple):
    assert TranslatorCheckHook().before_train(runner(*case)) is None


def test_a_domain_without_data_is_named():
    with pytest.raises(ValueError, match=r"\['thermal'\] missing"):
        TranslatorCheckHook().before_train(runner(IterBasedTrainLoop, [], ('thermal', 'day')))
    assert TranslatorCheckHook().before_train(runner(IterBasedTrainLoop, [], ('thermal', 'day'), None)) is None
