"""Reduced precision for models of other packages."""

from types import SimpleNamespace

import pytest
import torch
from torch import nn

from nightgen.engine.hooks import AutocastHook


class Model(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(4, 4, 3)

    def forward(self, inputs):
        return self.conv(inputs)


def test_training_passes_are_in_16_bit_and_evaluation_is_not():
    model = Model()
    AutocastHook('bf16').before_run(SimpleNamespace(model=model))
    inputs = torch.randn(2, 4, 8, 8)
    output = model(inputs)
    assert output.dtype == torch.bfloat16 and output.is_contiguous(memory_format=torch.channels_last)
    output.float().sum().backward()
    assert model.conv.weight.grad.dtype == model.conv.weight.dtype == torch.float32
    assert model.eval()(inputs).dtype == torch.float32


def test_the_memory_format_can_stay_and_other_types_are_refused():
    model = Model()
    AutocastHook(channels_last=False).before_run(SimpleNamespace(model=model))
    assert model.conv.weight.is_contiguous() and model(torch.randn(1, 4, 8, 8)).dtype == torch.bfloat16
    with pytest.raises(ValueError, match='int8'):
        AutocastHook('int8')
