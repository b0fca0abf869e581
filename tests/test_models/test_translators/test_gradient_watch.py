"""The watch names the one term of several whose gradient is not finite, and changes no number."""

import pytest
import torch
from torch import nn

from nightgen.models.translators.gradient_watch import GradientWatch


def root(x: torch.Tensor) -> torch.Tensor:
    """0 with a gradient that is NaN: 0 times the infinite slope of a root at 0."""
    return (x - x.detach()).square().sum().sqrt()


def test_one_term_of_three_that_read_one_tensor():
    weight = nn.Parameter(torch.tensor([1.0, 2.0]))
    fake, watch = weight * 3, GradientWatch()
    total = (watch.alias('square', fake).square().sum() + root(watch.alias('root', fake))
             + watch.alias('nested', {'levels': [fake, 5]})['levels'][0].mean())
    total.backward()
    finite = {key: bool(value.isfinite()) for key, value in watch.sums.items()}
    assert finite == dict(square=True, root=False, nested=True)
    assert weight.grad.isnan().all()
    watch.clear()
    assert watch.sums == {}


def test_a_note_stays_bad_over_an_accumulation_window():
    weight, watch = nn.Parameter(torch.ones(2)), GradientWatch()
    for loss in (root, torch.sum):
        loss(watch.alias('term', weight * 2)).backward()
    assert not watch.sums['term'].isfinite()


@pytest.mark.parametrize('memory_format', [torch.contiguous_format, torch.channels_last])
def test_values_and_gradients_are_those_without_it(memory_format: torch.memory_format):
    torch.manual_seed(0)
    image = torch.randn(2, 3, 6, 5).to(memory_format=memory_format)
    conv, watch = nn.Conv2d(3, 4, 3).to(memory_format=memory_format), GradientWatch()
    gradients = []
    for read in (lambda fake: fake, lambda fake: watch.alias('term', fake)):
        conv.zero_grad()
        fake = conv(image)
        (read(fake).square().mean() + read(fake).abs().mean()).backward()
        gradients.append(conv.weight.grad.clone())
    assert torch.equal(*gradients)


def test_what_has_no_graph_is_handed_on_as_it_is():
    image, watch = torch.zeros(1), GradientWatch()
    assert watch.alias('term', image) is image and watch.alias('term', None) is None and watch.sums == {}


def test_a_sum_of_fp16_gradients_does_not_overflow():
    weight, watch = nn.Parameter(torch.ones(1000, dtype=torch.float16)), GradientWatch()
    (watch.alias('term', weight) * 1000).sum(dtype=torch.float32).backward()
    assert watch.sums['term'] == 1e6
