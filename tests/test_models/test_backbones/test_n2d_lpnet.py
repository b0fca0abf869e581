"""N2D-LPNet: the spec's constants, a hand-written forward pass of each option, gradients, precision."""

import pytest
import torch
import torch.nn.functional as F

from nightgen.models.backbones import N2DLPNet
from nightgen.models.layers import LaplacianPyramid
from nightgen.registry import BACKBONES

TINY = dict(base=8, stem=4, n_low=2, n_guide=1, level_hidden=8)
OPTIONS = [{}, dict(guide_mode='res_mul'), dict(guide_act='sigmoid'), dict(guide_act='2sigmoid', guide_mode='res_mul'),
           dict(interp='nearest'), dict(stem_kernel=3), dict(guide_out=1), dict(guide_out=1, guide_mode='res_mul'),
           dict(norm='none'), dict(low_residual=False), dict(low_act='none'), dict(num_levels=2), dict(num_levels=1)]


def tiny(**options):
    torch.manual_seed(0)
    return N2DLPNet(**{**TINY, **options})


def count(module):
    return sum(parameter.numel() for parameter in module.parameters())


def test_parameter_counts():
    assert count(N2DLPNet()) == 617_183
    assert round(count(N2DLPNet()) / 2 ** 20, 3) == 0.589  # the paper's table counts in units of 2^20
    assert [count(N2DLPNet(num_levels=levels)) for levels in (4, 5)] == [617_298, 617_413]
    assert count(N2DLPNet(stem_kernel=3)) == 617_567
    assert count(N2DLPNet(stem_kernel=3, guide_out=1)) == 616_215


def literal_forward(network, x, num_levels=3, guide_mode='mul', guide_act='identity', interp='bilinear',
                    norm='instance', low_residual=True, low_act='tanh', **_):
    """Spec n2d_lpnet 1.2 to 1.4 from the parameters alone; sides must divide by ``2^num_levels``."""
    weights = dict(network.named_parameters())

    def conv(t, name, leaky=False):
        weight = weights[f'{name}.weight']
        t = F.conv2d(t, weight, weights[f'{name}.bias'], padding=weight.shape[-1] // 2)
        return F.leaky_relu(t, 0.01) if leaky else t

    def block(t, name):
        return t + conv(conv(t, f'{name}.conv1', leaky=True), f'{name}.conv2')

    def resize(t, like):
        options = dict(align_corners=False) if interp == 'bilinear' else {}
        return F.interpolate(t, size=like.shape[-2:], mode=interp, **options)

    pyramid = LaplacianPyramid(num_levels)
    *bands, low = pyramid.decompose((x + 1) / 2)
    t = conv(low, 'low.stem.0')
    if norm == 'instance':
        t = (t - t.mean((2, 3), keepdim=True)) / (t.var((2, 3), keepdim=True, unbiased=False) + 1e-5).sqrt()
    t = conv(F.leaky_relu(t, 0.01), 'low.stem.3', leaky=True)
    for index in range(2):
        t = block(t, f'low.blocks.{index}')
    t = conv(conv(t, 'low.neck.0', leaky=True), 'low.head')
    t = low + t if low_residual else t
    new_low = torch.tanh(t) if low_act == 'tanh' else t

    stacked = torch.cat([bands[-1], resize(low, bands[-1]), resize(new_low, bands[-1])], 1)
    guide = conv(stacked, 'guide.stem.0', leaky=True)
    guide = conv(block(guide, 'guide.blocks.0'), 'guide.head')
    act = {'identity': lambda a: a, 'sigmoid': torch.sigmoid, '2sigmoid': lambda a: 2 * torch.sigmoid(a)}[guide_act]
    for level in range(num_levels - 1, -1, -1):
        guide = resize(guide, bands[level])
        names = f'levels.{level}.0', f'levels.{level}.2'
        if guide_mode == 'mul':
            guide = conv(conv(guide, names[0], leaky=True), names[1])
            bands[level] = bands[level] * act(guide)
        else:
            product = bands[level] * act(guide) + bands[level]
            bands[level] = conv(conv(product, names[0], leaky=True), names[1])
    return pyramid.reconstruct([*bands, new_low]) * 2 - 1


@pytest.mark.parametrize('options', OPTIONS, ids=str)
def test_against_a_literal_forward_pass(options):
    network = tiny(**options)
    x = torch.rand(2, 3, 32, 48) * 2 - 1
    torch.testing.assert_close(network(x), literal_forward(network, x, **options), rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize('size', [(32, 40), (37, 51), (9, 64), (41, 24)])
def test_identity_translators_give_the_image_back(size):
    network = tiny(low_act='none')
    with torch.no_grad():
        network.low.head.weight.zero_()
        network.low.head.bias.zero_()
        for block in network.levels:
            block[-1].weight.zero_()
            block[-1].bias.fill_(1)
    x = torch.rand(2, 3, *size) * 2 - 1
    assert (network(x) - x).abs().max() < 1e-5


@pytest.mark.parametrize('options', [{}, dict(guide_act='2sigmoid'), dict(guide_mode='res_mul')], ids=str)
def test_larger_images_have_levels_above(options):
    """The image halved twice by the pyramid is what the network sees; above, bands are weighted by its finest map."""
    network = tiny(native_side=32, **options).eval()
    x = torch.rand(1, 3, 128, 160, generator=torch.Generator().manual_seed(2)) * 2 - 1
    steps = LaplacianPyramid(2)
    fine, coarse, small = steps.decompose((x + 1) / 2)
    guides = []
    handle = network.levels[0].register_forward_hook(lambda module, inputs, output: guides.append(output))
    with torch.no_grad():
        lightened = network(small * 2 - 1)
        handle.remove()
        made = guide_of(network, small) if options.get('guide_mode') == 'res_mul' else guides[0]
        expected = (lightened + 1) / 2
        for band in (coarse, fine):
            made = enlarged(made, band)
            if options.get('guide_mode') == 'res_mul':
                band = network.levels[0](band * made + band)
            else:
                band = band * (2 * torch.sigmoid(made) if options else made)
            expected = steps.up(expected) + band
        torch.testing.assert_close(network(x), expected * 2 - 1, rtol=1e-4, atol=1e-5)


def enlarged(guide, band):
    return F.interpolate(guide, size=band.shape[-2:], mode='bilinear', align_corners=False)


def guide_of(network, small):
    """The raw map, carried to full size hop by hop as the levels carry it."""
    *bands, low = network.pyramid.decompose(small)
    guide = network.guide(bands[-1], low, network.low(low))
    for band in reversed(bands):
        guide = enlarged(guide, band)
    return guide


def test_further_levels_go_with_the_short_side():
    network = tiny(native_side=144)
    sizes = {(100, 900): 0, (144, 256): 0, (180, 320): 0, (288, 512): 1, (720, 1280): 2, (1080, 1920): 3,
             (3840, 2160): 4}
    assert {size: network.further_levels(*size) for size in sizes} == sizes
    assert tiny().further_levels(2160, 3840) == 0
    with pytest.raises(ValueError, match='native_side is a number of pixels, at least 1, or None; got 0'):
        tiny(native_side=0)


@pytest.mark.parametrize('options', OPTIONS, ids=str)
def test_gradient_reaches_every_parameter(options):
    network = tiny(**options)
    network(torch.rand(1, 3, 32, 32) * 2 - 1).square().mean().backward()
    without = [name for name, p in network.named_parameters() if p.grad is None or not p.grad.any()]
    # InstanceNorm takes the stem's bias away: its gradient is zero but for rounding.
    assert set(without) <= {'low.stem.0.bias'}


@pytest.mark.parametrize('options', [{}, dict(guide_act='2sigmoid'), dict(guide_act='sigmoid'),
                                     dict(guide_mode='res_mul'), dict(guide_mode='res_mul', guide_act='2sigmoid'),
                                     dict(guide_mode='res_mul', guide_act='sigmoid'), dict(guide_out=1)], ids=str)
def test_identity_initialisation_starts_near_the_image(options):
    # With spare hidden channels at work a little noise stays, so the bands are compared, not bits.
    x = F.interpolate(torch.rand(1, 3, 12, 16), scale_factor=4, mode='bilinear') * 2 - 1
    near = (tiny(low_act='none', identity_init=True, **options)(x) - x).abs().mean()
    far = (tiny(low_act='none', **options)(x) - x).abs().mean()
    assert near < 0.1 and near < far / 2


def test_identity_initialisation_is_the_specs():
    torch.manual_seed(3)
    plain = N2DLPNet(**TINY)
    torch.manual_seed(3)
    network = N2DLPNet(**TINY, identity_init=True)
    torch.testing.assert_close(network.low.head.weight, 0.1 * plain.low.head.weight)
    assert not network.low.head.bias.any()
    for block, before in zip(network.levels, plain.levels, strict=True):
        torch.testing.assert_close(block[-1].weight, 0.1 * before[-1].weight)
        assert (block[-1].bias == 1).all()
    network.init_weights()
    assert (network.levels[0][-1].bias == 1).all()


@pytest.mark.parametrize('size', [(9, 9), (45, 67), (72, 128)])
@pytest.mark.parametrize('num_levels', [2, 3])
def test_any_size_comes_back(size, num_levels):
    assert tiny(num_levels=num_levels)(torch.rand(1, 3, *size) * 2 - 1).shape == (1, 3, *size)


def test_precision_under_autocast_on_dark_frames():
    network = N2DLPNet(identity_init=True).eval()
    dark = torch.rand(1, 3, 64, 96).mul(0.02).sub(1)
    seen = {}
    for name in ('low.stem', 'low.blocks', 'low.head', 'guide.stem', 'guide.blocks', 'guide.head', 'levels.0'):
        network.get_submodule(name).register_forward_hook(
            lambda module, inputs, output, name=name: seen.__setitem__(name, output.dtype))
    with torch.no_grad():
        exact = network(dark)
        with torch.autocast('cpu', dtype=torch.bfloat16):
            rounded = network(dark)
    assert set(seen.values()) == {torch.float32}
    assert rounded.dtype is torch.float32
    assert (rounded - exact).abs().max() * 127.5 < 2


def test_unknown_options_are_named():
    for option, value in dict(stem_kernel=5, guide_out=2, guide_mode='add', guide_act='relu', interp='bicubic',
                              low_act='relu', norm='batch').items():
        with pytest.raises(ValueError, match=f"{option}={value!r} is unknown"):
            N2DLPNet(**{**TINY, option: value})
    with pytest.raises(ValueError, match='low_residual'):
        N2DLPNet(**TINY, low_residual=False, identity_init=True)
    with pytest.raises(ValueError, match='at least 6'):
        tiny(guide_mode='res_mul', identity_init=True, level_hidden=4)
    with pytest.raises(ValueError, match='too small'):
        tiny()(torch.rand(1, 3, 8, 64))


def test_built_by_name():
    assert isinstance(BACKBONES.build(dict(type='N2DLPNet', num_levels=2, base=8)), N2DLPNet)


@BACKBONES.register_module(force=True)
class HaarPyramid(torch.nn.Module):
    """A pyramid of another kind: means of 2x2 pixels, and what is left."""

    def __init__(self, num_levels):
        super().__init__()
        self.num_levels = num_levels

    def decompose(self, x):
        bands = []
        for _ in range(self.num_levels):
            small = F.avg_pool2d(x, 2)
            bands.append(x - F.interpolate(small, scale_factor=2.0))
            x = small
        return [*bands, x]

    def reconstruct(self, bands):
        x = bands[-1]
        for band in reversed(bands[:-1]):
            x = F.interpolate(x, scale_factor=2.0) + band
        return x


def test_the_pyramid_is_chosen_by_config():
    x = torch.rand(1, 3, 32, 48) * 2 - 1
    assert count(N2DLPNet(pyramid=dict(type='LaplacianPyramid', num_levels=4))) == 617_298
    assert tiny(num_levels=2).num_levels == tiny(pyramid=dict(num_levels=2)).num_levels == 2 and tiny().num_levels == 3
    assert tiny(num_levels=2, pyramid=dict(num_levels=5)).num_levels == 2  # the short form comes first
    assert tiny(pyramid=dict(type='LaplacianPyramid', num_levels=2))(x).equal(tiny(num_levels=2)(x))
    other = tiny(pyramid=dict(type='HaarPyramid', num_levels=2), identity_init=True, low_act='none').eval()
    assert not torch.allclose(other(x), tiny(num_levels=2, identity_init=True, low_act='none')(x), atol=1e-3)
    fast = other.to_inference()  # not OpenCV's pyramid in place of the chosen one
    assert torch.allclose(fast(x), other(x), atol=1e-5)
