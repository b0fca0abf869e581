"""DiCo, F-LSeSim and NEGCUT: the gradients of one step of each shipped model against a step written by hand."""

import copy
from pathlib import Path

import pytest
import torch
import torch.nn.functional as F
from mmengine.config import Config
from torch import nn

from nightgen.engine.optimizers import PlayerOptimWrapperConstructor
from nightgen.models.task_modules import ColorJitter
from nightgen.registry import MODELS

BASES = Path(__file__).parents[3] / 'configs/_base_/models'
RATE = 0.1


@MODELS.register_module(force=True)
class ToyMaps(nn.Module):
    """Two layers of features, frozen, float64."""

    def __init__(self):
        super().__init__()
        generator = torch.Generator().manual_seed(9)
        self.first, self.second = (torch.randn(*shape, generator=generator, dtype=torch.float64)
                                   for shape in ((6, 3, 3, 3), (8, 6, 3, 3)))

    def maps(self, images):
        first = F.conv2d(images, self.first, stride=2, padding=1)
        return [first, F.conv2d(first.tanh(), self.second, stride=2, padding=1)]


def small_model(name, **overrides):
    config = Config.fromfile(BASES / f'{name}.py').model
    config = Config(dict(model=config))
    config.merge_from_dict(overrides)
    torch.manual_seed(0)
    return MODELS.build(config.model).double()


def images(number=3):
    generator = torch.Generator().manual_seed(1)
    return torch.rand(number, 2, 3, 32, 36, generator=generator, dtype=torch.float64) * 2 - 1


def trained(model, batch, monkeypatch):
    """The gradients that each player's optimizer was given in one step."""
    monkeypatch.setattr(model, '_batch', lambda data: data)
    wrapper = PlayerOptimWrapperConstructor({player: dict(optimizer=dict(type='SGD', lr=RATE))
                                             for player in model.player_modules()})(model)
    seen = {}
    for player, optimizer in wrapper.items():
        def record(parameters, player=player, step=optimizer.step):
            seen[player] = [None if p.grad is None else p.grad.clone() for p in parameters]
            step(parameters)
        optimizer.step = record
    torch.manual_seed(3)
    return model.train_step(batch, wrapper), seen


def judged(judge, target, fake, weight):
    """The discriminator's gradients, and the discriminator after its step."""
    loss = weight * ((judge(target)[0] - 1).square().mean() + judge(fake.detach())[0].square().mean())
    gradients = torch.autograd.grad(loss, list(judge.parameters()))
    with torch.no_grad():
        for parameter, gradient in zip(judge.parameters(), gradients, strict=True):
            parameter -= RATE * gradient
    return gradients


def compare(seen, expected):
    for ours, theirs in zip(seen, expected, strict=True):
        torch.testing.assert_close(ours, torch.zeros_like(ours) if theirs is None else theirs, rtol=1e-6, atol=1e-9)


NARROW = {'model.discriminator.base': 4}


def unit(vectors, dim):
    return vectors / (vectors.norm(dim=dim, keepdim=True) + 1e-7)


def correlation(a, b):
    a, b = a - a.mean(1, keepdim=True), b - b.mean(1, keepdim=True)
    return (a * b).sum(1) / (a.norm(dim=1) * b.norm(dim=1) + 1e-8)


def dico_generator_loss(judge, toy, fake, night, reference):
    total = (judge(fake)[0] - 1).square().mean()
    for made, source, wanted in zip(toy.maps(fake), toy.maps(night), toy.maps(reference), strict=True):
        similar = correlation(made, wanted).detach()
        total = total + ((similar > 0.5)[:, None] * (made - wanted).abs()).mean()
        values = []
        for n in range(len(made)):
            places = (similar[n].flatten() <= 0.5).nonzero()[:, 0]
            q, k = (unit(part[n].flatten(1)[:, places], 0) for part in (made, source))
            values.append(F.cross_entropy(q.t() @ k / 0.07, torch.arange(len(places))))
        total = total + sum(values) / len(values)
    return total


def test_dico(monkeypatch):
    model = small_model('dico', **NARROW, **{'model.generator.generator': dict(base=4, num_blocks=1), 'model.tensors': [
        dict(Config.fromfile(BASES / 'dico.py').model.tensors[0], network=dict(type='ToyMaps'))]})
    before = copy.deepcopy(model)
    night, day, reference = images()
    reference = 0.6 * reference + 0.4 * before.generators['day'](night).detach()  # some of it resembles the translation
    logs, seen = trained(model, dict(real_night=night, real_day=day, reference_day=reference), monkeypatch)
    assert set(logs) == {'loss_adversarial_day', 'loss_adversarial_discriminator_day', 'loss_background_regression',
                         'loss_foreground_contrast'} and logs['loss_background_regression'] > 0
    generator, judge, toy = before.generators['day'], before.discriminators['day'], ToyMaps()
    fake = generator.generator(generator.invariant((night + 1) / 2))
    compare(seen['discriminator'], judged(judge, day, fake, 1.0))
    loss = dico_generator_loss(judge, toy, fake, night, reference)
    compare(seen['generator'], torch.autograd.grad(loss, list(generator.parameters())))
    assert seen['generator'][0].abs().sum() > 0 and generator.invariant.scale.shape == ()


def self_similar(features):
    vectors = F.normalize(features - features.mean((2, 3), keepdim=True), dim=1).flatten(2)
    return vectors.transpose(1, 2) @ vectors


def test_flsesim(monkeypatch):
    entry = Config.fromfile(BASES / 'flsesim.py').model.tensors[0]
    model = small_model('flsesim', **NARROW, **{'model.generator': dict(base=4, num_blocks=1), 'model.tensors': [
        dict(entry, network=dict(type='ToyMaps'))]})
    before = copy.deepcopy(model)
    night, day, _ = images()
    _, seen = trained(model, dict(real_night=night, real_day=day), monkeypatch)
    assert set(seen) == {'discriminator', 'generator'} and seen['generator'][0].abs().sum() > 0
    generator, judge, toy = before.generators['day'], before.discriminators['day'], ToyMaps()
    fake = generator(night)
    compare(seen['discriminator'], judged(judge, day, fake, 0.5))
    loss = (judge(fake)[0] - 1).square().mean()
    torch.manual_seed(3)
    for made, source in zip(toy.maps(fake), toy.maps(night), strict=True):
        places = torch.randperm(made[0, 0].numel())[:256]
        one, other = self_similar(made)[:, places], self_similar(source)[:, places]
        loss = loss + 10 / 2 * (1 - F.cosine_similarity(one, other, dim=-1)).mean()
    compare(seen['generator'], torch.autograd.grad(loss, list(generator.parameters())))


def structure_contrast(projection, made, source, other):
    """The loss of LSeSim's projection, by its definition (eq. 5), mean of both layers."""
    toy, loss = ToyMaps(), 0.0
    for network, *parts in zip(projection.networks, toy.maps(made), toy.maps(source), toy.maps(other), strict=True):
        places = torch.randperm(parts[0][0, 0].numel())[:256]
        one, two, three = (network(part) for part in parts)
        one, two, three = (F.normalize(self_similar(part)[:, places], dim=-1)
                           for part in (one, two, three.flip((2, 3))))
        logits = torch.cat([two @ one.transpose(1, 2), two @ three.transpose(1, 2), one @ three.transpose(1, 2)], 2)
        loss = loss + F.cross_entropy(logits.flatten(0, 1) / 0.07, torch.arange(len(places)).repeat(2)) / 2
    return loss


def test_flsesim_learned(monkeypatch):
    tensors = Config.fromfile(BASES / 'flsesim_learned.py').model.tensors
    model = small_model('flsesim_learned', **NARROW, **{
        'model.generator': dict(base=4, num_blocks=1),
        'model.tensors': [dict(tensors[0], network=dict(type='ToyMaps')), dict(tensors[1], in_channels=(6, 8))]})
    before = copy.deepcopy(model)
    night, day, _ = images()
    logs, seen = trained(model, dict(real_night=night, real_day=day), monkeypatch)
    assert set(seen) == {'projection', 'discriminator', 'generator'} and logs['loss_projection'] > 0
    projection = next(module for key, module in before.extra_tensors.items() if 'features' in key)
    fake = before.generators['day'](night).detach()
    torch.manual_seed(3)
    loss = structure_contrast(projection, fake, night, day)
    compare(seen['projection'], torch.autograd.grad(loss, list(projection.parameters())))


def test_flsesim_with_augmented_views(monkeypatch):
    """Half of the loss is of the translation, half of the night in other colours, against a day in other colours."""
    tensors = Config.fromfile(BASES.parents[1] / 'flsesim/nightscape_learned_augmented.py').model.tensors
    losses = Config.fromfile(BASES.parents[1] / 'flsesim/nightscape_learned_augmented.py').model.losses
    model = small_model('flsesim_learned', **NARROW, **{
        'model.generator': dict(base=4, num_blocks=1), 'model.losses': losses,
        'model.tensors': [tensors[0], dict(tensors[1], network=dict(type='ToyMaps')),
                          dict(tensors[2], in_channels=(6, 8))]})
    before = copy.deepcopy(model)
    night, day, _ = images()
    monkeypatch.setattr(ColorJitter, 'forward', lambda self, source, other: (source * 0.6 + 0.1, -other))
    logs, seen = trained(model, dict(real_night=night, real_day=day), monkeypatch)
    assert {'loss_projection', 'loss_projection_view'} <= set(logs)
    projection = next(module for key, module in before.extra_tensors.items() if 'features' in key)
    fake = before.generators['day'](night).detach()
    torch.manual_seed(3)
    loss = 0.5 * structure_contrast(projection, fake, night, day)
    loss = loss + 0.5 * structure_contrast(projection, night * 0.6 + 0.1, night, -day)
    compare(seen['projection'], torch.autograd.grad(loss, list(projection.parameters())))


def test_negcut(monkeypatch):
    entry = Config.fromfile(BASES / 'negcut.py').model.tensors[0]
    model = small_model('negcut', **NARROW, **{
        'model.generator': dict(base=4, num_blocks=5), 'model.sampler': dict(width=8, num_patches=6),
        'model.tensors': [dict(entry, width=8, noise=3, num_patches=10)]})
    before = copy.deepcopy(model)
    night, day, _ = images()
    drawn, noises, draw, randn = [], [], model.sampler.draw, torch.randn
    monkeypatch.setattr(model.sampler, 'draw', lambda maps: drawn.append(draw(maps)) or drawn[-1])
    monkeypatch.setattr(torch, 'randn', lambda *shape: noises.append(randn(*shape).double()) or noises[-1])
    _, seen = trained(model, dict(real_night=night, real_day=day), monkeypatch)
    monkeypatch.undo()
    assert set(seen) == {'discriminator', 'negatives', 'generator'} and seen['negatives'][0].abs().sum() > 0
    generator, judge, sampler = before.generators['day'], before.discriminators['day'], before.sampler
    maker = next(iter(before.extra_tensors.values()))
    taps = dict(taps=before.taps)
    fake, maps = generator(night, **taps)
    idt, idt_maps = generator(day, **taps)
    pairs = []
    for output, source, places in ((fake, maps, drawn[0]), (idt, idt_maps, drawn[1])):
        query = sampler(generator(output, taps_only=True, **taps), places)
        key = [part.detach() for part in sampler(source, places)]
        pairs.append((query, key))
    negatives = []
    for index, (_, key) in enumerate(pairs):
        negatives.append([unit(network(torch.cat([
            part.mean(1, keepdim=True).expand(-1, 10, -1), noises[5 * index + layer]], 2)), -1)
            for layer, (network, part) in enumerate(zip(maker.networks, key, strict=True))])

    def contrast(pair, others, detach_query):
        values = []
        for query, key, negative in zip(*pair, others, strict=True):
            query = query.detach() if detach_query else query
            similar = torch.cat([(query * key).sum(-1, keepdim=True), query @ negative.transpose(1, 2)], 2) / 0.07
            values.append(F.cross_entropy(similar.flatten(0, 1), torch.zeros(similar.shape[0] * similar.shape[1],
                                                                             dtype=torch.long)))
        return sum(values) / len(values)

    compare(seen['discriminator'], judged(judge, day, fake, 0.5))
    diversity = sum((part[:, :5] - part[:, 5:]).abs().mean() for part in negatives[0]) / 5
    raised = -0.5 * sum(contrast(pair, others, True) for pair, others in zip(pairs, negatives, strict=True)) - diversity
    compare(seen['negatives'], torch.autograd.grad(raised, list(maker.parameters())))
    fixed = [[part.detach() for part in others] for others in negatives]
    loss = (judge(fake)[0] - 1).square().mean() + 0.5 * sum(
        contrast(pair, others, False) for pair, others in zip(pairs, fixed, strict=True))
    parameters = [*generator.parameters(), *sampler.parameters()]
    compare(seen['generator'], torch.autograd.grad(loss, parameters, allow_unused=True))


@pytest.mark.parametrize('name,expected', [
    ('dico', dict(generator=11_384_451 + 25 + 1, discriminator=2_764_737)),
    ('flsesim', dict(generator=11_378_179, discriminator=2_764_737)),
    ('flsesim_learned', dict(generator=11_378_179, discriminator=2_764_737, projection=102_784)),
    ('negcut', dict(generator=11_378_179 + 560_384, discriminator=2_764_737, negatives=5 * 147_968))])
def test_parameters(name, expected):
    model = MODELS.build(Config.fromfile(BASES / f'{name}.py').model)
    assert {player: sum(p.numel() for module in modules for p in module.parameters())
            for player, modules in model.player_modules().items()} == expected


def test_the_mixture_survives_the_initialisation_of_the_paper():
    model = small_model('dico', **{'model.generator.generator': dict(base=4, num_blocks=1), **NARROW})
    model.init_weights()
    assert model.generators['day'].invariant.weight.equal(torch.eye(5, dtype=torch.float64))
    conv = model.generators['day'].generator.layers.block1.conv1
    assert conv.weight.std().item() == pytest.approx(0.02 * (1 / (16 * 9)) ** 0.5, rel=0.05)
