"""Encoder, decoder and their pair: parameters, the layers of ToDayGAN written out, halves and whole, errors."""

import pytest
import torch
from torch import nn

from nightgen.models.backbones import ResNetDecoder, ResNetEncoder, SplitGenerator
from nightgen.registry import BACKBONES

GROUP = dict(type='ResNetDecoder', up_norm='group')


def count(module):
    return sum(parameter.numel() for parameter in module.parameters())


def test_parameter_counts():
    assert count(ResNetEncoder()) == 5_099_143
    assert count(ResNetDecoder()) == 6_565_770
    assert count(ResNetDecoder(up_norm='group')) == 6_566_154
    assert count(SplitGenerator()) == 11_664_913
    assert count(SplitGenerator(decoder=GROUP)) == 11_665_297
    attentive = SplitGenerator(dict(type='ResNetEncoder', attention=True), dict(**GROUP, attention=True))
    assert count(attentive) == 11_801_499


class Block(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.body = nn.Sequential(
            nn.ReflectionPad2d(1), nn.Conv2d(width, width, 3), nn.InstanceNorm2d(width), nn.PReLU(),
            nn.ReflectionPad2d(1), nn.Conv2d(width, width, 3), nn.InstanceNorm2d(width))

    def forward(self, x):
        return x + self.body(x)


def written_out(base, up_norm):
    """The layers of specs/morngan 1.1 and 1.2."""
    encoder = [nn.ReflectionPad2d(3), nn.Conv2d(3, base, 7), nn.InstanceNorm2d(base), nn.PReLU()]
    for width in (base, 2 * base):
        encoder += [nn.Conv2d(width, 2 * width, 3, 2, 1), nn.InstanceNorm2d(2 * width), nn.PReLU()]
    encoder += [Block(4 * base) for _ in range(4)]
    decoder = [Block(4 * base) for _ in range(5)]
    for width in (4 * base, 2 * base):
        norm = nn.InstanceNorm2d(width // 2) if up_norm == 'instance' else nn.GroupNorm(4, width // 2)
        decoder += [nn.ConvTranspose2d(width, width // 2, 4, 2, 1), norm, nn.PReLU()]
    return nn.Sequential(*encoder), nn.Sequential(*decoder, nn.ReflectionPad2d(3), nn.Conv2d(base, 3, 7), nn.Tanh())


@pytest.mark.parametrize('up_norm', ['instance', 'group'])
def test_against_the_written_out_layers(up_norm):
    ours = SplitGenerator(dict(type='ResNetEncoder', base=8),
                          dict(type='ResNetDecoder', base=8, up_norm=up_norm, groups=4)).double()
    with torch.no_grad():
        for parameter in ours.parameters():
            parameter.add_(0.1 * torch.randn_like(parameter))
    encoder, decoder = (half.double() for half in written_out(8, up_norm))
    for half, reference in ((ours.encoder, encoder), (ours.decoder, decoder)):
        reference.load_state_dict(dict(zip(reference.state_dict(), half.state_dict().values(), strict=True)))
    x = torch.rand(2, 3, 24, 32, dtype=torch.float64) * 2 - 1
    torch.testing.assert_close(ours.encode(x), encoder(x))
    torch.testing.assert_close(ours(x), decoder(encoder(x)))
    torch.testing.assert_close(ours.decode(ours.encode(x)), ours(x))


def test_group_norm_has_the_papers_groups():
    norms = [module for module in ResNetDecoder(up_norm='group').modules() if isinstance(module, nn.GroupNorm)]
    assert [(norm.num_groups, norm.num_channels) for norm in norms] == [(32, 128), (32, 64)]


def test_attention_sits_before_the_blocks_of_both_halves():
    network = SplitGenerator(dict(type='ResNetEncoder', base=4, num_blocks=1, attention=True),
                             dict(type='ResNetDecoder', base=4, num_blocks=1, attention=True))
    x = torch.rand(1, 3, 80, 96) * 2 - 1
    latent, maps = network.encoder(x, return_attention=True)
    gated, expected = network.encoder.attention(network.encoder.down(x))
    torch.testing.assert_close(latent, network.encoder.blocks(gated))
    for ours, theirs in zip(maps, expected, strict=True):
        torch.testing.assert_close(ours, theirs)
    torch.testing.assert_close(network.encode(x), latent)
    again, _ = network.decoder.attention(latent)
    torch.testing.assert_close(network.decode(latent), network.decoder.up(network.decoder.blocks(again)))
    assert ResNetEncoder(base=4, num_blocks=1)(x, return_attention=True)[1] == []


@pytest.mark.parametrize('size', [(24, 32), (25, 31), (22, 27)])
def test_a_whole_generator_takes_any_size(size):
    network = SplitGenerator(dict(type='ResNetEncoder', base=4), dict(type='ResNetDecoder', base=4))
    out = network(torch.rand(1, 3, *size) * 2 - 1)
    assert out.shape == (1, 3, *size) and out.abs().max() <= 1


def test_initialisation():
    network = BACKBONES.build(dict(type='SplitGenerator', encoder=dict(type='ResNetEncoder', base=16, attention=True),
                                   decoder=dict(type='ResNetDecoder', base=16, up_norm='group', groups=8)))
    network.init_weights()
    convs = [module for module in network.modules() if isinstance(module, nn.Conv2d | nn.ConvTranspose2d)]
    weights = torch.cat([conv.weight.flatten() for conv in convs])
    assert abs(weights.std().item() - 0.02) < 0.001 and not any(conv.bias.any() for conv in convs)
    slopes = [module.weight for module in network.modules() if isinstance(module, nn.PReLU)]
    assert all(slope.tolist() == [0.25] for slope in slopes) and len(slopes) == 3 + 4 + 1 + 5 + 2
    norms = [module for module in network.modules() if isinstance(module, nn.GroupNorm)]
    assert all((norm.weight == 1).all() and not norm.bias.any() for norm in norms)


def test_errors():
    with pytest.raises(ValueError, match=r'4 must divide the sides of an image, got \(22, 32\)'):
        ResNetEncoder(base=4)(torch.rand(1, 3, 22, 32))
    with pytest.raises(ValueError, match='makes 16 channels and the decoder reads 32'):
        SplitGenerator(dict(type='ResNetEncoder', base=4), dict(type='ResNetDecoder', base=8))
    with pytest.raises(ValueError, match='divisible'):
        ResNetDecoder(base=8, up_norm='group')
