"""The generator behind colour invariants: its size, what it computes, and its form for inference."""

import pytest
import torch

from nightgen.models.backbones import InvariantGenerator, ResNetGenerator


def count(network):
    return sum(parameter.numel() for parameter in network.parameters())


def narrow(**invariant):
    torch.manual_seed(0)
    return InvariantGenerator(dict(type='LearnableColorInvariant', **invariant) if invariant else None,
                              dict(type='ResNetGenerator', base=4, num_blocks=1))


def test_parameters_are_those_of_the_spec():
    network = InvariantGenerator()
    assert count(network.generator) == 11_384_451 and count(network) == 11_384_451 + 25 + 1
    three = InvariantGenerator(dict(type='LearnableColorInvariant', out_channels=3))
    assert count(three.generator) == count(ResNetGenerator()) == 11_378_179 and count(three) == 11_378_179 + 15 + 1
    diag = InvariantGenerator(dict(type='LearnableColorInvariant', mix='diag'))
    assert count(diag) == 11_384_451 + 5 + 1


def test_it_is_the_generator_of_the_invariants():
    network = narrow()
    x = torch.rand(2, 3, 24, 28) * 2 - 1
    expected, taps = network.generator(network.invariant(x / 2 + 0.5), taps=('image', 'down1'))
    assert network(x).equal(expected)
    out, found = network(x, taps=('image', 'down1'))
    assert out.equal(expected) and all(a.equal(b) for a, b in zip(found, taps, strict=True))
    assert network.tap_channels['image'] == 5 and len(network(x, taps=('image',), taps_only=True)) == 1


@pytest.mark.parametrize('dtype', [torch.float32, torch.bfloat16])
def test_inference_form(dtype):
    network = narrow(scale_init=0.5).eval()
    x = torch.rand(1, 3, 24, 28) * 2 - 1
    fast = network.to_inference(dtype)
    expected = network(x)
    with torch.no_grad():
        network.invariant.scale.fill_(-2.0)
        network.generator.layers.stem.conv.weight.zero_()
    made = fast(x)
    assert made.dtype == torch.float32 and not made.requires_grad
    torch.testing.assert_close(made, expected.detach(), rtol=0, atol=1e-5 if dtype == torch.float32 else 0.05)
    with pytest.raises(ValueError, match='choose torch.float32 or torch.bfloat16'):
        network.to_inference(torch.float16)
