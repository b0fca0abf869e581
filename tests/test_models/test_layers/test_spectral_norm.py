"""Spectral norm: the singular value, the power iteration, its gradient, what a checkpoint holds, autocast."""

import copy

import pytest
import torch
import torch.nn.functional as F
from torch import nn

from nightgen.models.layers import SpectralConv2d, conv_class
from nightgen.models.layers.spectral_norm import SpectralConvTranspose2d


def layer(dtype=torch.float64, **kwargs):
    return SpectralConv2d(3, 6, 4, stride=2, padding=1, **kwargs).to(dtype)


def test_sigma_becomes_the_largest_singular_value():
    conv = layer()
    for _ in range(300):
        conv.normalised_weight()
    sigma = torch.linalg.svdvals(conv.weight.flatten(1))[0]
    torch.testing.assert_close(conv.normalised_weight(), conv.weight / sigma, rtol=1e-6, atol=1e-9)


def test_one_power_iteration_a_forward_and_none_kept_in_evaluation():
    conv = layer()
    start, matrix = conv.u.clone(), conv.weight.detach().flatten(1)
    v = start @ matrix / torch.linalg.vector_norm(start @ matrix)
    once = matrix @ v / torch.linalg.vector_norm(matrix @ v)
    x = torch.rand(2, 3, 8, 10, dtype=torch.float64)
    expected = F.conv2d(x, conv.weight / (once @ matrix @ v), conv.bias, stride=2, padding=1)
    torch.testing.assert_close(conv.eval()(x), expected)
    assert torch.equal(conv.u, start)
    torch.testing.assert_close(conv.train()(x), expected)
    torch.testing.assert_close(conv.u, once)


def test_it_equals_torchs_parametrization():
    conv = layer()
    other = nn.Conv2d(3, 6, 4, stride=2, padding=1).double()
    other.load_state_dict({name: value for name, value in conv.state_dict().items() if name != 'u'})
    nn.utils.parametrizations.spectral_norm(other)
    other.parametrizations.weight[0]._u.copy_(conv.u)
    x = torch.rand(2, 3, 8, 10, dtype=torch.float64)
    for _ in range(3):
        # torch finds u before v, we v before u: its u of the next pass is ours of this one
        other.parametrizations.weight[0]._v.copy_(F.normalize(conv.u @ conv.weight.detach().flatten(1), dim=0))
        ours, theirs = conv(x), other(x)
        torch.testing.assert_close(conv.u, other.parametrizations.weight[0]._u)
    del ours, theirs
    for module in (conv, other):
        module.eval()
    u = conv.u
    v = F.normalize(u @ conv.weight.detach().flatten(1), dim=0)
    sigma = torch.linalg.vector_norm(conv.weight.detach().flatten(1) @ v)
    torch.testing.assert_close(conv.normalised_weight(), conv.weight / sigma)


@pytest.mark.parametrize('kind', ['contiguous', 'channels-last', 'transposed'])
def test_gradient_is_that_of_w_over_sigma_with_constant_vectors(kind):
    conv = conv_class(True, kind == 'transposed')(3, 6, 4, stride=2, padding=1).double().eval()
    if kind == 'channels-last':
        conv.to(memory_format=torch.channels_last)

    def rows(weight):
        return (weight.transpose(0, 1) if kind == 'transposed' else weight).reshape(6, -1)

    matrix = rows(conv.weight.detach())
    v = F.normalize(conv.u @ matrix, dim=0)
    u = F.normalize(matrix @ v, dim=0)
    weight = conv.weight.detach().clone().requires_grad_()
    factors = torch.rand_like(weight)
    expected, = torch.autograd.grad((factors * weight / (u @ rows(weight) @ v)).sum(), weight)
    normalised = conv.normalised_weight()
    assert normalised.shape == conv.weight.shape
    assert kind == 'transposed' or normalised.stride() == conv.weight.stride()
    got, = torch.autograd.grad((factors * normalised).sum(), conv.weight)
    torch.testing.assert_close(got, expected)


def test_the_gradient_to_the_input_has_a_gradient():
    """A gradient penalty on a discriminator with spectral norm."""
    conv = layer().eval()
    x = torch.rand(1, 3, 6, 6, dtype=torch.float64, requires_grad=True)

    def penalty(weight):
        with torch.no_grad():
            conv.weight.copy_(weight)
        slope, = torch.autograd.grad(conv(x).square().sum(), x, create_graph=True)
        return slope.square().sum()

    start = conv.weight.detach().clone()
    step = torch.randn_like(start)
    for _ in range(400):  # at the singular vectors the change of u and v does not matter to first order
        conv.train().normalised_weight()
    conv.eval()
    got, = torch.autograd.grad(penalty(start), conv.weight)
    along = (penalty(start + 1e-5 * step) - penalty(start - 1e-5 * step)) / 2e-5
    torch.testing.assert_close((got * step).sum(), along.detach(), rtol=1e-4, atol=1e-8)


def test_two_forwards_before_one_backward():
    conv = layer()
    x = torch.rand(1, 3, 8, 8, dtype=torch.float64)
    (conv(x).square().mean() + conv(2 * x).square().mean()).backward()
    assert conv.weight.grad.abs().sum() > 0


def test_compiled_two_forwards_before_one_backward():
    """As a discriminator has them for real and fake images; a graph that held ``u`` failed in the backward pass."""
    eager = layer(torch.float32)
    compiled = copy.deepcopy(eager)
    compiled.compile(backend='aot_eager_decomp_partition')  # keeps for backward what inductor keeps
    x = torch.rand(2, 3, 8, 10)
    for conv in (eager, compiled):
        (conv(x).square().sum() + conv(1 - x).sum()).backward()
    torch.testing.assert_close(compiled.weight.grad, eager.weight.grad)
    torch.testing.assert_close(compiled.u, eager.u)


def test_channels_last_changes_nothing():
    conv = layer()
    twin = copy.deepcopy(conv).to(memory_format=torch.channels_last)
    assert twin.weight.is_contiguous(memory_format=torch.channels_last)
    x = torch.rand(2, 3, 8, 10, dtype=torch.float64)
    for _ in range(3):
        torch.testing.assert_close(twin(x), conv(x))
        torch.testing.assert_close(twin.u, conv.u)


def test_sigma_keeps_its_precision_under_autocast():
    conv = layer(torch.float32)
    weight = copy.deepcopy(conv).normalised_weight()
    with torch.autocast('cpu', dtype=torch.bfloat16):
        assert torch.equal(copy.deepcopy(conv).normalised_weight(), weight)
        assert conv(torch.rand(1, 3, 8, 8)).dtype is torch.bfloat16


def test_state_dict_is_a_convolutions_and_u():
    conv = layer()
    assert set(conv.state_dict()) == {'weight', 'bias', 'u'}
    assert [name for name, _ in conv.named_parameters()] == ['weight', 'bias']
    twin = layer()
    twin.load_state_dict(conv.state_dict())
    x = torch.rand(1, 3, 8, 8, dtype=torch.float64)
    assert torch.equal(twin(x), conv(x)) and torch.equal(twin.u, conv.u)


@pytest.mark.parametrize('spectral', [True, False])
def test_class_of_a_networks_convolutions(spectral):
    assert conv_class(spectral) is (SpectralConv2d if spectral else nn.Conv2d)
    assert conv_class(spectral, transposed=True) is (SpectralConvTranspose2d if spectral else nn.ConvTranspose2d)


def test_a_transposed_convolution_by_its_own_output_channels():
    conv = SpectralConvTranspose2d(3, 6, 4, stride=2, padding=1).double()
    for _ in range(300):
        conv.normalised_weight()
    rows = conv.weight.detach().permute(1, 0, 2, 3).flatten(1)
    assert conv.u.shape == (6,) and rows.shape == (6, 48)
    x = torch.rand(2, 3, 5, 4, dtype=torch.float64)
    expected = F.conv_transpose2d(x, conv.weight / torch.linalg.svdvals(rows)[0], conv.bias, stride=2, padding=1)
    torch.testing.assert_close(conv(x), expected, rtol=1e-6, atol=1e-9)
