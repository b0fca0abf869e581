"""GcGAN: the gradients of one step against a step written by hand in float64, and the rules of the translator."""

import copy
from pathlib import Path

import pytest
import torch
from mmengine.config import Config

from nightgen.engine.optimizers import PlayerOptimWrapperConstructor
from nightgen.models.translators import GeometryConsistentTranslator
from nightgen.registry import MODELS

MODEL = Path(__file__).parents[3] / 'configs/_base_/models/gcgan.py'


def small_model(**overrides) -> GeometryConsistentTranslator:
    """The shipped model with narrow networks, generator first."""
    config = Config.fromfile(MODEL)
    config.merge_from_dict({'model.generator': dict(base=4, num_blocks=1), 'model.discriminator.base': 4})
    torch.manual_seed(0)
    model = MODELS.build({**config.model, **overrides}).double()
    model.init_weights()
    return model


def images(height: int = 32, width: int = 32) -> tuple[torch.Tensor, torch.Tensor]:
    generator = torch.Generator().manual_seed(1)
    return tuple(torch.rand(2, 2, 3, height, width, generator=generator, dtype=torch.float64) * 2 - 1)


def clockwise(x: torch.Tensor) -> torch.Tensor:
    """By indices: what is in row i and column j goes to row j and column (last - i)."""
    turned = torch.empty_like(x)
    side = x.shape[-1]
    for row in range(side):
        for column in range(side):
            turned[..., column, side - 1 - row] = x[..., row, column]
    return turned


def upside_down(x: torch.Tensor) -> torch.Tensor:
    return x[..., torch.arange(x.shape[-2] - 1, -1, -1), :]


def by_hand(model, thermal, day, turn):
    """The authors' step: the gradients of both players, each network's in its own order, and the values."""
    generator = model.generators['day']
    judge, turned_judge = (lambda x, network=model.discriminators[name]: network(x)[0] for name in ('day', 'turned'))
    fake, turned_fake = generator(thermal), generator(turn(thermal))
    values = dict(
        loss_adversarial_day=(judge(fake) - 1).square().mean(),
        loss_adversarial_turned_day=(turned_judge(turned_fake) - 1).square().mean(),
        loss_identity_day=5 * (generator(day) - day).abs().mean(),
        loss_identity_turned_day=5 * (generator(turn(day)) - turn(day)).abs().mean())
    # each side a constant in turn, and turned back where it is compared with the plain translation
    back = turn(turn(turn(turned_fake))) if turn is clockwise else turn(turned_fake)
    geometry = 20 * (fake - back.detach()).abs().mean() + 20 * (turned_fake - turn(fake).detach()).abs().mean()
    generators = torch.autograd.grad(sum(values.values()) + geometry, list(generator.parameters()))
    values['loss_geometry_day'] = geometry / 2
    for key, network, real, made in (('', judge, day, fake), ('turned_', turned_judge, turn(day), turned_fake)):
        values[f'loss_adversarial_{key}discriminator_day'] = 0.5 * (
            (network(real) - 1).square().mean() + network(made.detach()).square().mean())
    judges = list(model.discriminators.parameters())
    total = values['loss_adversarial_discriminator_day'] + values['loss_adversarial_turned_discriminator_day']
    return generators, torch.autograd.grad(total, judges), {key: value.item() for key, value in values.items()}


@pytest.mark.parametrize(('geometry', 'turn'), [('rotate', clockwise), ('flip', upside_down)])
def test_a_step_is_the_authors(geometry, turn):
    model = small_model(geometry=geometry)
    thermal, day = images()
    expected = by_hand(copy.deepcopy(model), thermal, day, turn)
    wrapper = PlayerOptimWrapperConstructor({
        player: dict(optimizer=dict(type='SGD', lr=0.0)) for player in model.player_modules()})(model)
    gradients = {}
    for player in ('generator', 'discriminator'):
        wrapper[player].step = lambda parameters, player=player: gradients.update(
            {player: [p.grad.clone() for p in parameters]})
    model.data_preprocessor.forward = lambda data, training: data
    logs = model.train_step(dict(inputs=dict(real_thermal=thermal, real_day=day), data_samples=None), wrapper)
    assert {key: value.item() for key, value in logs.items()} == pytest.approx(expected[2], rel=1e-10)
    for ours, theirs in zip((gradients['generator'], gradients['discriminator']), expected[:2], strict=True):
        assert any(gradient.abs().max() > 1e-6 for gradient in theirs)
        for one, other in zip(ours, theirs, strict=True):
            torch.testing.assert_close(one, other, rtol=1e-9, atol=1e-12)


def test_a_generator_that_commutes_with_turning_loses_nothing():
    """A convolution of one pixel does; one that mixes neighbours does not."""
    thermal, day = images()
    found = {}
    for name, layer in (('pixel', torch.nn.Conv2d(3, 3, 1)), ('neighbours', torch.nn.Conv2d(3, 3, 3, padding=1))):
        model = GeometryConsistentTranslator(('thermal', 'day'), layer.double(), losses=[])
        tensors = dict(real_thermal=thermal, real_day=day)
        for wanted in ('turned_real_thermal', 'fake_day', 'fake_turned_day', 'turned_fake_day'):
            tensors[wanted] = model.produce(wanted, tensors)
        found[name] = (tensors['fake_turned_day'] - tensors['turned_fake_day']).abs().max().item()
    assert found['pixel'] < 1e-12 < 0.01 < found['neighbours']


def test_what_cannot_be_rotated_is_refused():
    with pytest.raises(ValueError, match='images of 32x40 are not square.*flip'):
        small_model().turn(images(32, 40)[0])
    assert small_model(geometry='flip').turn(images(32, 40)[0]).shape == (2, 3, 32, 40)
    with pytest.raises(ValueError, match="geometry is 'rotate' or 'flip', got 'shear'"):
        small_model(geometry='shear')


def test_parameters():
    """CycleGAN's networks, as the authors' code has them; two discriminators of one optimizer."""
    config = Config.fromfile(MODEL).model
    model = MODELS.build(config)
    assert [sum(p.numel() for p in network.parameters()) for network in
            (model.generators['day'], model.discriminators['day'], model.discriminators['turned'])] == [
                11_378_179, 2_764_737, 2_764_737]
    assert list(model.player_modules()) == ['generator', 'discriminator']
