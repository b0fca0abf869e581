"""The colorizer: its tensors, every recipe's step against steps written by hand, two processes, predictions."""

import copy
from pathlib import Path

import pytest
import torch
import torch.distributed as torch_dist
import torch.nn.functional as F
from mmengine.config import Config
from mmengine.logging import MessageHub
from torch import nn

from nightgen.engine.optimizers import BroadcastWrapper, PlayerOptimWrapperConstructor
from nightgen.functional import rgb_to_luma_chroma
from nightgen.models.translators import ColorizationTranslator
from nightgen.models.translators.tensors import Tensors
from nightgen.registry import MODELS
from nightgen.testing import run_processes

CONFIGS = Path(__file__).parents[3] / 'configs'
RECIPES = sorted(path for folder in ('cgan_colorization', 'pix2pix') for path in (CONFIGS / folder).glob('*.py'))
LEARNING_RATE = 0.01


def recipe_name(path: Path) -> str:
    return f'{path.parent.name}/{path.stem}'


def small_model(path: Path, **changes) -> ColorizationTranslator:
    """The config's model with narrow networks, and without dropout, whose draws a hand-written step does not repeat."""
    config = Config.fromfile(path).model
    config.generator.base = config.discriminator.base = 2
    if 'dropout' in config.generator:
        config.generator.dropout = 0
    torch.manual_seed(0)
    return MODELS.build({**config, **changes})


def pictures(side: int, number: int = 2) -> torch.Tensor:
    generator = torch.Generator().manual_seed(1)
    return torch.randint(0, 256, (number, 3, side, side), generator=generator, dtype=torch.uint8)


def objectives(path: Path):
    """The generator's and the discriminator's term of one scale, from its scores (specs/cgan_colorization 6)."""
    if 'pix2pix' in path.parts or 'vanilla' in path.stem:
        return (lambda fake: F.softplus(-fake).mean(),
                lambda real, fake: 0.5 * (F.softplus(-real).mean() + F.softplus(fake).mean()))
    half = 1.0 if 'released' in path.stem else 0.5
    return (lambda fake: (fake - 1).pow(2).mean(),
            lambda real, fake: half * ((real - 1).pow(2).mean() + fake.pow(2).mean()))


def hand_written_gradients(path: Path, model: ColorizationTranslator, rgb: torch.Tensor, discriminator_first: bool):
    generator, judge = copy.deepcopy(model.generators['chroma']), copy.deepcopy(model.discriminators['chroma'])
    luma, chroma = rgb_to_luma_chroma(rgb)
    fool, judged = objectives(path)
    fake = generator(luma)
    real_lab, fake_lab = torch.cat([luma, chroma], 1), torch.cat([luma, fake], 1)

    def of_generator():
        # the sum over scales of the adversarial term, and 100 times L1 once, however many scales there are
        loss = sum(fool(score) for score in judge(fake_lab)) + 100 * (fake - chroma).abs().mean()
        return torch.autograd.grad(loss, list(generator.parameters()))

    def of_discriminator():
        real_scores, fake_scores = judge(real_lab), judge(fake_lab.detach())
        loss = sum(judged(real, false) for real, false in zip(real_scores, fake_scores, strict=True))
        return torch.autograd.grad(loss, list(judge.parameters()))

    if not discriminator_first:
        return of_generator(), of_discriminator()
    gradients = of_discriminator()
    with torch.no_grad():
        for parameter, gradient in zip(judge.parameters(), gradients, strict=True):
            parameter -= LEARNING_RATE * gradient
    return of_generator(), gradients


# The rows of the small setting in both orders; of ImageNet's, what they have no twin of.
OTHERS = ('vanilla', 'transposed', 'released', 'ibn_a')
STEPS = [(path, first) for path in RECIPES for first in (True, False)
         if 'small' in path.stem or (first and any(name in path.stem for name in OTHERS))]


@pytest.mark.parametrize('path,discriminator_first', STEPS, ids=[
    f'{recipe_name(path)}, {"discriminator" if first else "generator"} first' for path, first in STEPS])
def test_step_gives_the_gradients_of_a_hand_written_step(path: Path, discriminator_first: bool, monkeypatch):
    turns = [('discriminator',), ('generator',)]
    model = small_model(path, turns=turns if discriminator_first else turns[::-1]).double()
    rgb = pictures(128 if 'small' in path.stem else 256).double() / 127.5 - 1
    monkeypatch.setattr(model, '_batch', lambda data: data)
    players = {player: dict(optimizer=dict(type='SGD', lr=LEARNING_RATE)) for player in model.player_modules()}
    wrapper, seen = PlayerOptimWrapperConstructor(players)(model), {}
    for player, optimizer in wrapper.items():
        def record(parameters, player=player, step=optimizer.step):
            seen[player] = [p.grad.clone() for p in parameters]
            step(parameters)
        optimizer.step = record
    expected = hand_written_gradients(path, model, rgb, discriminator_first)
    logs = model.train_step(dict(real_color=rgb), wrapper)
    assert set(logs) == {'loss_adversarial', 'loss_adversarial_discriminator', 'loss_l1_chroma'}
    for player, gradients in zip(('generator', 'discriminator'), expected, strict=True):
        for ours, theirs in zip(seen[player], gradients, strict=True):
            torch.testing.assert_close(ours, theirs, rtol=1e-7, atol=1e-10)


def test_every_recipe_is_tested_or_only_larger():
    """nightscape.py and flir_thermal.py are the networks of imagenet_ibn_sn_md.py on other data."""
    largest = Config.fromfile(CONFIGS / 'cgan_colorization/imagenet_ibn_sn_md.py').model
    for name in ('nightscape', 'flir_thermal'):
        other = Config.fromfile(CONFIGS / f'cgan_colorization/{name}.py').model
        other.pop('photo_size', None)
        assert other.to_dict() == largest.to_dict()


UNNAMED = ('nightscape', 'flir_thermal', 'nightscape_small', 'photos')  # IBN + SN that do not say so


@pytest.mark.parametrize('path', RECIPES, ids=recipe_name)
def test_norms_and_spectral_norm_of_every_recipe(path: Path):
    """One instance norm in G and one in each D where the name says IBN; spectral norm in all convolutions or none."""
    model = small_model(path)
    spectral = 'sn' in path.stem.split('_') or path.stem in UNNAMED \
        and path.parent.name != 'pix2pix'
    scales = 3 if spectral and ('md' in path.stem.split('_') or '_sn' not in path.stem) and path.stem != 'photos' else 1
    judges = model.discriminators['chroma'].scales
    assert len(judges) == scales
    for network in (model.generators['chroma'], *judges):
        convolutions = [m for m in network.modules() if isinstance(m, nn.Conv2d | nn.ConvTranspose2d)]
        assert {hasattr(m, 'u') for m in convolutions} == {spectral}
        instance = sum(isinstance(m, nn.InstanceNorm2d) for m in network.modules())
        batch = sum(isinstance(m, nn.BatchNorm2d) for m in network.modules())
        if 'released' not in path.stem and 'ibn_a' not in path.stem:
            ibn = 'ibn' in path.stem.split('_') or path.stem in UNNAMED \
                and path.parent.name != 'pix2pix'
            plain_in = 'in' in path.stem.split('_')
            assert instance == (1 if ibn else instance + batch if plain_in else 0)
            assert batch == 0 if plain_in else batch > 0


def test_counts_of_the_paper():
    for path, generator, judges in (('cgan_colorization/imagenet_bn', 41_830_402, 2_766_529),
                                    ('cgan_colorization/imagenet_bn_sn_md', 41_830_402, 8_299_587),
                                    ('pix2pix/imagenet', 54_409_858, 2_765_633)):
        with torch.device('meta'):
            model = MODELS.build(Config.fromfile(CONFIGS / f'{path}.py').model)
        counts = [sum(p.numel() for p in networks.parameters()) for networks in (model.generators,
                                                                                model.discriminators)]
        assert counts == [generator, judges]


def tiny(**settings) -> ColorizationTranslator:
    return MODELS.build(dict(
        type='ColorizationTranslator', domains=('color',), generator=dict(type='UNet', base=4, num_levels=3),
        discriminator=dict(type='PatchDiscriminator', base=4, num_layers=1, norm='batch'),
        losses=[dict(type='AdversarialLoss', reads=dict(real='real_lab', fake='fake_lab'), discriminator='chroma'),
                dict(type='PixelLoss', kind='l1', reads=dict(pred='fake_*', target='real_*'), weight=10.0)],
        **settings))


def optimizers(model: ColorizationTranslator):
    return PlayerOptimWrapperConstructor({player: dict(optimizer=dict(type='Adam', lr=1e-3))
                                          for player in model.player_modules()})(model)


def test_the_names():
    model = tiny(ab_scale=128.0)
    assert model.tensor_names() == ['fake_chroma', 'fake_color', 'fake_lab', 'luma', 'real_chroma', 'real_color',
                                    'real_lab']
    assert model.produced_domains == ('chroma',) and list(model.generators) == list(model.discriminators) == ['chroma']
    rgb = torch.rand(2, 3, 16, 16) * 2 - 1
    tensors = Tensors(model.produce, dict(real_color=rgb), {})
    luma, chroma = rgb_to_luma_chroma(rgb, 128.0)
    fake = copy.deepcopy(model.generators['chroma'])(luma)
    assert torch.equal(tensors['luma'], luma) and torch.equal(tensors['real_chroma'], chroma)
    torch.testing.assert_close(tensors['fake_lab'], torch.cat([luma, fake], 1))
    assert torch.equal(tensors['real_lab'], torch.cat([luma, chroma], 1))
    torch.testing.assert_close(model.join(luma, chroma), rgb, atol=1e-4, rtol=0)
    torch.testing.assert_close(tensors['fake_color'], model.join(luma, fake))


def test_lab_of_the_pipeline_gives_the_same_step():
    rgb, logs = pictures(16, 4), []
    luma, chroma = rgb_to_luma_chroma(rgb.float() / 127.5 - 1)
    for inputs in (dict(real_color=list(rgb)), dict(luma=luma, real_chroma=chroma)):
        torch.manual_seed(0)
        model = tiny()
        logs.append(model.train_step(dict(inputs=inputs), optimizers(model)))
    assert logs[0].keys() == logs[1].keys() and all(torch.equal(logs[0][key], logs[1][key]) for key in logs[0])


def test_half_precision_keeps_the_luma_and_the_losses():
    logs = []
    for amp in ('off', 'bf16'):
        torch.manual_seed(0)
        model = tiny()
        wrapper = PlayerOptimWrapperConstructor(dict(amp=amp, **{player: dict(optimizer=dict(
            type='Adam', lr=1e-3)) for player in model.player_modules()}))(model)
        logs.append(model.train_step(dict(inputs=dict(real_color=pictures(16, 4))), wrapper))
    for key in logs[0]:
        torch.testing.assert_close(logs[1][key].float(), logs[0][key], rtol=0.02, atol=1e-3)
    assert logs[0]['loss_pixel_chroma'] != logs[1]['loss_pixel_chroma']


def test_a_batch_that_misses_something_says_what():
    model = tiny()
    with pytest.raises(KeyError, match=r"misses \['real_color'\]"):
        model.train_step(dict(inputs=dict(real_day=pictures(16))), optimizers(model))
    with pytest.raises(KeyError, match=r"misses \['real_chroma'\]"):
        tiny().train_step(dict(inputs=dict(luma=torch.zeros(2, 1, 16, 16))), optimizers(model))


def test_translating_takes_luma_and_gives_chroma():
    model = tiny().eval()
    luma = torch.rand(2, 1, 20, 12) * 2 - 1
    chroma = model.translate(luma)
    assert chroma.shape == (2, 2, 20, 12) and chroma.abs().max() <= 1
    assert torch.equal(model.translate(luma, 'chroma'), chroma) and torch.equal(model(luma), chroma)
    with pytest.raises(ValueError, match='luma N,1,H,W'):
        model.translate(torch.rand(1, 3, 16, 16))
    with pytest.raises(ValueError, match='makes'):
        model.translate(luma, 'night')


@pytest.mark.parametrize('name', ['color', 'thermal'])
def test_predictions_join_chroma_with_the_luma_and_do_not_see_the_colours(name: str):
    model = tiny().eval()
    rgb = pictures(24, 2)
    luma, _ = rgb_to_luma_chroma(rgb.float() / 127.5 - 1)
    samples = model.test_step(dict(inputs={f'real_{name}': list(rgb)}, data_samples=None))
    for index, sample in enumerate(samples):
        grey = sample.source.float()
        assert sample.source.dtype == sample.fake.dtype == torch.uint8
        assert torch.equal(grey, grey[:1].expand(3, -1, -1))
        torch.testing.assert_close(rgb_to_luma_chroma(grey / 127.5 - 1)[0], luma[index], atol=0.01, rtol=0)
        expected = model.join(luma, model.translate(luma))[index]
        assert torch.equal(sample.fake, ((expected + 1) * 127.5).round().to(torch.uint8))
    again = model.test_step(dict(inputs=dict(luma=luma), data_samples=None))
    assert all(torch.equal(one.fake, other.fake) for one, other in zip(samples, again, strict=True))
    model.test_time_flip = True
    flipped = model.test_step(dict(inputs=dict(luma=luma), data_samples=None))
    expected = model.join(luma, (model.translate(luma) + model.translate(luma.flip(-1)).flip(-1)) / 2)
    assert torch.equal(torch.stack([sample.fake for sample in flipped]),
                       ((expected + 1) * 127.5).round().to(torch.uint8))
    with pytest.raises(KeyError, match='ColorizationDataset'):
        model.test_step(dict(inputs=dict(real_day=list(rgb), real_night=list(rgb)), data_samples=None))


@pytest.mark.parametrize('settings,match', [
    (dict(domains=('night', 'day')), 'one name'), (dict(ab_scale=0), 'positive')])
def test_bad_settings(settings: dict, match: str):
    with pytest.raises(ValueError, match=match):
        MODELS.build(dict(type='ColorizationTranslator', generator=dict(type='UNet', base=4), **{
            'domains': ('color',), **settings}))


def train_in_a_process() -> dict:
    rank, world = torch_dist.get_rank(), torch_dist.get_world_size()
    torch.manual_seed(rank)  # the wrapper must make the ranks equal
    model = small_model(CONFIGS / 'cgan_colorization/nightscape_small.py')
    torch.manual_seed(rank)
    wrapped = BroadcastWrapper(model)
    wrapper = optimizers(model)
    for step in range(3):
        MessageHub.get_current_instance().update_info('iter', step)
        wrapped.train_step(dict(inputs=dict(real_color=list(pictures(128, 2 * world)[rank::world]))), wrapper)
    return {name: value.detach().clone() for name, value in model.named_parameters()} | {
        name: value.clone() for name, value in model.named_buffers() if name.endswith('.u')}


def test_two_processes_are_bit_equal():
    first, second = run_processes(train_in_a_process, 2)
    assert any(name.endswith('.u') for name in first)
    assert all(torch.equal(first[name], second[name]) for name in first)
    start = dict(small_model(CONFIGS / 'cgan_colorization/nightscape_small.py').named_parameters())
    assert not any(torch.equal(start[name], first[name]) for name in start if name.endswith('encoder.0.0.weight'))
