"""Reduced precision for models of other packages, on a CPU too."""

from __future__ import annotations

from typing import Any

import torch
from mmengine.hooks import Hook
from mmengine.runner import Runner

from nightgen.registry import HOOKS

_DTYPES = dict(bf16=torch.bfloat16, fp16=torch.float16)


@HOOKS.register_module()
class AutocastHook(Hook):
    """Runs a model's training passes, losses included, in 16 bit; evaluation stays in full precision.

    mmengine's ``AmpOptimWrapper`` refuses to work without a GPU, though bfloat16 makes training two to three times as
    fast on CPUs that have matrix instructions for it. It is for models of one network and one optimizer (mmseg, mmdet);
    translators set ``optim_wrapper.amp``.

    Args:
        dtype: ``bf16``, or ``fp16`` (without loss scaling).
        channels_last: Also keep weights and feature maps in that memory format.
    """

    priority = 'VERY_LOW'

    def __init__(self, dtype: str = 'bf16', channels_last: bool = True):
        if dtype not in _DTYPES:
            raise ValueError(f"AutocastHook: dtype must be 'bf16' or 'fp16', got {dtype!r}")
        self.dtype, self.channels_last = _DTYPES[dtype], channels_last

    def before_run(self, runner: Runner) -> None:
        model = runner.model
        if self.channels_last:
            model.to(memory_format=torch.channels_last)
        device, forward = next(model.parameters()).device.type, model.forward

        def autocast_forward(*args: Any, **kwargs: Any) -> Any:
            with torch.autocast(device, self.dtype, enabled=model.training):
                return forward(*args, **kwargs)

        model.forward = autocast_forward
