"""The training step against hand-written ones, the rules of turns, and what a wrong config is told."""

import copy

import pytest
import torch
from mmengine.model import BaseModule
from torch import nn

from nightgen.engine.optimizers import PlayerOptimWrapperConstructor
from nightgen.models.translators import BaseTranslator, OneSidedTranslator
from nightgen.models.translators.tensors import graph_nodes, players_behind
from nightgen.registry import MODELS

ADVERSARIAL = dict(type='AdversarialLoss', reads=dict(real='real_*', fake='fake_*'), weight=0.1,
                   discriminator_weight=0.5)
CONTENT = dict(type='PixelLoss', kind='l2', reads=dict(pred='fake_*', target='real_~'), weight=0.25)
ORDERS = {'generator first': [('generator',), ('discriminator',)],
          'discriminator first': [('discriminator',), ('generator',)]}


@MODELS.register_module(force=True)
class TinyGenerator(nn.Sequential):
    def __init__(self):
        super().__init__(nn.Conv2d(3, 4, 3, padding=1), nn.Tanh(), nn.Conv2d(4, 3, 3, padding=1))


@MODELS.register_module(force=True)
class TinyDiscriminator(nn.Module):
    def __init__(self):
        super().__init__()
        self.coarse, self.fine = nn.Conv2d(3, 1, 4, stride=2), nn.Conv2d(3, 1, 3)

    def forward(self, x):
        return [self.fine(x), self.coarse(x)]


@MODELS.register_module(force=True)
class Doubled(nn.Module):
    """A further tensor of a config."""

    def forward(self, image):
        return 2 * image


def make(losses=(CONTENT, ADVERSARIAL), seed=0, **kwargs):
    torch.manual_seed(seed)
    return OneSidedTranslator(domains=('night', 'day'), generator=dict(type='TinyGenerator'),
                              discriminator=dict(type='TinyDiscriminator'), losses=losses, **kwargs)


def sgd(model, lr=0.1, **kwargs):
    players = {player: dict(optimizer=dict(type='SGD', lr=lr)) for player in model.player_modules()}
    return PlayerOptimWrapperConstructor(dict(**players, **kwargs))(model)


def batch(seed=1, size=8, number=2):
    generator = torch.Generator().manual_seed(seed)
    images = torch.randint(0, 256, (2, number, 3, size, size), generator=generator, dtype=torch.uint8)
    return dict(inputs=dict(real_night=list(images[0]), real_day=list(images[1])), data_samples=None)


def unit(images):
    return torch.stack(images).float() / 127.5 - 1


def hand_written_losses(generator, discriminator, night, day):
    """The two objectives as the papers write them, from nothing but torch operators."""
    fake = generator(night)
    g_adv = sum((score - 1).pow(2).mean() for score in discriminator(fake)) / 2
    d_adv = sum((r - 1).pow(2).mean() + f.pow(2).mean()
                for r, f in zip(discriminator(day), discriminator(fake.detach()), strict=True)) / 2
    return 0.25 * (fake - night).pow(2).mean() + 0.1 * g_adv, 0.5 * d_adv


def hand_written_step(model, data, order, lr=0.1):
    generator, discriminator = copy.deepcopy(model.generators['day']), copy.deepcopy(model.discriminators['day'])
    night, day = unit(data['inputs']['real_night']), unit(data['inputs']['real_day'])

    def descend(network, loss):
        gradients = torch.autograd.grad(loss, list(network.parameters()))
        with torch.no_grad():
            for parameter, gradient in zip(network.parameters(), gradients, strict=True):
                parameter -= lr * gradient

    fake_before = generator(night).detach()
    if order == 'generator first':
        descend(generator, hand_written_losses(generator, discriminator, night, day)[0])
        d_loss = 0.5 * sum((r - 1).pow(2).mean() + f.pow(2).mean()
                           for r, f in zip(discriminator(day), discriminator(fake_before), strict=True)) / 2
        descend(discriminator, d_loss)
    else:
        descend(discriminator, hand_written_losses(generator, discriminator, night, day)[1])
        descend(generator, hand_written_losses(generator, discriminator, night, day)[0])
    return generator, discriminator


def assert_same_weights(network, expected, atol=1e-7):
    for (name, parameter), other in zip(network.named_parameters(), expected.parameters(), strict=True):
        torch.testing.assert_close(parameter, other, rtol=0, atol=atol, msg=lambda text, name=name: f'{name}: {text}')


@pytest.mark.parametrize('order', ORDERS)
@pytest.mark.parametrize('channels_last', [False, True])
def test_step_equals_hand_written_step(order, channels_last):
    model = make(turns=ORDERS[order], channels_last=channels_last)
    generator, discriminator = hand_written_step(model, batch(), order)
    model.train_step(batch(), sgd(model))
    assert_same_weights(model.generators['day'], generator)
    assert_same_weights(model.discriminators['day'], discriminator)


def test_logs_hold_the_weighted_value_of_every_side():
    model = make()
    night, day = unit(batch()['inputs']['real_night']), unit(batch()['inputs']['real_day'])
    g_loss, _ = hand_written_losses(model.generators['day'], model.discriminators['day'], night, day)
    logs = model.train_step(batch(), sgd(model, lr=0.0))
    assert set(logs) == {'loss_pixel_day', 'loss_adversarial_day', 'loss_adversarial_discriminator_day'}
    torch.testing.assert_close(logs['loss_pixel_day'] + logs['loss_adversarial_day'], g_loss.detach())
    assert not any(value.requires_grad for value in logs.values())


def test_accumulation_equals_the_mean_of_the_gradients(monkeypatch):
    model = make()
    generators = []
    for seed in (1, 2):
        generators.append(hand_written_step(model, batch(seed), 'generator first')[0])
    start = copy.deepcopy(model.generators['day'])
    wrapper = sgd(model, accumulate=2)
    for iteration, seed in enumerate((1, 2)):
        monkeypatch.setattr(model, 'progress', lambda iteration=iteration: (iteration, 0))
        model.train_step(batch(seed), wrapper)
    for parameter, before, a, b in zip(model.generators.parameters(), start.parameters(), generators[0].parameters(),
                                       generators[1].parameters(), strict=True):
        torch.testing.assert_close(parameter, before + ((a - before) + (b - before)) / 2, rtol=0, atol=1e-7)


def test_a_tensor_is_made_once_and_only_when_read():
    class Counted(OneSidedTranslator):
        calls = []

        def produce(self, name, tensors):
            self.calls.append(name)
            return super().produce(name, tensors)

    torch.manual_seed(0)
    model = Counted(domains=('night', 'day'), generator=dict(type='TinyGenerator'),
                    discriminator=dict(type='TinyDiscriminator'), losses=[CONTENT, ADVERSARIAL])
    model.train_step(batch(), sgd(model))
    assert Counted.calls == ['fake_day']


class Chain(BaseTranslator):
    """night -> a -> b: two players make one tensor, in two turns."""

    def __init__(self, **kwargs):
        super().__init__(('night', 'day'), nn.ModuleDict(dict(a=nn.Conv2d(3, 3, 1), b=nn.Conv2d(3, 3, 1))),
                         nn.ModuleDict(), **kwargs)

    produced_domains = ('day',)
    default_direction = ('night', 'day')

    def player_modules(self):
        return {'first': [self.generators['a']], 'second': [self.generators['b']]}

    def producers(self):
        return {'half_day': ('_half', 'day'), 'fake_day': ('_fake', 'day')}

    def _half(self, domain, tensors):
        return self.generators['a'](tensors['real_night'])

    def _fake(self, domain, tensors):
        return self.generators['b'](tensors['half_day'])


@pytest.mark.parametrize('turns', [[('first', 'second')], [('first',), ('second',)], [('second',), ('first',)]])
def test_one_term_drives_two_players_together_or_in_turns(turns):
    term = dict(type='PixelLoss', kind='l2', reads=dict(pred='fake_*', target='real_*'))
    together = len(turns) == 1
    losses = [{**term, 'drives': ('first', 'second')}] if together else [
        {**term, 'drives': 'first', 'name': 'loss_one'}, {**term, 'drives': 'second', 'name': 'loss_two'}]
    torch.manual_seed(0)
    model = Chain(losses=losses, turns=turns)
    a, b = copy.deepcopy(model.generators['a']), copy.deepcopy(model.generators['b'])
    night, day = unit(batch()['inputs']['real_night']), unit(batch()['inputs']['real_day'])
    for turn in turns:
        networks = [{'first': a, 'second': b}[player] for player in turn]
        # what an earlier player made keeps its value of before its step
        half = a(night) if turn is turns[0] or turn == ('first',) else half_value  # noqa: F821
        half_value = half.detach()  # noqa: F841
        loss = (b(half) - day).pow(2).mean()
        parameters = [p for network in networks for p in network.parameters()]
        gradients = torch.autograd.grad(loss, parameters)
        with torch.no_grad():
            for parameter, gradient in zip(parameters, gradients, strict=True):
                parameter -= 0.1 * gradient
    model.train_step(batch(), sgd(model))
    assert_same_weights(model.generators['a'], a)
    assert_same_weights(model.generators['b'], b)


def test_a_frozen_player_and_an_interval(monkeypatch):
    model = make(players=dict(discriminator=dict(begin=1, end=2, by_epoch=False)),
                 turns=[dict(players='generator', interval=2), 'discriminator'])
    wrapper = sgd(model)
    moved = []
    for iteration in range(3):
        before = copy.deepcopy(model)
        monkeypatch.setattr(model, 'progress', lambda iteration=iteration: (iteration, 0))
        model.train_step(batch(iteration), wrapper)
        moved.append([any(not torch.equal(p, q) for p, q in zip(new.parameters(), old.parameters(), strict=True))
                      for new, old in ((model.generators, before.generators),
                                       (model.discriminators, before.discriminators))])
    assert moved == [[True, False], [False, True], [True, False]]
    assert all(p.requires_grad for p in model.parameters())


def test_a_term_that_is_off_costs_nothing_and_logs_zero():
    class Forbidden(nn.Module):
        def forward(self, image):
            raise AssertionError('computed although it is off')

    MODELS.register_module(name='Forbidden', module=Forbidden, force=True)
    model = make(losses=[CONTENT, ADVERSARIAL, dict(type='Forbidden', reads=dict(image='idt_day'), begin=5,
                                                    name='loss_later')])
    logs = model.train_step(batch(), sgd(model))
    assert logs['loss_later'] == 0


def test_a_further_tensor_of_the_config():
    model = make(tensors=[dict(type='Doubled', name='double_*', reads=dict(image='real_~'))],
                 losses=[dict(type='PixelLoss', kind='l1', reads=dict(pred='fake_*', target='double_*')), ADVERSARIAL])
    night = unit(batch()['inputs']['real_night'])
    expected = (model.generators['day'](night) - 2 * night).abs().mean()
    torch.testing.assert_close(model.train_step(batch(), sgd(model))['loss_pixel_day'], expected.detach())


def test_a_deep_copy_trains_its_own_networks():
    model = make()
    twin = copy.deepcopy(model)
    before = copy.deepcopy(model.state_dict())
    twin.train_step(batch(), sgd(twin))
    assert all(torch.equal(before[key], value) for key, value in model.state_dict().items())
    assert not torch.equal(before['generators.day.0.weight'], twin.state_dict()['generators.day.0.weight'])


@MODELS.register_module(force=True)
class Constant(BaseModule):
    """A network with an initialisation of its own."""

    def __init__(self, value):
        super().__init__(dict(type='Constant', layer='Conv2d', val=value))
        self.net = nn.Conv2d(3, 3, 1)

    def forward(self, x):
        return self.net(x)


def test_players_behind_a_value_are_found_through_what_is_known():
    a, b = nn.Linear(2, 2), nn.Linear(2, 2)
    owners = {**dict.fromkeys(map(id, a.parameters()), 'first'), **dict.fromkeys(map(id, b.parameters()), 'second')}
    half = a(torch.rand(1, 2))
    whole = dict(x=[b(half)], y=half.detach(), z=None)
    assert players_behind(half, owners) == {'first'} and players_behind(whole, owners) == {'first', 'second'}
    known = {node: frozenset({'somebody'}) for node in graph_nodes(half)}
    assert len(known) == 1 and players_behind(whole, owners, known) == {'somebody', 'second'}
    assert players_behind(half.detach(), owners) == frozenset()


def test_init_weights_reaches_the_networks():
    model = OneSidedTranslator(
        domains=('night', 'day'), generator=dict(type='Constant', value=0.5),
        discriminator=dict(type='Constant', value=0.25),
        tensors=[dict(type='Constant', value=2.0, name='other_day', reads=dict(x='real_day'))])
    model.init_weights()
    networks = (model.generators['day'], model.discriminators['day'], model.extra_tensors['other_day'])
    assert [network.net.weight.unique().tolist() for network in networks] == [[0.5], [0.25], [2.0]]


def test_pool_acts_on_the_discriminator_side_only():
    model = make(losses=[CONTENT, {**ADVERSARIAL, 'pool': 4}])
    model.train_step(batch(), sgd(model))
    pool = model.losses[1].pool
    assert len(pool.images) == 2
    state = pool.run_state()
    other = copy.deepcopy(pool)
    other.load_run_state(state)
    assert all(torch.equal(a, b) for a, b in zip(pool.images, other.images, strict=True))
    assert not any('pool' in key for key in model.state_dict())


def test_bf16_autocast_keeps_parameters_in_fp32():
    model = make()
    start = copy.deepcopy(model.generators)
    model.train_step(batch(), sgd(model, amp='bf16'))
    assert all(p.dtype == torch.float32 for p in model.parameters())
    assert any(not torch.equal(p, q) for p, q in zip(model.generators.parameters(), start.parameters(), strict=True))


@pytest.mark.parametrize(('change', 'error', 'words'), [
    (dict(losses=[{**CONTENT, 'reads': dict(pred='fake_day', target='real_nigth')}, ADVERSARIAL]), KeyError,
     'real_nigth'),
    (dict(losses=[{**CONTENT, 'kin': 'l1'}]), TypeError, r"\['kin'\]; it takes \['kind'"),
    (dict(losses=[{**CONTENT, 'reads': dict(prediction='fake_*', target='real_~')}]), TypeError, 'prediction'),
    (dict(losses=[{**CONTENT, 'pool': 50}]), TypeError, 'would do nothing'),
    (dict(losses=[CONTENT, CONTENT]), ValueError, 'loss_pixel_day'),
    (dict(losses=[{**CONTENT, 'name': 'loss'}]), ValueError, 'loss'),
    (dict(losses=[{**CONTENT, 'drives': ('segmentor',)}]), ValueError, 'segmentor'),
    (dict(losses=[{**CONTENT, 'drives': ('generator', 'discriminator')}]), ValueError, 'different turns'),
    (dict(losses=[{**CONTENT, 'domains': ('dusk',)}]), ValueError, 'dusk'),
    (dict(losses=[{**CONTENT, 'begin': 5, 'end': 5}]), ValueError, 'begin'),
    (dict(losses=[dict(type='NoSuchLoss', reads=dict(image='fake_*'))]), KeyError, 'custom_imports'),
    (dict(losses=[dict(type='PixelLoss')]), ValueError, 'reads'),
    (dict(turns=[('generator',)]), ValueError, 'exactly one turn'),
    (dict(players=dict(segmentor=dict(begin=1))), ValueError, 'segmentor'),
    (dict(tensors=[dict(type='Doubled', name='real_day', reads=dict(image='real_night'))]), ValueError,
     'exists already'),
])
def test_a_wrong_config_fails_when_the_model_is_built(change, error, words):
    with pytest.raises(error, match=words):
        make(**change)


def test_what_only_the_first_batch_can_show():
    model = make(inputs=('edges_day',))
    with pytest.raises(KeyError, match='edges_day'):
        model.train_step(batch(), sgd(model))
    idle = make(losses=[{**CONTENT, 'reads': dict(pred='real_*', target='real_~')}, ADVERSARIAL], turns=None)
    idle.losses[1].sides = {'discriminator': ('discriminator',)}
    with pytest.raises(RuntimeError, match="player 'generator'"):
        idle.train_step(batch(), sgd(idle))


class TakesLabel(torch.nn.Module):
    """Adds a number for each class and for each column, so that only mirrored labels give a mirrored image."""

    def forward(self, x, label):
        return x / 4 + label[:, None] / 8 + torch.linspace(0, 0.2, x.shape[-1])


def test_test_time_flip_mirrors_what_comes_by_name():
    model = make().eval()
    model.generators['day'] = TakesLabel()
    model.named_inputs = lambda direction=None: ('label',)
    x, label = torch.rand(1, 3, 4, 6) - 0.5, torch.randint(0, 4, (1, 4, 6))
    model.test_time_flip = True
    ramp = torch.linspace(0, 0.2, 6)
    expected = x / 4 + label[:, None] / 8 + (ramp + ramp.flip(0)) / 2
    torch.testing.assert_close(model.translate_for_test(x, label=label), expected)
    model.data_preprocessor.kinds['label'] = 'raw'
    with pytest.raises(ValueError, match=r"\['label'\] are of kind \"raw\", and nothing says how to mirror"):
        model.translate_for_test(x, label=label)


def test_translate_and_predict():
    model = make().eval()
    x = torch.rand(1, 3, 9, 7) * 2 - 1
    assert torch.equal(model.translate(x), model.generators['day'](x).clamp(-1, 1))
    assert torch.equal(model.translate(x, 'day'), model.translate(x, ('night', 'day')))
    with pytest.raises(ValueError, match="not 'night'"):
        model.translate(x, 'night')
    data = dict(inputs=dict(real_night=[torch.full((3, 4, 4), 128, dtype=torch.uint8)]), data_samples=None)
    sample, = model.val_step(data)
    assert sample.fake.dtype == torch.uint8 and sample.fake.shape == (3, 4, 4)
    assert torch.equal(sample.source, torch.full((3, 4, 4), 128, dtype=torch.uint8))
    with pytest.raises(KeyError, match='one domain at a time'):
        model.val_step(batch())
