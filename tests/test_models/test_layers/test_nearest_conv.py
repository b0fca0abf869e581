"""Enlarging and convolving in one step is enlarging, then convolving."""

import pytest
import torch
import torch.nn.functional as F

from nightgen.models.layers.nearest_conv import NearestConv2d, SpectralNearestConv2d


def one_after_the_other(x: torch.Tensor, weight: torch.Tensor, bias: torch.Tensor | None) -> torch.Tensor:
    return F.conv2d(F.pad(x.repeat_interleave(2, 2).repeat_interleave(2, 3), (1, 2, 1, 2)), weight, bias)


@pytest.mark.parametrize('size', [(1, 1), (1, 4), (5, 6)])
@pytest.mark.parametrize('bias', [True, False])
def test_values_and_gradients(size: tuple[int, int], bias: bool):
    layer = NearestConv2d(3, 4, bias=bias).double()
    x = torch.rand(2, 3, *size, dtype=torch.float64, requires_grad=True)
    expected = one_after_the_other(x, layer.weight, layer.bias)
    torch.testing.assert_close(layer(x), expected, rtol=0, atol=1e-13)
    weights = torch.rand_like(expected)
    for ours, theirs in zip(torch.autograd.grad((layer(x) * weights).sum(), (x, layer.weight)),
                            torch.autograd.grad((expected * weights).sum(), (x, layer.weight)), strict=True):
        torch.testing.assert_close(ours, theirs, rtol=0, atol=1e-12)


def test_spectral_norm():
    layer = SpectralNearestConv2d(3, 4).double().eval()
    x = torch.rand(1, 3, 4, 5, dtype=torch.float64)
    torch.testing.assert_close(layer(x), one_after_the_other(x, layer.normalised_weight(), layer.bias))


def test_parameters_are_a_convolutions():
    assert {name: tuple(value.shape) for name, value in NearestConv2d(3, 4).state_dict().items()} == dict(
        weight=(4, 3, 4, 4), bias=(4,))
    assert set(SpectralNearestConv2d(3, 4).state_dict()) == {'weight', 'bias', 'u'}
