"""tools/model_converters/reference.py: state dicts in the layout of each reference repository become our networks."""

import math
import sys
from pathlib import Path

import pytest
import torch
from torch import nn

from nightgen.apis import init_model
from nightgen.checkpoint import UntrustedCheckpointError

sys.path.insert(0, str(Path(__file__).parent))
from reference_networks import Decoder, Encoder, Projection, Views, patch_discriminator, resnet_generator, unet  # noqa: E402

SHAPE = (1, 3, 64, 96)


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
