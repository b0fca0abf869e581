"""DCLGAN: the gradients of one step against a step written by hand."""

import copy
from pathlib import Path

import pytest
import torch
import torch.nn.functional as F
from mmengine.config import Config

from nightgen.engine.optimizers import PlayerOptimWrapperConstructor
from nightgen.models.translators import DualContrastiveTranslator
from nightgen.registry import MODELS

BASES = Path(__file__).parents[3] / 'configs/_base_/models'
TAPPED = ('layers.down1.conv', 'layers.down2.conv', 'layers.block1', 'layers.block5')
RATE = 0.1


def small_model():
    config = Config.fromfile(BASES / 'dclgan.py')
    config.merge_from_dict({'model.generator': dict(base=4, num_blocks=5), 'model.discriminator.base': 4,
                            'model.sampler': dict(width=8, num_patches=6)})
    torch.manual_seed(0)
    return MODELS.build(config.model).double()


def encoded(generator, image):
    seen = []
    hooks = [generator.get_submodule(name).register_forward_hook(lambda module, args, out: seen.append(out.clone()))
             for name in TAPPED]
    out = generator(image)
    for hook in hooks:
        hook.remove()
    return seen, out


def project(sampler, features, places):
    vectors = []
    for part, at, (first, _, last) in zip(features, places, sampler.networks, strict=True):
        picked = torch.stack([part[n].flatten(1)[:, at[n]].t() for n in range(len(part))])
        hidden = (picked @ first.weight.t() + first.bias).clamp(min=0) @ last.weight.t() + last.bias
        vectors.append(hidden / (hidden.norm(dim=-1, keepdim=True) + 1e-7))
    return vectors


def nce(query, key):
    logits = query @ key.detach().transpose(1, 2) / 0.07
    own = torch.arange(query.shape[1]).repeat(len(query))
    return F.cross_entropy(logits.flatten(0, 1), own)


def test_step_gives_the_gradients_of_a_hand_written_step(monkeypatch):
    model = small_model()
    before = copy.deepcopy(model)
    night, day = torch.rand(2, 2, 3, 32, 36, generator=torch.Generator().manual_seed(1), dtype=torch.float64) * 2 - 1
    monkeypatch.setattr(model, '_batch', lambda data: data)
    places = {}
    for domain in ('night', 'day'):
        def record_places(features, domain=domain, draw=model.samplers[domain].draw):
            return places.setdefault(domain, draw(features))
        monkeypatch.setattr(model.samplers[domain], 'draw', record_places)
    wrapper = PlayerOptimWrapperConstructor({player: dict(optimizer=dict(type='SGD', lr=RATE))
                                             for player in model.player_modules()})(model)
    seen = {}
    for player, optimizer in wrapper.items():
        def record(parameters, player=player, step=optimizer.step):
            seen[player] = [p.grad.clone() for p in parameters]
            step(parameters)
        optimizer.step = record
    model.train_step(dict(real_night=night, real_day=day), wrapper)

    to_day, to_night = before.generators['day'], before.generators['night']
    judges, samplers = before.discriminators, before.samplers
    features_night, fake_day = encoded(to_day, night)
    features_day, fake_night = encoded(to_night, day)
    of_judge = sum(0.5 * ((judges[domain](real)[0] - 1).square().mean() +
                          judges[domain](fake.detach())[0].square().mean())
                   for domain, real, fake in (('night', night, fake_night), ('day', day, fake_day)))
    expected = torch.autograd.grad(of_judge, list(judges.parameters()))
    with torch.no_grad():
        for parameter, gradient in zip(judges.parameters(), expected, strict=True):
            parameter -= RATE * gradient
    total = 0.5 * sum((judges[domain](fake)[0] - 1).square().mean()
                      for domain, fake in (('night', fake_night), ('day', fake_day)))
    for domain, source, features, fake, reader in (('day', 'night', features_night, fake_day, to_night),
                                                   ('night', 'day', features_day, fake_night, to_day)):
        query = project(samplers[domain], encoded(reader, fake)[0], places[domain])
        key = project(samplers[source], features, places[domain])
        total = total + 2 * 0.5 * sum(nce(q, k) for q, k in zip(query, key, strict=True)) / 4
    total = total + 0.5 * ((to_day(day) - day).abs().mean() + (to_night(night) - night).abs().mean())
    for ours, theirs in zip(seen['discriminator'], expected, strict=True):
        torch.testing.assert_close(ours, theirs, rtol=1e-7, atol=1e-10)
    parameters = [*before.generators.parameters(), *samplers.parameters()]
    for ours, theirs in zip(seen['generator'], torch.autograd.grad(total, parameters), strict=True):
        torch.testing.assert_close(ours, theirs, rtol=1e-7, atol=1e-10)


def test_parameters_and_what_is_wrong():
    model = MODELS.build(Config.fromfile(BASES / 'dclgan.py').model)
    counts = {player: sum(p.numel() for module in modules for p in module.parameters())
              for player, modules in model.player_modules().items()}
    projection = sum(width * 256 + 256 + 256 * 256 + 256 for width in (128, 256, 256, 256))
    assert counts == dict(generator=2 * (11_378_179 + projection), discriminator=2 * 2_764_737)
    assert {'query_day', 'key_night', 'rec_day', 'idt_night'} <= set(model.tensor_names())
    with pytest.raises(TypeError, match='DualContrastiveTranslator: the generator N2DLPNet has no taps'):
        DualContrastiveTranslator(('night', 'day'), dict(type='N2DLPNet', num_levels=2, base=4))
    with pytest.raises(ValueError, match='give generator=dict'):
        DualContrastiveTranslator(('night', 'day'))
