"""CycleGAN's generator: parameters, layers, sizes, initialisation."""

import pytest
import torch
import torch.nn.functional as F
from torch import nn

from nightgen.models.backbones import ResNetGenerator
from nightgen.registry import BACKBONES

CUT_TAPS = ('image', 'down1', 'down2', 'block1', 'block5')


@pytest.mark.parametrize('antialias', [False, True])
def test_parameter_count(antialias):
    network = ResNetGenerator(antialias_down=antialias, antialias_up=antialias)
    assert sum(parameter.numel() for parameter in network.parameters()) == 11_378_179
    assert not list(network.buffers())


class BinomialResample(nn.Module):
    """CUT's Downsample (3 taps, mirrored) and Upsample (4 taps, repeated borders), by its filters."""

    def __init__(self, up):
        super().__init__()
        self.up = up

    def forward(self, x):
        row = torch.tensor([1.0, 3, 3, 1] if self.up else [1.0, 2, 1], dtype=x.dtype) / 4
        kernel = torch.outer(row, row).repeat(x.shape[1], 1, 1, 1)
        x = F.pad(x, (1, 1, 1, 1), mode='replicate' if self.up else 'reflect')
        if self.up:
            return F.conv_transpose2d(x, kernel, stride=2, padding=3, groups=x.shape[1])
        return F.conv2d(x, kernel, stride=2, groups=x.shape[1])


def cyclegan(base, num_blocks, antialias=False):
    """The network of CycleGAN's code or (antialias) of CUT's, written out with the layers that they use."""

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
        layers += [nn.Conv2d(width, 2 * width, 3, 1 if antialias else 2, 1), nn.InstanceNorm2d(2 * width), nn.ReLU()]
        layers += [BinomialResample(up=False)] * antialias
    layers += [Block(4 * base) for _ in range(num_blocks)]
    for width in (4 * base, 2 * base):
        up = [BinomialResample(up=True), nn.Conv2d(width, width // 2, 3, 1, 1)] if antialias else [
            nn.ConvTranspose2d(width, width // 2, 3, 2, 1, output_padding=1)]
        layers += [*up, nn.InstanceNorm2d(width // 2), nn.ReLU()]
    return nn.Sequential(*layers, nn.ReflectionPad2d(3), nn.Conv2d(base, 3, 7), nn.Tanh())


def pair(antialias, num_blocks):
    """Ours and the reference with the same weights, float64."""
    ours = ResNetGenerator(base=4, num_blocks=num_blocks, antialias_down=antialias, antialias_up=antialias).double()
    reference = cyclegan(4, num_blocks, antialias).double()
    reference.load_state_dict(dict(zip(reference.state_dict(), ours.state_dict().values(), strict=True)))
    return ours, reference


@pytest.mark.parametrize('antialias', [False, True], ids=['cyclegan', 'cut'])
def test_against_the_network_of_the_paper(antialias):
    ours, reference = pair(antialias, 2)
    x = torch.rand(1, 3, 24, 32, dtype=torch.float64) * 2 - 1
    torch.testing.assert_close(ours(x), reference(x), rtol=0, atol=1e-12)


@pytest.mark.parametrize('antialias,indices', [(True, (4, 8, 12, 16)), (False, (4, 7, 10, 14))])
def test_taps_are_the_layers_that_cut_names_by_number(antialias, indices):
    """With antialiasing the reference's layers 0, 4, 8, 12 and 16; 0 is the image, which it takes mirror-padded."""
    ours, reference = pair(antialias, 6)
    x = torch.rand(2, 3, 16, 24, dtype=torch.float64) * 2 - 1
    wanted, hidden = [x], x
    for index, layer in enumerate(reference):
        hidden = layer(hidden)
        if index in indices:
            wanted.append(hidden.clone())
    out, features = ours(x, taps=CUT_TAPS)
    torch.testing.assert_close(out, ours(x), rtol=0, atol=0)
    for tap, value, alone, want in zip(CUT_TAPS, features, ours(x, taps=CUT_TAPS, taps_only=True), wanted, strict=True):
        torch.testing.assert_close(value, want, rtol=0, atol=1e-12)
        torch.testing.assert_close(alone, value, rtol=0, atol=0)
        assert value.shape[1] == ours.tap_channels[tap]


def test_every_tap_has_the_channels_that_it_declares():
    network = ResNetGenerator(in_channels=1, out_channels=2, base=4, num_blocks=2, norm='none')
    names = list(network.tap_channels)
    assert names == ['image', 'stem', 'down1', 'down2', 'block1', 'block2', 'up1', 'up2', 'head']
    features = network(torch.rand(1, 1, 8, 8), taps=names, taps_only=True)
    assert [value.shape[1] for value in features] == list(network.tap_channels.values())
    stem = network.layers.stem.conv(torch.rand(1, 1, 8, 8))
    assert stem.min() < 0 and min(value.min() for value in features[1:4]) < 0  # no ReLU has overwritten them


def test_taps_stop_behind_the_last_one():
    network = ResNetGenerator(base=4, num_blocks=2)
    network.layers.block2.register_forward_hook(lambda *args: pytest.fail('block2 was run'))
    network(torch.rand(1, 3, 8, 8), taps=('block1', 'down1'), taps_only=True)


def test_a_compiled_network_taps_as_well():
    network = ResNetGenerator(base=4, num_blocks=1).double()
    x = torch.rand(1, 3, 9, 10, dtype=torch.float64)
    plain, features = network(x, taps=('down2', 'image'))
    network.compile(backend='eager')
    torch.testing.assert_close(network(x), plain, rtol=0, atol=0)
    for ours, want in zip(network(x, taps=('down2', 'image'), taps_only=True), features, strict=True):
        torch.testing.assert_close(ours, want, rtol=0, atol=0)
    assert plain.shape == x.shape and features[1].shape == (1, 3, 12, 12)


def test_an_unknown_tap_is_named():
    with pytest.raises(KeyError, match=r"no taps \['block3'\]; it has \['image', 'stem'"):
        ResNetGenerator(base=4, num_blocks=2)(torch.rand(1, 3, 8, 8), taps=('image', 'block3'))


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
    for step in network.layers[:-1]:
        hidden = step(hidden)
    last = network.layers.head.conv
    torch.testing.assert_close(
        network(x), F.conv2d(F.pad(hidden, (3, 3, 3, 3), mode='reflect'), last.weight, last.bias), rtol=1e-3, atol=1e-4)
