"""UNIT's halves of a generator: parameters, and the network of the MUNIT repository written out."""

import pytest
import torch
from torch import nn

from nightgen.models.backbones import ContentDecoder, ContentEncoder
from nightgen.registry import BACKBONES


def count(module):
    return sum(parameter.numel() for parameter in module.parameters())


def test_parameter_counts():
    """Convolutions by hand: 7x7, 4x4 twice and 4 blocks; 4 blocks, 5x5 with two vectors for the norm twice and 7x7."""
    block = 2 * (256 * 256 * 9 + 256)
    encoder = 3 * 64 * 49 + 64 + 64 * 128 * 16 + 128 + 128 * 256 * 16 + 256 + 4 * block
    decoder = 4 * block + 256 * 128 * 25 + 3 * 128 + 128 * 64 * 25 + 3 * 64 + 64 * 3 * 49 + 3
    assert count(ContentEncoder()) == encoder == 5_385_856
    assert count(ContentDecoder()) == decoder == 5_754_627


class LayerNorm(nn.Module):
    """Over all of an image's elements; the MUNIT repository adds its epsilon to the (unbiased) deviation."""

    def forward(self, x):
        mean, variance = x.mean(dim=(1, 2, 3), keepdim=True), x.var(dim=(1, 2, 3), keepdim=True, correction=0)
        return (x - mean) / (variance + 1e-5).sqrt()


def padded(before, after, kernel, stride, norm, activation):
    return [nn.ReflectionPad2d((kernel - 1) // 2), nn.Conv2d(before, after, kernel, stride), norm, activation]


class Block(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.body = nn.Sequential(*padded(width, width, 3, 1, nn.InstanceNorm2d(width), nn.ReLU()),
                                  *padded(width, width, 3, 1, nn.InstanceNorm2d(width), nn.Identity()))

    def forward(self, x):
        return x + self.body(x)


def test_against_the_networks_of_the_code():
    base = 4
    encoder = nn.Sequential(
        *padded(3, base, 7, 1, nn.InstanceNorm2d(base), nn.ReLU()),
        *padded(base, 2 * base, 4, 2, nn.InstanceNorm2d(2 * base), nn.ReLU()),
        *padded(2 * base, 4 * base, 4, 2, nn.InstanceNorm2d(4 * base), nn.ReLU()), Block(4 * base), Block(4 * base))
    decoder = nn.Sequential(
        Block(4 * base), Block(4 * base),
        nn.Upsample(scale_factor=2), *padded(4 * base, 2 * base, 5, 1, LayerNorm(), nn.ReLU()),
        nn.Upsample(scale_factor=2), *padded(2 * base, base, 5, 1, LayerNorm(), nn.ReLU()),
        *padded(base, 3, 7, 1, nn.Identity(), nn.Tanh()))
    ours = [BACKBONES.build(dict(type=name, base=base, num_blocks=2)).double()
            for name in ('ContentEncoder', 'ContentDecoder')]
    for half, reference in zip(ours, (encoder, decoder), strict=True):
        convs = [{key: value for key, value in module.state_dict().items()} for module in half.modules()
                 if isinstance(module, nn.Conv2d)]
        targets = [module for module in reference.modules() if isinstance(module, nn.Conv2d)]
        for values, conv in zip(convs, targets, strict=True):
            conv.load_state_dict(values)
    x = torch.rand(2, 3, 16, 24, dtype=torch.float64) * 2 - 1
    latent = ours[0](x)
    assert latent.shape == (2, 16, 4, 6)
    torch.testing.assert_close(latent, encoder.double()(x), rtol=0, atol=1e-12)
    image = ours[1](latent)
    assert image.shape == x.shape and image.abs().max() <= 1
    torch.testing.assert_close(image, decoder.double()(latent), rtol=0, atol=1e-12)


def test_initialisation():
    encoder = ContentEncoder(base=16, num_blocks=1)
    encoder.init_weights()
    conv = encoder.blocks[0].conv1
    assert conv.weight.std().item() == pytest.approx((2 / (64 * 9)) ** 0.5, rel=0.05) and not conv.bias.any()


def test_sides_that_do_not_fit_are_named():
    with pytest.raises(ValueError, match=r'4 must divide the sides of an image, got \(18, 24\)'):
        ContentEncoder(base=2, num_blocks=1)(torch.rand(1, 3, 18, 24))
