"""CycleGAN's generator: parameters, layers, sizes, initialisation."""

import pytest
import torch
import torch.nn.functional as F
from torch import nn

from nightgen.models.backbones import ResNetGenerator
from nightgen.registry import BACKBONES


def test_parameter_count():
    assert sum(parameter.numel() for parameter in ResNetGenerator().parameters()) == 11_378_179


def cyclegan(base, num_blocks):
    """CycleGAN's network, written out with the layers that its code uses."""

    class Block(nn.Module):
        def __init__(self, width):
            super().__init__()
            self.body = nn.Sequential(
                nn.ReflectionPad2d(1), nn.Conv2d(width, width, 3), nn.InstanceNorm2d(width), nn.ReLU(),
                nn.ReflectionPad2d(1), nn.Conv2d(width, width, 3), nn.InstanceNorm2d(width))

        def forward(self, x):
            return x + self.body(x)

    layers = [nn.ReflectionPad2d(3), nn.Conv2d(3, base, 7), nn.InstanceNorm2d(base), nn.ReLU()]
    for width in (base, 2 * base):
        layers += [nn.Conv2d(width, 2 * width, 3, 2, 1), nn.InstanceNorm2d(2 * width), nn.ReLU()]
    layers += [Block(4 * base) for _ in range(num_blocks)]
    for width in (4 * base, 2 * base):
        layers += [nn.ConvTranspose2d(width, width // 2, 3, 2, 1, output_padding=1), nn.InstanceNorm2d(width // 2),
                   nn.ReLU()]
    return nn.Sequential(*layers, nn.ReflectionPad2d(3), nn.Conv2d(base, 3, 7), nn.Tanh())


def test_against_the_network_of_cyclegan():
    ours, reference = ResNetGenerator(base=4, num_blocks=2), cyclegan(4, 2)
    values = [value for value in ours.state_dict().values()]
    reference.load_state_dict(dict(zip(reference.state_dict(), values, strict=True)))
    x = torch.rand(1, 3, 24, 32) * 2 - 1
    torch.testing.assert_close(ours(x), reference(x))


@pytest.mark.parametrize('size', [(24, 32), (25, 31), (22, 27)])
def test_any_size_comes_back(size):
    out = ResNetGenerator(base=4, num_blocks=1)(torch.rand(1, 3, *size) * 2 - 1)
    assert out.shape == (1, 3, *size) and out.abs().max() <= 1


def test_initialisation_and_name():
    network = BACKBONES.build(dict(type='ResNetGenerator', base=16, num_blocks=2))
    network.init_weights()
    convs = [module for module in network.modules() if isinstance(module, nn.Conv2d | nn.ConvTranspose2d)]
    weights = torch.cat([conv.weight.flatten() for conv in convs])
    assert abs(weights.std().item() - 0.02) < 0.002
    assert not any(conv.bias.any() for conv in convs)


def test_other_heads():
    network = ResNetGenerator(in_channels=1, out_channels=2, base=4, num_blocks=1, norm='batch', out_act='none')
    x = torch.rand(2, 1, 16, 16)
    assert network(x).shape == (2, 2, 16, 16)
    hidden = x
    for layer in network.layers[:-2]:
        hidden = layer(hidden)
    last = network.layers[-2]
    torch.testing.assert_close(
        network(x), F.conv2d(F.pad(hidden, (3, 3, 3, 3), mode='reflect'), last.weight, last.bias), rtol=1e-3, atol=1e-4)
