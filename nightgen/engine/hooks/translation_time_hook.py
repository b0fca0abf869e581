"""How long translating takes in a test."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from typing import Any

from mmengine.hooks import Hook
from mmengine.model import is_model_wrapper
from mmengine.runner import Runner

from nightgen.registry import HOOKS
from nightgen.utils.timing import stopwatch


@HOOKS.register_module()
class TranslationTimeHook(Hook):
    """Time the model's ``test_step``: preprocessing, network and the way back to 8 bit; no reading, no metrics.

    After the test ``seconds_per_image`` is the median over batches of the seconds that an image took on this process,
    without the first batch, which also pays for what is done once (NaN where there was no second).
    """

    def __init__(self) -> None:
        self.seconds_per_image = float('nan')
        self._seconds: list[float] = []

    def before_test(self, runner: Runner) -> None:
        model = runner.model.module if is_model_wrapper(runner.model) else runner.model
        step, self._seconds = model.test_step, []

        def timed(data: Any) -> Sequence:
            seconds, outputs = stopwatch(step, data)
            self._seconds.append(seconds / max(len(outputs), 1))
            return outputs

        model.test_step = timed

    def after_test(self, runner: Runner) -> None:
        model = runner.model.module if is_model_wrapper(runner.model) else runner.model
        del model.test_step  # the class's own is there again
        self.seconds_per_image = statistics.median(self._seconds[1:] or [float('nan')])
