"""Timing the translation."""

import math
from types import SimpleNamespace

import pytest

from nightgen.engine.hooks import TranslationTimeHook
from nightgen.utils import timing


class Model:
    def test_step(self, data):
        return [None] * data


def test_median_seconds_an_image_without_the_first_batch(monkeypatch):
    clock = iter([0, 90, 100, 104, 200, 202, 300, 309])  # batches of 2 that take 90, 4, 2 and 9 seconds
    monkeypatch.setattr(timing.time, 'perf_counter', lambda: next(clock))
    hook, runner = TranslationTimeHook(), SimpleNamespace(model=Model())
    hook.before_test(runner)
    assert [runner.model.test_step(2) for _ in range(4)] == [[None, None]] * 4
    hook.after_test(runner)
    assert hook.seconds_per_image == pytest.approx(2)
    assert runner.model.test_step == Model.test_step.__get__(runner.model)


def test_one_batch_says_nothing():
    hook, runner = TranslationTimeHook(), SimpleNamespace(model=Model())
    hook.before_test(runner)
    runner.model.test_step(1)
    hook.after_test(runner)
    assert math.isnan(hook.seconds_per_image)
