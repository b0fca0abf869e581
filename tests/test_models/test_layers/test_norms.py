"""Norms that torch has no layer for, against formulas written out."""

import torch

from nightgen.models.layers import build_norm
from nightgen.models.layers.norms import InstanceBatchNorm2d, SampleNorm2d


def features() -> torch.Tensor:
    return torch.randn(3, 5, 4, 6, dtype=torch.float64, generator=torch.Generator().manual_seed(0)) * 2 + 1


def normalised(x: torch.Tensor, dims: tuple[int, ...], eps: float) -> torch.Tensor:
    mean = x.mean(dims, keepdim=True)
    return (x - mean) / ((x - mean).square().mean(dims, keepdim=True) + eps).sqrt()


def test_ibn_a_is_instance_norm_on_the_first_half_and_batch_norm_on_the_rest():
    layer, x = build_norm('ibn_a', 5).double(), features()
    assert isinstance(layer, InstanceBatchNorm2d)
    expected = torch.cat([normalised(x[:, :2], (2, 3), 1e-5), normalised(x[:, 2:], (0, 2, 3), 1e-5)], 1)
    torch.testing.assert_close(layer(x), expected)
    assert sum(parameter.numel() for parameter in layer.parameters()) == 2 * 5
    still = layer.eval()(x)
    torch.testing.assert_close(still[:, :2], expected[:, :2])  # of the sample, also in evaluation
    assert not torch.allclose(still[:, 2:], expected[:, 2:])  # running statistics


def test_sample_norm_is_keras_contribs_layer_without_an_axis():
    layer, x = build_norm('sample', 5).double(), features()
    assert isinstance(layer, SampleNorm2d) and [p.numel() for p in layer.parameters()] == [1, 1]
    with torch.no_grad():
        layer.weight.fill_(1.5), layer.bias.fill_(-0.25)
    mean, deviation = (part.view(3, 1, 1, 1) for part in (
        x.flatten(1).mean(1), x.flatten(1).std(1, unbiased=False)))
    torch.testing.assert_close(layer(x), 1.5 * (x - mean) / (deviation + 1e-3) - 0.25)


def test_sample_norm_in_16_bits_does_not_overflow():
    layer, x = SampleNorm2d(), features().float() * 300
    made = layer(x.half())
    assert made.dtype == torch.float16
    torch.testing.assert_close(made.float(), layer(x), rtol=0, atol=5e-3)


def test_sample_norm_of_a_constant_sample_has_finite_gradients():
    layer = SampleNorm2d()
    x = torch.ones(1, 2, 3, 3, requires_grad=True)
    layer(x).square().sum().backward()
    assert torch.equal(layer(x), torch.zeros_like(x)) and torch.isfinite(x.grad).all()


def test_keras_batch_norm():
    layer = build_norm('batch_keras', 4)
    assert (layer.momentum, layer.eps, layer.num_features) == (0.01, 1e-3, 4)
