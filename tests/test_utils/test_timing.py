"""nightgen.utils.timing."""

import time

import torch

from nightgen.utils.timing import stopwatch, synchronise


def test_seconds_and_result(monkeypatch):
    clock = iter([3.0, 5.5])
    monkeypatch.setattr(time, 'perf_counter', lambda: next(clock))
    assert stopwatch(lambda a, b: a + b, 1, b=2) == (2.5, 3)


def test_a_gpu_is_waited_for_before_and_after(monkeypatch):
    events = []
    monkeypatch.setattr(torch.cuda, 'is_available', lambda: True)
    monkeypatch.setattr(torch.cuda, 'synchronize', lambda: events.append('wait'))
    stopwatch(lambda: events.append('call'))
    assert events == ['wait', 'call', 'wait']
    monkeypatch.setattr(torch.cuda, 'is_available', lambda: False)
    synchronise()
    assert len(events) == 3
