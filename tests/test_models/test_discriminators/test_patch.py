"""The 70x70 PatchGAN: parameters, receptive field, score maps, a hand-written forward pass, spectral norm, errors."""

import pytest
import torch
import torch.nn.functional as F
from torch import nn

from nightgen.models.discriminators import PatchDiscriminator
from nightgen.models.layers import SpectralConv2d
from nightgen.registry import DISCRIMINATORS


def count(module):
    return sum(parameter.numel() for parameter in module.parameters())


@pytest.mark.parametrize(('settings', 'expected'), [
    (dict(), 2_764_737), (dict(antialias=True), 2_764_737),
    (dict(norm='none', spectral=True), 2_764_737), (dict(num_scales=3), 8_294_211),
    (dict(norm='batch'), 2_764_737 + 1_792), (dict(norm='batch', norm_bias=False), 2_765_633),
    (dict(in_channels=6, norm='batch', norm_bias=False), 2_768_705)])
def test_parameter_counts(settings, expected):
    assert count(PatchDiscriminator(**settings)) == expected


@pytest.mark.parametrize(('strides', 'antialias', 'pixels', 'side'), [
    ('basic', False, 70, 30), ('basic', True, 84, 30), ('released', False, 94, 16)])
def test_receptive_field_and_score_maps(strides, antialias, pixels, side):
    """Seen by the gradient of one score; without norm, which would look at the whole image."""
    network = PatchDiscriminator(in_channels=1, base=2, norm='none', strides=strides, antialias=antialias).double()
    for parameter in network.parameters():
        nn.init.constant_(parameter, 0.1)  # positive everywhere: no path cancels
    image = torch.ones(1, 1, 256, 256, dtype=torch.float64, requires_grad=True)
    score, = network(image)
    assert score.shape == (1, 1, side, side)
    score[0, 0, side // 2, side // 2].backward()
    rows = image.grad[0, 0].any(dim=1).nonzero()
    assert rows.max() - rows.min() + 1 == pixels


def hand_written(network, image, norms, last_stride):
    convs = [layer for layer in network if isinstance(layer, nn.Conv2d)]
    for index, conv in enumerate(convs[:-1]):
        image = F.conv2d(image, conv.weight, conv.bias, stride=2 if index < 3 else last_stride, padding=1)
        if index and norms[index - 1] == 'instance':
            image = F.instance_norm(image)
        image = F.leaky_relu(image, 0.2)
    image = F.pad(image, (1, 2, 1, 2) if last_stride == 2 else (1, 1, 1, 1))  # Keras pads an even kernel so
    return F.conv2d(image, convs[-1].weight, convs[-1].bias)


@pytest.mark.parametrize('strides', ['basic', 'released'])
def test_against_a_hand_written_forward_pass(strides):
    norms = ('instance', 'none', 'instance')
    network = PatchDiscriminator(base=4, norm=norms, strides=strides, num_scales=2).double()
    x = torch.rand(2, 3, 128, 96, dtype=torch.float64)
    half = (x[..., ::2, ::2] + x[..., 1::2, ::2] + x[..., ::2, 1::2] + x[..., 1::2, 1::2]) / 4
    for scale, image, got in zip(network.scales, (x, half), network(x), strict=True):
        torch.testing.assert_close(got, hand_written(scale, image, norms, dict(basic=1, released=2)[strides]))


def test_antialiased_against_a_hand_written_forward_pass():
    """CUT's: a stride of 2 is a convolution of stride 1 and, behind the leaky ReLU, a binomial filter of stride 2."""
    network = PatchDiscriminator(base=4, antialias=True).double()
    x = torch.rand(2, 3, 64, 48, dtype=torch.float64)
    row = torch.tensor([1.0, 2, 1], dtype=torch.float64) / 4
    convs = [layer for layer in network.scales[0] if isinstance(layer, nn.Conv2d)]
    assert all(conv.stride == (1, 1) for conv in convs)
    want = x
    for index, conv in enumerate(convs[:-1]):
        want = F.conv2d(want, conv.weight, conv.bias, padding=1)
        want = F.leaky_relu(F.instance_norm(want) if index else want, 0.2)
        if index < 3:
            kernel = torch.outer(row, row).repeat(want.shape[1], 1, 1, 1)
            want = F.conv2d(F.pad(want, (1, 1, 1, 1), mode='reflect'), kernel, stride=2, groups=want.shape[1])
    want = F.conv2d(want, convs[-1].weight, convs[-1].bias, padding=1)
    torch.testing.assert_close(network(x)[0], want, rtol=0, atol=1e-12)
    assert want.shape == PatchDiscriminator(base=4).double()(x)[0].shape


def test_spectral_norm_is_in_every_convolution():
    network = DISCRIMINATORS.build(dict(type='PatchDiscriminator', base=4, norm='none', spectral=True))
    convs = [module for module in network.modules() if isinstance(module, nn.Conv2d)]
    assert len(convs) == 5 and all(isinstance(conv, SpectralConv2d) for conv in convs)
    for _ in range(60):
        network(torch.rand(1, 3, 32, 32))
    for conv in convs:
        assert torch.linalg.matrix_norm(conv.normalised_weight().flatten(1), 2).item() == pytest.approx(1, abs=1e-2)


def test_initialisation_reaches_spectral_convolutions():
    for spectral in (False, True):
        network = PatchDiscriminator(base=32, spectral=spectral)
        network.init_weights()
        convs = [module for module in network.modules() if isinstance(module, nn.Conv2d)]
        weights = torch.cat([conv.weight.flatten() for conv in convs])
        assert abs(weights.std().item() - 0.02) < 0.001
        assert not any(conv.bias.any() for conv in convs)


def test_errors():
    with pytest.raises(ValueError, match="strides must be one of .*'wide'"):
        PatchDiscriminator(strides='wide')
    with pytest.raises(ValueError, match='3 layers take 3 norms'):
        PatchDiscriminator(norm=('batch', 'batch'))
    with pytest.raises(ValueError, match='no patch fits into 16x64'):
        PatchDiscriminator(base=4)(torch.rand(1, 3, 16, 64))
