"""The U-Net: published counts, the two papers' forms against forms written by hand, norm plans, sizes."""

import pytest
import torch
import torch.nn.functional as F
from torch import nn

from nightgen.models.backbones import UNet
from nightgen.models.layers import SpectralConv2d
from nightgen.models.layers.norms import InstanceBatchNorm2d
from nightgen.registry import MODELS

PIX2PIX = dict(num_levels=8, encoder_norms=['none', *['batch'] * 6, 'none'], upsampling='transposed', bias=False,
               dropout=[0, 0.5, 0.5, 0.5, 0, 0, 0], skip_activation='relu')
IBN = dict(decoder_norms=['batch'] * 5 + ['instance_affine'])
# specs/cgan_colorization 2: parameters of each convolution, bias included.
CONVOLUTIONS = [1088, 131200, 524544, 2097664, 4194816, 4194816, 4194816, 4194816, 8389120, 8389120, 4194560, 1048704,
                262208, 4098]


def on_meta(**settings) -> UNet:
    with torch.device('meta'):
        return UNet(**settings)


def count(module: nn.Module) -> int:
    return sum(parameter.numel() for parameter in module.parameters())


@pytest.mark.parametrize('upsampling', ['nearest', 'bilinear', 'transposed'])
@pytest.mark.parametrize('spectral', [False, True])
def test_counts_of_the_paper(upsampling: str, spectral: bool):
    network = on_meta(upsampling=upsampling, spectral=spectral)
    convolutions = [count(m) for m in network.modules() if isinstance(m, nn.Conv2d | nn.ConvTranspose2d)]
    assert convolutions == CONVOLUTIONS and sum(convolutions) == 41_821_570
    assert count(network) == 41_830_402
    assert count(on_meta(encoder_norms='instance_affine', decoder_norms='instance_affine')) == 41_830_402


def test_count_of_pix2pix():
    assert count(on_meta(**PIX2PIX)) == 54_409_858
    assert count(on_meta(in_channels=3, out_channels=3, **PIX2PIX)) == 54_413_955  # printed as 54.414 M


def test_it_is_the_paper_written_by_hand():
    network = UNet(base=4, num_levels=3, **dict(encoder_norms='instance_affine', decoder_norms='batch')).double()
    down, up, head = ([block[i] for i in range(len(block))] for block in (network.encoder, network.decoder,
                                                                          [network.head]))
    x = torch.rand(2, 1, 16, 24, dtype=torch.float64) * 2 - 1

    def convolve(layer, x, **where):
        return F.conv2d(x, layer.weight, layer.bias, **where)

    def bigger(layer, x):
        return convolve(layer, F.pad(x.repeat_interleave(2, 2).repeat_interleave(2, 3), (1, 2, 1, 2)))

    def leaky(x):
        return torch.where(x > 0, x, 0.2 * x)

    e1 = leaky(convolve(down[0][0], x, stride=2, padding=1))
    e2 = leaky(F.instance_norm(convolve(down[1][0], e1, stride=2, padding=1)))
    e3 = leaky(F.instance_norm(convolve(down[2][0], e2, stride=2, padding=1)))
    d1 = torch.cat([F.batch_norm(bigger(up[0][0], e3), None, None, training=True).clamp(min=0), e2], 1)
    d2 = torch.cat([F.batch_norm(bigger(up[1][0], d1), None, None, training=True).clamp(min=0), e1], 1)
    torch.testing.assert_close(network(x), bigger(head[0][0], d2).tanh())


class Pix2PixBlock(nn.Module):
    """pix2pix's recursion (specs/cgan_colorization 14), activations before convolutions."""

    def __init__(self, down, up, inner=None, outermost=False):
        super().__init__()
        self.down, self.up, self.inner, self.outermost = down, up, inner, outermost

    def forward(self, x):
        h = self.down(x if self.outermost else F.leaky_relu(x, 0.2))
        h = self.up(F.relu(h if self.inner is None else self.inner(h)))
        return torch.tanh(h) if self.outermost else torch.cat([h, x], 1)


def test_it_is_pix2pix_written_as_a_recursion():
    network = UNet(base=4, **dict(PIX2PIX, num_levels=4, dropout=0, encoder_norms=['none', 'batch', 'batch', 'none']))
    network.double()
    block = None
    ups = [*network.decoder, network.head[:1]]
    for depth in range(4):
        block = Pix2PixBlock(network.encoder[3 - depth], ups[depth], block, outermost=depth == 3)
    x = torch.rand(2, 1, 32, 32, dtype=torch.float64) * 2 - 1
    torch.testing.assert_close(network(x), block(x))


def test_dropout_in_training_only_and_where_it_is_asked_for():
    network = UNet(base=4, **PIX2PIX)
    where = [index for index, block in enumerate(network.decoder) if any(isinstance(m, nn.Dropout) for m in block)]
    assert where == [1, 2, 3]
    x = torch.rand(1, 1, 256, 256)
    assert not torch.equal(network(x), network(x))
    assert torch.equal(network.eval()(x), network(x))


def test_ibn_has_exactly_one_instance_norm():
    """In the last decoder block, of 64 channels (specs/cgan_colorization 4); everything else is batch norm."""
    network = on_meta(**IBN)
    instance = [m for m in network.modules() if isinstance(m, nn.InstanceNorm2d)]
    batch = [m for m in network.modules() if isinstance(m, nn.BatchNorm2d)]
    assert [(m.num_features, m.affine) for m in instance] == [(64, True)] and len(batch) == 11
    assert network.decoder[5][1] is instance[0]
    assert isinstance(on_meta(decoder_norms=['batch'] * 5 + ['ibn_a']).decoder[5][1], InstanceBatchNorm2d)


@pytest.mark.parametrize('upsampling', ['nearest', 'transposed'])
def test_largest_singular_values_are_one_after_some_steps(upsampling: str):
    network = UNet(base=4, num_levels=3, spectral=True, upsampling=upsampling)
    network.init_weights()
    for _ in range(200):
        network(torch.rand(2, 1, 8, 8))
    layers = [m for m in network.modules() if isinstance(m, nn.Conv2d | nn.ConvTranspose2d)]
    assert len(layers) == 6
    for layer in layers:
        transposed = isinstance(layer, nn.ConvTranspose2d)
        weight = layer.normalised_weight().detach()
        sigma = torch.linalg.svdvals((weight.transpose(0, 1) if transposed else weight).flatten(1))[0]
        assert abs(sigma.item() - 1) < 0.02
    assert not any(isinstance(m, SpectralConv2d) for m in UNet(base=4).modules())


def test_glorot_uniform_weights_and_no_biases():
    network = UNet(base=16, num_levels=3)
    network.init_weights()
    conv = network.encoder[2][0]
    limit = (6 / (16 * (32 + 64))) ** 0.5
    assert 0.99 * limit < conv.weight.abs().max() <= limit and not conv.bias.any()
    assert abs(conv.weight.std().item() - limit / 3 ** 0.5) < 0.01 * limit


@pytest.mark.parametrize('size', [(8, 16), (1, 1), (13, 9), (3, 40)])
@pytest.mark.parametrize('norm', ['batch', 'instance', 'ibn_a'])
def test_any_size(size: tuple[int, int], norm: str):
    network = UNet(base=4, num_levels=3, encoder_norms=norm, decoder_norms=norm).eval()
    out = network(torch.rand(1, 1, *size) * 2 - 1)
    assert out.shape == (1, 2, *size) and out.abs().max() < 1 and out.isfinite().all()


def test_padding_repeats_the_border():
    network = UNet(base=4, num_levels=2).eval()
    x = torch.rand(1, 1, 6, 7)
    wide = torch.cat([x, x[..., -1:]], 3)
    assert torch.equal(network(x), network(torch.cat([wide, wide[:, :, -1:], wide[:, :, -1:]], 2))[..., :6, :7])


@pytest.mark.parametrize('settings,match', [
    (dict(num_levels=1), 'num_levels'), (dict(upsampling='area'), 'nearest'), (dict(skip_activation='tanh'), 'relu'),
    (dict(decoder_norms=['batch'] * 7), 'decoder_norms takes one value for each of 6'),
    (dict(encoder_norms=['batch']), 'each of 7'), (dict(dropout=[0.5]), 'dropout'), (dict(decoder_norms='x'), "'x'")])
def test_settings_that_do_not_fit(settings: dict, match: str):
    with pytest.raises(ValueError, match=match):
        MODELS.build(dict(type='UNet', base=4, **settings))
