"""Terms in two stages, over pairs of domains and before a second judge; names that are kept for hooks."""

import copy

import pytest
import torch
from torch import nn

from nightgen.engine.optimizers import PlayerOptimWrapperConstructor
from nightgen.models.translators import BaseTranslator, OneSidedTranslator
from nightgen.models.translators.gradient_watch import GradientWatch
from nightgen.models.translators.loss_terms import build_terms, check_loss_value
from nightgen.registry import MODELS

DOMAINS = ('day', 'night', 'thermal')


@MODELS.register_module(force=True)
class Mix(nn.Conv2d):
    """A 1x1 convolution of colours."""

    def __init__(self, channels=3):
        super().__init__(3, channels, 1)


class ThreeWays(BaseTranslator):
    """Every domain into every other one; scores of whole pictures, and a critic of the colours' means."""

    def __init__(self, **kwargs):
        generators = nn.ModuleDict({target: MODELS.build(dict(type='Mix')) for target in DOMAINS})
        critics = nn.ModuleDict({target: nn.Sequential(nn.AdaptiveAvgPool2d(1), Mix(1)) for target in DOMAINS})
        super().__init__(DOMAINS, generators, nn.ModuleDict({target: Mix(1) for target in DOMAINS}),
                         networks=dict(critics=critics), **kwargs)

    default_direction = ('thermal', 'day')

    def judges(self):
        return {**super().judges(), 'critic': self.critics}

    def producers(self):
        return {f'fake_{target}_{source}': ('_fake', f'{target} {source}')
                for target in DOMAINS for source in DOMAINS if source != target}

    def _fake(self, pair, tensors):
        target, source = pair.split()
        return self.generators[target](tensors[f'real_{source}'])


def optimizers(model, lr=0.1):
    players = {player: dict(optimizer=dict(type='SGD', lr=lr)) for player in model.player_modules()}
    return PlayerOptimWrapperConstructor(players)(model)


def batch(domains=DOMAINS):
    generator = torch.Generator().manual_seed(1)
    images = {domain: torch.randint(0, 256, (3, 6, 6), generator=generator, dtype=torch.uint8) for domain in DOMAINS}
    return dict(inputs={f'real_{domain}': [images[domain]] for domain in domains}, data_samples=None)


def real(domain):
    return torch.stack(batch()['inputs'][f'real_{domain}']).float() / 127.5 - 1


PAIRS = dict(type='AdversarialLoss', reads=dict(real='real_*', fake='fake_*_~'))


def test_a_term_ranges_over_pairs_and_is_judged_by_the_player_it_names():
    torch.manual_seed(0)
    model = ThreeWays(losses=[
        PAIRS, dict(PAIRS, judge='critic', name='loss_critical', domains='day', others=('night', 'thermal'), pool=2)])
    to, judge, critic = (copy.deepcopy(part) for part in (model.generators, model.discriminators, model.critics))
    assert [turn.players for turn in model.turns.order] == [('generator',), ('discriminator',), ('critic',)]
    logs = model.train_step(batch(), optimizers(model))
    expected = {}
    for target in DOMAINS:
        for source in (domain for domain in DOMAINS if domain != target):
            fake = to[target](real(source))
            expected[f'loss_adversarial_{target}_{source}'] = (judge[target](fake) - 1).square().mean()
            expected[f'loss_adversarial_discriminator_{target}_{source}'] = \
                (judge[target](real(target)) - 1).square().mean() + judge[target](fake.detach()).square().mean()
            if target == 'day':
                expected[f'loss_critical_day_{source}'] = (critic['day'](fake) - 1).square().mean()
                expected[f'loss_critical_critic_day_{source}'] = \
                    (critic['day'](real('day')) - 1).square().mean() + critic['day'](fake.detach()).square().mean()
    assert set(logs) == set(expected) == model.active_keys
    for key, value in expected.items():
        torch.testing.assert_close(logs[key], value.detach(), msg=lambda text, key=key: f'{key}: {text}')
    sides = {'generators': [value for key, value in expected.items() if '_critic_' not in key and 'discr' not in key],
             'discriminators': [value for key, value in expected.items() if 'discriminator' in key],
             'critics': [value for key, value in expected.items() if '_critic_' in key]}
    for (name, values), start in zip(sides.items(), (to, judge, critic), strict=True):
        gradients = torch.autograd.grad(sum(values), list(start.parameters()), allow_unused=True)
        for after, before, gradient in zip(getattr(model, name).parameters(), start.parameters(), gradients,
                                           strict=True):
            torch.testing.assert_close(after, before if gradient is None else before - 0.1 * gradient)


@pytest.mark.parametrize(('entry', 'words'), [
    (dict(PAIRS, judge='jury'), "judge='jury' is none of"),
    (dict(PAIRS, others='dusk'), 'others=dusk'),
    (dict(type='TotalVariationLoss', reads=dict(image='fake_day_night'), domains='day'), 'domains would do nothing'),
    (dict(type='TotalVariationLoss', reads=dict(image='real_*'), others='day'), 'others would do nothing'),
    (dict(PAIRS, domains='day', others='day'), 'leave no pair'),
])
def test_what_cannot_be_expanded_is_refused(entry, words):
    with pytest.raises(ValueError, match=words):
        ThreeWays(losses=[entry])


def test_evaluation_from_any_source_has_a_target():
    model = ThreeWays(losses=[PAIRS, dict(PAIRS, judge='critic', name='loss_critical')]).eval()
    assert [model.target_of(domain) for domain in DOMAINS] == ['thermal', 'day', 'day']
    for source, target in (('night', 'day'), ('day', 'thermal')):
        sample, = model.val_step(batch([source]))
        made = model.generators[target](real(source))
        torch.testing.assert_close(sample.fake.float(), ((made[0] + 1) * 127.5).clamp(0, 255).round(), atol=1, rtol=0)


# Two stages

CONTENT = dict(type='PixelLoss', reads=dict(pred='fake_*', target='real_~'), name='loss_content')


def one_sided(**kwargs):
    torch.manual_seed(0)
    return OneSidedTranslator(('night', 'day'), generator=dict(type='Mix'), **kwargs)


def test_one_loss_in_two_stages_under_one_key(monkeypatch):
    model = one_sided(losses=[dict(CONTENT, kind='l1', end=3), dict(CONTENT, kind='l2', begin=3, weight=5.0)])
    wrapper, difference = optimizers(model, lr=0.0), model.generators['day'](real('night')) - real('night')
    for epoch, expected in ((2, difference.abs().mean()), (3, 5 * difference.square().mean())):
        monkeypatch.setattr(model, 'progress', lambda epoch=epoch: (9, epoch))
        logs = model.train_step(batch(('night', 'day')), wrapper)
        assert list(logs) == ['loss_content_day']
        torch.testing.assert_close(logs['loss_content_day'], expected.detach())


@pytest.mark.parametrize('second', [dict(begin=2), dict(begin=3, by_epoch=False), {}])
def test_stages_that_overlap_are_refused(second):
    with pytest.raises(ValueError, match='loss_content_day.*can be on at once'):
        one_sided(losses=[dict(CONTENT, kind='l1', end=3), dict(CONTENT, kind='l2', **second)])


# Kept names

@MODELS.register_module(force=True)
class Halved(nn.Module):
    """A further tensor of a config."""

    def forward(self, image):
        return image / 2


def test_kept_names_are_made_detached_whether_a_term_reads_them_or_not():
    model = one_sided(losses=[dict(CONTENT, kind='l1')], keep=('fake_*', 'half_*', 'real_~'),
                      tensors=[dict(type='Halved', name='half_*', reads=dict(image='real_*'))])
    start = copy.deepcopy(model.generators['day'])
    model.train_step(batch(('night', 'day')), optimizers(model))
    assert set(model.kept) == {'fake_day', 'half_day', 'real_night'}
    assert not any(value.requires_grad for value in model.kept.values())
    torch.testing.assert_close(model.kept['fake_day'], start(real('night')).detach())  # of before the step
    torch.testing.assert_close(model.kept['half_day'], real('day') / 2)
    with pytest.raises(KeyError, match=r"keep reads \['nothing_day'\]"):
        one_sided(losses=[dict(CONTENT, kind='l1')], keep=('nothing_*',))


@pytest.mark.parametrize('returned,kind,message', [
    (lambda x: None, TypeError, "loss term 'loss_mine' returned None .does its forward end without a return"),
    (lambda x: dict(loss=x.mean()), TypeError, 'returned a dict; a loss returns a 0-d tensor'),
    (lambda x: 0.5, TypeError, 'returned a float'),
    (lambda x: x.mean() + 1j, TypeError, 'returned a tensor of torch.complex64'),
    (lambda x: x.argmax(), TypeError, 'returned a tensor of torch.int64'),
    (lambda x: x, ValueError, 'returned shape'),
    (lambda x: x.detach().mean() + 1, ValueError, 'returned a value without a graph'),
    (lambda x: x.mean(), None, ''),
    (lambda x: torch.zeros(()), None, ''),
])
def test_what_a_loss_may_return(returned, kind: type | None, message: str):
    class Mine(nn.Module):
        def forward(self, image):
            return returned(image)

    term = build_terms([dict(type=Mine, reads=dict(image='fake_day'), name='loss_mine', weight=2.0)], ['day'],
                       lambda domain: [])[0]
    image = torch.rand(3, requires_grad=True)
    if kind is None:
        assert term.evaluate('', lambda name: image, None, GradientWatch()) == 2 * returned(image)
        return
    with pytest.raises(kind, match=message):
        term.evaluate('', lambda name: image, None, GradientWatch())


def test_a_detached_value_is_let_pass_where_nothing_is_trained_through_it():
    assert check_loss_value('loss_x', torch.tensor(2.0), [torch.rand(3)]) == 2
    with torch.no_grad():
        assert check_loss_value('loss_x', torch.tensor(2.0), [torch.rand(3, requires_grad=True)]) == 2


def test_a_misspelt_option_of_a_term_is_understood():
    entry = dict(type='PixelLoss', reads=dict(pred='fake_day', target='real_day'), weigth=2.0)
    with pytest.raises(TypeError, match=r"takes no argument \['weigth'\].*'begin', 'end'.*did you mean weight"):
        build_terms([entry], ['day'], lambda domain: [])
