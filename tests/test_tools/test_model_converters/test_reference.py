"""tools/model_converters/reference.py: state dicts in the layout of each reference repository become our networks.

The references are transcribed here in plain torch: which layer stands where in which container, and what forward does.
"""

import math

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from torch import nn

from nightgen.apis import init_model
from nightgen.checkpoint import UntrustedCheckpointError

SHAPE = (1, 3, 64, 96)


class Holder(nn.Module):
    """Keys begin with ``model.``."""

    def __init__(self, *layers):
        super().__init__()
        self.model = nn.Sequential(*layers)

    def forward(self, x):
        return self.model(x)


class Block(nn.Module):
    """ResnetBlock: padding, convolution, norm, activation, padding, convolution, norm in ``conv_block``."""

    def __init__(self, width, activation):
        super().__init__()
        self.conv_block = nn.Sequential(
            nn.ReflectionPad2d(1), nn.Conv2d(width, width, 3), nn.InstanceNorm2d(width), activation(),
            nn.ReflectionPad2d(1), nn.Conv2d(width, width, 3), nn.InstanceNorm2d(width))

    def forward(self, x):
        return x + self.conv_block(x)


class Blur(nn.Module):
    """CUT's Downsample and Upsample, with their filter as a buffer ``filt``."""

    def __init__(self, width, up):
        super().__init__()
        self.up = up
        row = torch.tensor([1.0, 3, 3, 1] if up else [1.0, 2, 1])
        kernel = torch.outer(row, row) / row.sum() ** 2 * (4 if up else 1)
        self.register_buffer('filt', kernel.repeat(width, 1, 1, 1))

    def forward(self, x):
        if not self.up:
            return F.conv2d(F.pad(x, (1,) * 4, mode='reflect'), self.filt, stride=2, groups=x.shape[1])
        x = F.pad(x, (1,) * 4, mode='replicate')
        return F.conv_transpose2d(x, self.filt, stride=2, padding=2, groups=x.shape[1])[:, :, 1:-1, 1:-1]


def normed(conv, width, activation=nn.ReLU):
    return [conv, nn.InstanceNorm2d(width), activation()]


def resnet_generator(base, blocks, antialias):
    layers = [nn.ReflectionPad2d(3), *normed(nn.Conv2d(3, base, 7), base)]
    for width in (base, 2 * base):
        layers += normed(nn.Conv2d(width, 2 * width, 3, 1 if antialias else 2, 1), 2 * width)
        layers += [Blur(2 * width, up=False)] if antialias else []
    layers += [Block(4 * base, nn.ReLU) for _ in range(blocks)]
    for width in (4 * base, 2 * base):
        layers += [Blur(width, up=True)] if antialias else []
        layers += normed(nn.Conv2d(width, width // 2, 3, 1, 1) if antialias else nn.ConvTranspose2d(
            width, width // 2, 3, 2, 1, output_padding=1), width // 2)
    return Holder(*layers, nn.ReflectionPad2d(3), nn.Conv2d(base, 3, 7), nn.Tanh())


def patch_discriminator(base, antialias=False, batch_norm=False, channels=3):
    layers, before = [], channels
    for index, width in enumerate((base, 2 * base, 4 * base, 8 * base)):
        stride = 2 if index < 3 and not antialias else 1
        layers.append(nn.Conv2d(before, width, 4, stride, 1, bias=index == 0 or not batch_norm))
        if index:
            layers.append(nn.BatchNorm2d(width) if batch_norm else nn.InstanceNorm2d(width))
        layers.append(nn.LeakyReLU(0.2))
        if index < 3 and antialias:
            layers.append(Blur(width, up=False))
        before = width
    return Holder(*layers, nn.Conv2d(before, 1, 4, 1, 1))


class Projection(nn.Module):
    """PatchSampleF once its perceptrons ``mlp_0``, ``mlp_1``, ... exist."""

    def __init__(self, channels, width):
        super().__init__()
        for index, before in enumerate(channels):
            setattr(self, f'mlp_{index}', nn.Sequential(
                nn.Linear(before, width), nn.ReLU(), nn.Linear(width, width)))

    def forward(self, features, places):
        vectors = []
        for index, (part, at) in enumerate(zip(features, places, strict=True)):
            x = getattr(self, f'mlp_{index}')(part.permute(0, 2, 3, 1).flatten(1, 2)[:, at[0]])
            vectors.append(x / (x.pow(2).sum(-1, keepdim=True).pow(0.5) + 1e-7))
        return vectors


class UBlock(nn.Module):
    """UnetSkipConnectionBlock of pix2pix with batch norm; in-place activations change what the skip hands on."""

    def __init__(self, outer, inner, channels=None, inside=None, outermost=False, dropout=False):
        super().__init__()
        self.outermost = outermost
        down = nn.Conv2d(channels or outer, inner, 4, 2, 1, bias=False)
        up = nn.ConvTranspose2d(inner if inside is None else 2 * inner, outer, 4, 2, 1, bias=outermost)
        if outermost:
            layers = [down, inside, nn.ReLU(True), up, nn.Tanh()]
        elif inside is None:
            layers = [nn.LeakyReLU(0.2, True), down, nn.ReLU(True), up, nn.BatchNorm2d(outer)]
        else:
            layers = [nn.LeakyReLU(0.2, True), down, nn.BatchNorm2d(inner), inside, nn.ReLU(True), up,
                      nn.BatchNorm2d(outer), *([nn.Dropout(0.5)] if dropout else [])]
        self.model = nn.Sequential(*layers)

    def forward(self, x):
        return self.model(x) if self.outermost else torch.cat([x, self.model(x)], 1)


def unet(base, channels, outputs, widest=3):
    """Five levels and as many more of the widest, with dropout: eight for unet_256."""
    block = UBlock(8 * base, 8 * base)
    for _ in range(widest):
        block = UBlock(8 * base, 8 * base, inside=block, dropout=True)
    for outer, inner in ((4 * base, 8 * base), (2 * base, 4 * base), (base, 2 * base)):
        block = UBlock(outer, inner, inside=block)
    network = nn.Module()
    network.model = UBlock(outputs, base, channels, block, outermost=True)
    return network


class Attention(nn.Module):
    """PearlGAN's PGAResBlockv4k3."""

    def __init__(self, width):
        super().__init__()
        for index in range(1, 5):
            setattr(self, f'bottlenec{index}', nn.Sequential(
                nn.ReflectionPad2d(1), nn.Conv2d(width // 4, 1, 3), nn.InstanceNorm2d(1), nn.Sigmoid()))
        self.conv = nn.Sequential(nn.Conv2d(width, width, 1), nn.InstanceNorm2d(width), nn.PReLU())

    def forward(self, x):
        parts = self.conv(x).chunk(4, 1)
        pooled = [F.avg_pool2d(part, 3, stride) for part, stride in zip(parts, (2, 4, 8, 16), strict=True)]
        attention, maps = None, []
        for index, features in enumerate(reversed(pooled), start=1):
            if attention is not None:
                features = features + features * F.interpolate(attention, size=features.shape[2:], mode='bilinear')
            attention = getattr(self, f'bottlenec{index}')(features)
            maps.append(F.interpolate(attention, size=x.shape[2:], mode='bilinear'))
        return torch.cat([part * weight for part, weight in zip(parts, reversed(maps), strict=True)], 1) + x


class Encoder(nn.Module):
    def __init__(self, base, blocks, attention):
        super().__init__()
        layers = [nn.ReflectionPad2d(3), *normed(nn.Conv2d(3, base, 7), base, nn.PReLU)]
        for width in (base, 2 * base):
            layers += normed(nn.Conv2d(width, 2 * width, 3, 2, 1), 2 * width, nn.PReLU)
        inner = [Block(4 * base, nn.PReLU) for _ in range(blocks)]
        if attention:
            self.model, self.model_postfix = nn.Sequential(*layers, Attention(4 * base)), nn.Sequential(*inner)
        else:
            self.model = nn.Sequential(*layers, *inner)

    def forward(self, x):
        x = self.model(x)
        return self.model_postfix(x) if hasattr(self, 'model_postfix') else x


class Decoder(nn.Module):
    def __init__(self, base, blocks, attention, groups=None):
        super().__init__()
        if attention:
            self.model_att = Attention(4 * base)
        layers = [Block(4 * base, nn.PReLU) for _ in range(blocks)]
        for width in (2 * base, base):
            layers += [nn.ConvTranspose2d(2 * width, width, 4, 2, 1),
                       nn.GroupNorm(groups, width) if groups else nn.InstanceNorm2d(width), nn.PReLU()]
        self.model = nn.Sequential(*layers, nn.ReflectionPad2d(3), nn.Conv2d(base, 3, 7), nn.Tanh())

    def forward(self, x):
        return self.model(self.model_att(x) if hasattr(self, 'model_att') else x)


class SNConv(nn.Conv2d):
    """BigGAN's: buffers u0 (a row) and sv0; in evaluation one power iteration that is not kept."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.register_buffer('u0', torch.randn(1, self.out_channels))
        self.register_buffer('sv0', torch.ones(1))

    def forward(self, x):
        matrix = self.weight.flatten(1)
        v = F.normalize(self.u0 @ matrix, eps=1e-12)
        u = F.normalize(v @ matrix.t(), eps=1e-12)
        return F.conv2d(x, self.weight / (v @ matrix.t() @ u.t()).squeeze(), self.bias, self.stride, self.padding)


class Views(nn.Module):
    """NLayerDiscriminator and NLayerDiscriminatorSN of ToDayGAN and PearlGAN."""

    def __init__(self, base, layers, spectral):
        super().__init__()
        self.spectral = spectral
        self.model_rgb, self.model_gray = self.network(3, base, layers), self.network(1, base, layers)
        self.model_grad = self.network(2, base, layers - 1)

    def network(self, channels, base, layers):
        conv = SNConv if self.spectral else nn.Conv2d

        def step(before, after, stride):
            norm = [] if self.spectral else [nn.InstanceNorm2d(after)]
            return [conv(before, after, 4, stride, 2), *norm, nn.PReLU()]

        widths = [base * min(2 ** n, 8) for n in range(layers + 1)]
        steps = [[conv(channels, base, 4, 2, 2), nn.PReLU()]]
        steps += [step(widths[n - 1], widths[n] + 1, 2) for n in range(1, layers)]
        steps += [[*step(widths[layers - 1], widths[layers], 1), conv(widths[layers], 1, 4, 1, 2)]]
        return nn.Sequential(*[nn.Sequential(*parts) for parts in steps])

    @staticmethod
    def scores(network, x):
        x, maps = network[0](x), []
        for index, step in enumerate(network[1:], start=1):
            out = step(x)
            maps.append(out[:, -1])
            x = out[:, :-1] if index < len(network) - 1 else out
        return maps

    def forward(self, x):
        grey = .299 * x[:, :1] + .587 * x[:, 1:2] + .114 * x[:, 2:]
        small, tap = grey[..., ::2, ::2], torch.tensor([[[[-1.0, 0, 1]]]], dtype=x.dtype)
        horizontal = F.conv2d(small, tap)[:, :, 1:-1]  # a 3x3 filter whose other rows are zero
        vertical = F.conv2d(small, tap.transpose(2, 3))[..., 1:-1]
        blurred = F.conv2d(x, blur_filter().to(x).expand(3, 1, 5, 5), padding=2, groups=3)
        return [self.scores(self.model_rgb, blurred), self.scores(self.model_gray, grey),
                self.scores(self.model_grad, torch.cat([horizontal, vertical], 1))]


def blur_filter():
    """A Gaussian of deviation 3, cut off at 12, on a 5x5 delta whose borders repeat mirrored."""
    weights = np.exp(-0.5 * (np.arange(-12, 13) / 3) ** 2)
    row = np.convolve(np.pad([0.0, 0, 1, 0, 0], 12, mode='symmetric'), weights / weights.sum(), mode='valid')
    return torch.from_numpy(np.outer(row, row)).float()[None, None]


# Converting


@pytest.fixture
def tool(load_tool):
    return load_tool('tools/model_converters/reference.py')


@pytest.fixture
def convert(tool, tmp_path, configs_dir):
    """``convert(map, base, options, **files)`` writes the files and the checkpoint; gives model, and config path."""
    def run(key_map, base, overrides, networks, legacy=False, extra=None):
        config = tmp_path / 'config.py'
        config.write_text(f"_base_ = '{configs_dir}/_base_/models/{base}.py'\ndefault_scope = 'nightgen'\n"
                          f'model = {overrides!r}\n')
        weights = []
        for name, network in networks.items():
            with torch.no_grad():
                for parameter in network.parameters():
                    parameter.add_(0.05 * torch.randn_like(parameter))  # biases and slopes as well
                for module in network.modules():
                    if isinstance(module, nn.BatchNorm2d):
                        module.running_mean.normal_(std=0.1)
                        module.running_var.uniform_(0.5, 2)
            state = network.state_dict()
            state.update(extra or {})
            torch.save(state, tmp_path / f'{name}.pth', _use_new_zipfile_serialization=not legacy)
            weights.append(f'{name}={tmp_path / name}.pth')
        assert tool.main([key_map, str(config), str(tmp_path / 'out.pth'), '--weights', *weights]) == 0
        return init_model(str(config), tmp_path / 'out.pth').double()
    return run


def image(channels=3, shape=SHAPE):
    return torch.rand(shape[0], channels, *shape[2:], dtype=torch.float64) * 2 - 1


def assert_equal(ours, theirs):
    if isinstance(ours, list | tuple):
        assert len(ours) == len(theirs)
        for a, b in zip(ours, theirs, strict=True):
            assert_equal(a, b)
    else:
        assert theirs.abs().max() > 1e-3
        torch.testing.assert_close(ours, theirs.reshape(ours.shape), rtol=0, atol=1e-9)


def ready(networks):
    return {name: network.double().eval() for name, network in networks.items()}


@torch.no_grad()
def test_cyclegan(convert, capsys):
    networks = {'generators.day': resnet_generator(4, 3, False), 'generators.thermal': resnet_generator(4, 3, False),
                'discriminators.day': patch_discriminator(4)}
    small = dict(generator=dict(base=4, num_blocks=3), discriminator=dict(base=4))
    old = {'model.2.running_mean': torch.zeros(4), 'model.2.running_var': torch.ones(4)}
    model = convert('cyclegan', 'cyclegan', small, networks, legacy=True, extra=old)
    assert 'left as initialised: discriminators.thermal\n' in capsys.readouterr().out
    x = image()
    for name, network in ready(networks).items():
        assert_equal(model.get_submodule(name)(x), [network(x)] if 'disc' in name else network(x))


@torch.no_grad()
def test_pix2pix(convert):
    networks = {'generators.chroma': unet(4, 1, 2, widest=1), 'discriminators.chroma': patch_discriminator(
        4, batch_norm=True, channels=3)}
    small = dict(
        generator=dict(base=4, num_levels=6, encoder_norms=['none', *['batch'] * 4, 'none'],
                       dropout=[0, 0.5, 0, 0, 0]), discriminator=dict(base=4))
    model = convert('cyclegan', 'pix2pix_colorization', small, networks)
    networks = ready(networks)
    x = image(1, (1, 1, 64, 128))
    assert_equal(model.generators['chroma'](x), networks['generators.chroma'].model(x.clone()))
    x = image(3)
    assert_equal(model.discriminators['chroma'](x), [networks['discriminators.chroma'](x)])


@torch.no_grad()
@pytest.mark.parametrize('base', ['cut', 'fastcut'])
def test_cut(convert, base):
    channels = (3, 8, 16, 16, 16)
    networks = {'generators.day': resnet_generator(4, 5, True), 'discriminators.day': patch_discriminator(4, True),
                'sampler': Projection(channels, 8)}
    small = dict(generator=dict(base=4, num_blocks=5), discriminator=dict(base=4), sampler=dict(width=8))
    model = convert('cut', base, small, networks)
    networks, x = ready(networks), image()
    assert_equal(model.generators['day'](x), networks['generators.day'](x))
    assert_equal(model.discriminators['day'](x), [networks['discriminators.day'](x)])
    features = [image(number) for number in channels]
    places = model.sampler.draw(features)
    assert_equal(model.sampler(features, places), networks['sampler'](features, places))


@torch.no_grad()
@pytest.mark.parametrize('family', ['todaygan', 'pearlgan'])
def test_todaygan_and_pearlgan(convert, family):
    pearl, base, shape = family == 'pearlgan', 4, (1, 3, 80, 160)
    networks = {'generators.day.encoder': Encoder(base, 2, pearl),
                'generators.day.decoder': Decoder(base, 3, pearl, groups=2 if pearl else None),
                'discriminators.thermal': Views(4, 3, spectral=pearl)}
    small = dict(
        generator=dict(encoder=dict(base=base, num_blocks=2),
                       decoder=dict(base=base, num_blocks=3, **(dict(groups=2) if pearl else {}))),
        discriminator=dict(base=4, num_layers=3))
    old = {'model.2.running_mean': torch.zeros(4), 'model.2.running_var': torch.ones(4)}
    model = convert(family, family, small, networks, legacy=True, extra=old)
    networks, x = ready(networks), image(shape=shape)
    latent = networks['generators.day.encoder'](x)
    assert_equal(model.generators['day'].encode(x), latent)
    assert_equal(model.translate(x, 'day'), networks['generators.day.decoder'](latent))
    assert_equal(model.discriminators['thermal'](x), networks['discriminators.thermal'](x))


@pytest.mark.parametrize('key_map,config,networks', [
    ('cyclegan', 'cyclegan', {'generators.day': lambda: resnet_generator(64, 9, False),
                              'discriminators.day': lambda: patch_discriminator(64)}),
    ('cyclegan', 'pix2pix_colorization', {'generators.chroma': lambda: unet(64, 1, 2),
                                          'discriminators.chroma': lambda: patch_discriminator(64, batch_norm=True)}),
    ('cut', 'cut', {'generators.day': lambda: resnet_generator(64, 9, True),
                    'discriminators.day': lambda: patch_discriminator(64, True),
                    'sampler': lambda: Projection((3, 128, 256, 256, 256), 256)}),
    ('todaygan', 'todaygan', {'generators.day.encoder': lambda: Encoder(64, 4, False),
                              'generators.day.decoder': lambda: Decoder(64, 5, False),
                              'discriminators.day': lambda: Views(64, 4, False)}),
    ('pearlgan', 'pearlgan', {'generators.day.encoder': lambda: Encoder(64, 4, True),
                              'generators.day.decoder': lambda: Decoder(64, 5, True, 32),
                              'discriminators.day': lambda: Views(64, 4, True)})])
def test_the_shipped_models_have_the_published_sizes(tool, configs_dir, key_map, config, networks):
    """Every key and shape of the networks as they were published has its place in the shipped config's."""
    from mmengine.config import Config

    from nightgen.registry import MODELS
    with torch.device('meta'):
        model = MODELS.build(Config.fromfile(configs_dir / f'_base_/models/{config}.py').model)
        for name, make in networks.items():
            ours, state = model.get_submodule(name), make().state_dict()
            converted = tool.convert(state, ours, tool.KeyMap(tool.KEY_MAPS / f'{key_map}.yml'))
            assert set(converted) == set(ours.state_dict())


def test_what_does_not_fit_is_named(tool, tmp_path, configs_dir):
    config, out, weights = (tmp_path / name for name in ('config.py', 'out.pth', 'weights.pth'))
    config.write_text(f"_base_ = '{configs_dir}/_base_/models/cyclegan.py'\ndefault_scope = 'nightgen'\n"
                      'model = dict(generator=dict(base=4, num_blocks=2), discriminator=dict(base=4))\n')
    state = resnet_generator(4, 2, False).state_dict()
    out.write_bytes(b'what was here before')

    def run(content, name='generators.day', key_map='cyclegan'):
        torch.save(content, weights)
        tool.main([key_map, str(config), str(out), '--weights', f'{name}={weights}'])

    def refused(expected, *args, error=tool.ConversionError):
        with pytest.raises(error, match=expected):
            run(*args)

    refused('1 missing: model.4.weight', {key: value for key, value in state.items() if key != 'model.4.weight'})
    refused('given for generators.day: .* 1 unexpected: model.99.bias', {**state, 'model.99.bias': torch.ones(1)})
    refused(r'1 of another shape: model.1.bias \(5,\) in place of \(4,\)', {**state, 'model.1.bias': torch.ones(5)})
    refused('10 missing: model.11.conv_block.1.weight, .*; 6 unexpected', resnet_generator(4, 1, False).state_dict())
    refused('6 missing: model.12.weight, .*; 10 unexpected', resnet_generator(4, 3, False).state_dict())
    refused('20 missing: ', dict(netG=state, epoch=3))
    refused("'generators.night' is no network .* there are generators.day, generators.thermal, discriminators.day",
            state, 'generators.night', error=ValueError)
    refused('there are generators.day', state, 'sampler', 'cut', error=ValueError)
    refused('carries code', dict(state, hook=math.sqrt), error=UntrustedCheckpointError)
    assert out.read_bytes() == b'what was here before' and not list(tmp_path.glob('*partial*'))
    with pytest.raises(ValueError, match='once for each network'):
        tool.main(['cyclegan', str(config), str(out), '--weights', f'generators.day={weights}', 'generators.day=x'])


def test_options_that_the_reference_does_not_have(tool):
    from nightgen.models.backbones import ResNetGenerator
    network = ResNetGenerator(base=4, num_blocks=1, norm='instance_affine')
    with pytest.raises(tool.ConversionError, match='no counterpart of layers.stem.norm.weight'):
        tool.convert({}, network, tool.KeyMap(tool.KEY_MAPS / 'cyclegan.yml'))


def test_templates_calculate(tool):
    assert tool.fill('model.{i+9}.x.{n-i-2}', dict(i=3, n=8)) == 'model.12.x.3'
    assert tool.fill('m{.3.model*n-i-2}.5', dict(i=3, n=8)) == 'm.3.model.3.model.3.model.5'
    assert tool.fill('m{.3.model*i-1}.1', dict(i=1)) == 'm.1'


def test_the_help_names_every_map(tool, capsys):
    with pytest.raises(SystemExit) as done:
        tool.main(['--help'])
    said = capsys.readouterr().out
    assert done.value.code == 0 and all(name in said for name in ('cyclegan:', 'cut:', 'todaygan:', 'pearlgan:'))
    assert 'latest_net_G_A.pth' in said
