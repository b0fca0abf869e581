"""Every N2D-LPNet config: the gradients of one training step against a step written by hand from the paper's formulas.

The formulas are those of [0, 1] images, as the paper has them; the configs state their weights for [-1, 1].
"""

import copy
from pathlib import Path

import pytest
import torch
import torch.nn.functional as F
from mmengine.config import Config

from nightgen.engine.optimizers import PlayerOptimWrapperConstructor
from nightgen.registry import MODELS

CONFIGS = Path(__file__).parents[3] / 'configs' / 'n2d_lpnet'
# dark_zurich is bdd100k on other data; night2day* have terms and a judge of their own, each tested beside its class.
TRAINED = sorted(path.stem for path in CONFIGS.glob('*.py')
                 if path.stem != 'dark_zurich' and not path.stem.startswith('night2day'))
LEARNING_RATE = 0.1


def lsgan(discriminator, real, fake):
    """0.1 * sum over scales of (D - 1)^2, and half the sum of both sides (specs/n2d_lpnet 3)."""
    fakes = discriminator(fake)
    generator = 0.1 * sum((score - 1).pow(2).mean() for score in fakes)
    return generator, lambda real, fake: 0.5 * sum(
        (r - 1).pow(2).mean() + f.pow(2).mean()
        for r, f in zip(discriminator(real), discriminator(fake), strict=True))


def vanilla(discriminator, real, fake):
    generator = 0.1 * sum(F.softplus(-score).mean() for score in discriminator(fake))
    return generator, lambda real, fake: 0.5 * sum(
        F.softplus(-r).mean() + F.softplus(f).mean()
        for r, f in zip(discriminator(real), discriminator(fake), strict=True))


def wgan_gp(discriminator, real, fake):
    """Wasserstein + 100 * penalty; the norm is that of the gradient to a [0, 1] image, twice the one to [-1, 1]."""
    def objective(real, fake):
        mix = torch.rand(len(real), 1, 1, 1, dtype=real.dtype)
        between = (mix * real + (1 - mix) * fake).requires_grad_()
        slope, = torch.autograd.grad(discriminator(between)[0].sum(), between, create_graph=True)
        penalty = ((2 * slope.pow(2).sum(dim=(1, 2, 3)).sqrt() - 1) ** 2).mean()
        return discriminator(fake)[0].mean() - discriminator(real)[0].mean() + 100 * penalty

    return -discriminator(fake)[0].mean(), objective


def quickstart_extras(generator, fake, day):
    """What the quickstart's config adds to the paper: the day stays as it is, and the output is smooth."""
    identity = (generator(day) - day).abs().mean()
    down, right = fake[:, :, 1:] - fake[:, :, :-1], fake[..., 1:] - fake[..., :-1]
    return 0.5 * identity + (2 * down.pow(2).mean() + 2 * right.pow(2).mean())


OBJECTIVES = {'bdd100k_vanilla_gan': (1, vanilla), 'bdd100k_wgan_gp': (1000, wgan_gp)}  # the others: (1, lsgan)


def small_model(name, turns):
    """The config's model with narrow networks; everything else as it stands."""
    config = Config.fromfile(CONFIGS / f'{name}.py').model
    config.generator.base = 8
    if config.discriminator.type == 'MultiScalePatchDiscriminator':
        config.discriminator.base = 8
    torch.manual_seed(0)
    return MODELS.build({**config, 'turns': turns}).double()


def images(config_name):
    side = 256 if config_name == 'bdd100k_wgan_gp' else 128
    generator = torch.Generator().manual_seed(1)
    return torch.randint(0, 256, (2, 2, 3, side, side), generator=generator, dtype=torch.uint8)


def unit_range(x):
    return (x + 1) / 2


def hand_written_gradients(name, model, night, day, generator_first):
    """Gradients of generator and discriminator, each after the step of whoever comes before it."""
    reconstruction_weight, adversarial = OBJECTIVES.get(name, (1, lsgan))
    generator, discriminator = copy.deepcopy(model.generators['day']), copy.deepcopy(model.discriminators['day'])
    fake = generator(night)
    fake_value = fake.detach()

    def generator_gradients():
        reconstruction = reconstruction_weight * (unit_range(fake) - unit_range(night)).pow(2).mean()
        loss = reconstruction + adversarial(discriminator, day, fake)[0]
        if name.startswith('nightscape'):
            loss = loss + quickstart_extras(generator, fake, day)
        return torch.autograd.grad(loss, list(generator.parameters()))

    def discriminator_gradients():
        loss = adversarial(discriminator, day, fake_value)[1](day, fake_value)
        return torch.autograd.grad(loss, list(discriminator.parameters()), allow_unused=True)

    def descend(network, gradients):
        with torch.no_grad():
            for parameter, gradient in zip(network.parameters(), gradients, strict=True):
                if gradient is not None:
                    parameter -= LEARNING_RATE * gradient

    if generator_first:
        return generator_gradients(), discriminator_gradients()  # the discriminator is shown what was made before
    of_discriminator = discriminator_gradients()
    descend(discriminator, of_discriminator)
    return generator_gradients(), of_discriminator


@pytest.mark.parametrize('generator_first', [True, False], ids=['generator first', 'discriminator first'])
@pytest.mark.parametrize('name', TRAINED)
def test_step_gives_the_gradients_of_a_hand_written_step(name, generator_first, monkeypatch):
    turns = [('generator',), ('discriminator',)]
    model = small_model(name, turns if generator_first else turns[::-1])
    night, day = images(name).double() / 127.5 - 1  # float64: a bias before an InstanceNorm has a gradient of exactly 0
    monkeypatch.setattr(model, '_batch', lambda data: data)
    seen = {}
    players = {player: dict(optimizer=dict(type='SGD', lr=LEARNING_RATE)) for player in model.player_modules()}
    wrapper = PlayerOptimWrapperConstructor(players)(model)
    for player, optimizer in wrapper.items():
        def record(parameters, player=player, step=optimizer.step):
            seen[player] = [None if p.grad is None else p.grad.clone() for p in parameters]
            step(parameters)
        optimizer.step = record
    torch.manual_seed(2)
    expected = hand_written_gradients(name, model, night, day, generator_first)
    torch.manual_seed(2)
    model.train_step(dict(real_night=night, real_day=day), wrapper)
    for player, gradients in zip(('generator', 'discriminator'), expected, strict=True):
        for ours, theirs in zip(seen[player], gradients, strict=True):
            if theirs is None:
                assert ours is None or not ours.any()
                continue
            torch.testing.assert_close(ours, theirs, rtol=1e-7, atol=1e-10)
