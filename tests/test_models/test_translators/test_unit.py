"""UNIT: the gradients of one step against a step written by hand, shared blocks, noise, two processes."""

import copy
from pathlib import Path

import pytest
import torch
from mmengine.config import Config

from nightgen.engine.optimizers import PlayerOptimWrapperConstructor
from nightgen.registry import MODELS
from nightgen.testing import run_processes

BASE = Path(__file__).parents[3] / 'configs/_base_/models/unit.py'
LEARNING_RATE = 0.1
DOMAINS = ('day', 'thermal')


def small_model(**overrides):
    """The shipped model with narrow networks."""
    config = Config.fromfile(BASE)
    half = dict(base=4, num_blocks=2)
    config.merge_from_dict({'model.generator': dict(encoder=half, decoder=half), 'model.discriminator.base': 4})
    torch.manual_seed(0)
    return MODELS.build({**config.model, **overrides}).double()


def images(seed=1):
    generator = torch.Generator().manual_seed(seed)
    return dict(zip(DOMAINS, torch.rand(2, 2, 3, 64, 68, generator=generator, dtype=torch.float64) * 2 - 1,
                    strict=True))


def optimizers(model, kind='SGD', lr=LEARNING_RATE):
    return PlayerOptimWrapperConstructor({player: dict(optimizer=dict(type=kind, lr=lr))
                                          for player in model.player_modules()})(model)


def hand_written_gradients(model, image, noise, discriminator_first):
    """UNIT's objective with a = day, b = thermal, from the encoders and decoders of each domain."""
    networks, judges = copy.deepcopy(model.generators), copy.deepcopy(model.discriminators)
    encoder = dict(day=networks['thermal'].encoder, thermal=networks['day'].encoder)
    decoder = {domain: networks[domain].decoder for domain in DOMAINS}
    other = dict(day='thermal', thermal='day')
    mean = {domain: encoder[domain](image[domain]) for domain in DOMAINS}
    sample = {domain: mean[domain] + noise[domain] for domain in DOMAINS}
    fake = {domain: decoder[domain](sample[other[domain]]) for domain in DOMAINS}

    def generator_gradients():
        loss = 0
        for domain in DOMAINS:
            again = encoder[other[domain]](fake[other[domain]])
            back = decoder[domain](again + noise[f'fake_{other[domain]}'])
            loss = loss + 10 * (decoder[domain](sample[domain]) - image[domain]).abs().mean()
            loss = loss + 10 * (back - image[domain]).abs().mean()
            loss = loss + 0.01 * mean[domain].pow(2).mean() + 0.01 * again.pow(2).mean()
            loss = loss + sum((score - 1).pow(2).mean() for score in judges[domain](fake[domain]))
        return torch.autograd.grad(loss, list(networks.parameters()))

    def discriminator_gradients():
        loss = sum(r.sub(1).pow(2).mean() + f.pow(2).mean() for domain in DOMAINS for r, f in zip(
            judges[domain](image[domain]), judges[domain](fake[domain].detach()), strict=True))
        return torch.autograd.grad(loss, list(judges.parameters()))

    if not discriminator_first:
        return generator_gradients(), discriminator_gradients()
    of_judges = discriminator_gradients()
    with torch.no_grad():
        for parameter, gradient in zip(judges.parameters(), of_judges, strict=True):
            parameter -= LEARNING_RATE * gradient
    return generator_gradients(), of_judges


@pytest.mark.parametrize('discriminator_first', [True, False], ids=['discriminator first', 'generator first'])
def test_step_gives_the_gradients_of_a_hand_written_step(discriminator_first, monkeypatch):
    turns = [('discriminator',), ('generator',)]
    model = small_model(**({} if discriminator_first else dict(turns=turns[::-1])))
    before, image = copy.deepcopy(model), images()
    monkeypatch.setattr(model, '_batch', lambda data: data)
    noise, seen, draw = {}, {}, model._noise
    monkeypatch.setattr(model, '_noise', lambda which, tensors: noise.setdefault(which, draw(which, tensors)))
    wrapper = optimizers(model)
    for player, optimizer in wrapper.items():
        def record(parameters, player=player, step=optimizer.step):
            seen[player] = [p.grad.clone() for p in parameters]
            step(parameters)
        optimizer.step = record
    model.train_step({f'real_{domain}': image[domain] for domain in DOMAINS}, wrapper)
    assert set(noise) == {'day', 'thermal', 'fake_day', 'fake_thermal'}
    expected = hand_written_gradients(before, image, noise, discriminator_first)
    for player, gradients in zip(('generator', 'discriminator'), expected, strict=True):
        for ours, theirs in zip(seen[player], gradients, strict=True):
            torch.testing.assert_close(ours, theirs, rtol=1e-7, atol=1e-10)


def test_the_domains_share_the_inner_blocks_and_nothing_else():
    model = MODELS.build(Config.fromfile(BASE).model)
    encoders = [model.generators[domain].encoder for domain in DOMAINS]
    decoders = [model.generators[domain].decoder for domain in DOMAINS]
    assert [a is b for a, b in zip(encoders[0].blocks, encoders[1].blocks, strict=True)] == [False] * 3 + [True]
    assert [a is b for a, b in zip(decoders[0].blocks, decoders[1].blocks, strict=True)] == [True] + [False] * 3
    one_direction = 5_385_856 + 5_754_627
    total = sum(p.numel() for p in model.generators.parameters())
    assert total == 2 * one_direction - 2 * 2 * (256 * 256 * 9 + 256) == 19_920_646
    apart = small_model(shared_blocks=0)
    assert apart.generators['day'].encoder.blocks[-1] is not apart.generators['thermal'].encoder.blocks[-1]


def test_sharing_survives_a_copy_and_a_checkpoint():
    model = small_model()
    twin = copy.deepcopy(model)
    assert twin.generators['day'].encoder.blocks[-1] is twin.generators['thermal'].encoder.blocks[-1]
    assert twin.generators['day'].encoder.blocks[-1] is not model.generators['day'].encoder.blocks[-1]
    other = small_model()
    with torch.no_grad():
        for parameter in other.parameters():
            parameter.add_(1)
    other.load_state_dict(model.state_dict(), strict=True)
    for ours, theirs in zip(model.parameters(), other.parameters(), strict=True):
        assert torch.equal(ours, theirs)


def test_noise_in_training_and_none_in_translation():
    model = small_model().eval()
    x = images()['thermal'][:1]
    generator = model.generators['day']
    torch.testing.assert_close(model.translate(x), generator.decoder(generator.encoder(x)).detach())
    assert torch.equal(model.translate(x), model.translate(x)) and model.default_direction == ('thermal', 'day')

    class Shelf(dict):
        """Tensors by name, made when asked for."""

        def __missing__(self, name):
            return self.setdefault(name, model.produce(name, self))

    made = Shelf({f'real_{domain}': image for domain, image in images().items()})
    noise = made['sample_thermal'] - made['latent_thermal']
    assert noise.std().item() == pytest.approx(1, abs=0.1) and noise.mean().item() == pytest.approx(0, abs=0.1)
    torch.testing.assert_close(made['fake_day'], generator.decoder(made['sample_thermal']))


def test_wrong_configs_are_told():
    with pytest.raises(ValueError, match='shared_blocks=3, but the encoders have 2 and 2'):
        small_model(shared_blocks=3)
    with pytest.raises(ValueError, match='have an encoder and a decoder each'):
        small_model(generator=dict(type='ResNetGenerator', base=4, num_blocks=1), losses=[])


def train():
    """Three iterations with Adam on this rank's images; the weights, and the networks that changed."""
    import torch.distributed as torch_dist

    from nightgen.engine.optimizers import BroadcastWrapper
    rank = torch_dist.get_rank()
    model = small_model().float()
    torch.manual_seed(rank)  # noise differs between ranks
    wrapped = BroadcastWrapper(model)
    wrapper = optimizers(wrapped.module, 'Adam', 1e-3)
    start = {key: value.clone() for key, value in model.state_dict().items()}
    for step in range(3):
        inputs = {f'real_{domain}': list(((image + 1) * 127.5).byte())
                  for domain, image in images(10 * step + rank).items()}
        wrapped.train_step(dict(inputs=inputs), wrapper)
    state = {key: value.clone() for key, value in model.state_dict().items()}
    moved = {key.split('.')[0] for key in state if not torch.equal(start[key], state[key])}
    return dict(state=state, moved=sorted(moved))


def test_two_processes_stay_bit_equal():
    first, second = run_processes(train, 2)
    assert first['moved'] == ['discriminators', 'generators']
    assert all(torch.equal(first['state'][key], second['state'][key]) for key in first['state'])
