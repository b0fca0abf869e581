"""CUT and FastCUT: the gradients of one step against a step written by hand, and the rules of the translator."""

import copy
from pathlib import Path

import pytest
import torch
import torch.nn.functional as F
from mmengine.config import Config

from nightgen.engine.optimizers import PlayerOptimWrapperConstructor
from nightgen.models.translators import ContrastiveTranslator
from nightgen.registry import MODELS
from nightgen.testing import run_processes

BASES = Path(__file__).parents[3] / 'configs/_base_/models'
LEARNING_RATE = 0.1
TAPPED = ('layers.down1.conv', 'layers.down2.conv', 'layers.block1', 'layers.block5')


def small_model(name, **overrides):
    """The shipped model with narrow networks."""
    config = Config.fromfile(BASES / f'{name}.py')
    config.merge_from_dict({'model.generator': dict(base=4, num_blocks=5), 'model.discriminator.base': 4,
                            'model.sampler': dict(width=8, num_patches=6)})
    torch.manual_seed(0)
    return MODELS.build({**config.model, **overrides}).double()


def images(seed=1):
    generator = torch.Generator().manual_seed(seed)
    return torch.rand(2, 2, 3, 32, 36, generator=generator, dtype=torch.float64) * 2 - 1


def seed_that_flips(wanted):
    for seed in range(100):
        torch.manual_seed(seed)
        if bool(torch.rand(()) < 0.5) == wanted:
            return seed
    raise AssertionError


def encoder_features(generator, image):
    """Image, both downward convolutions before their norm, first and fifth residual block; and the output."""
    seen = []
    hooks = [generator.get_submodule(name).register_forward_hook(lambda module, args, out: seen.append(out.clone()))
             for name in TAPPED]
    out = generator(image)
    for hook in hooks:
        hook.remove()
    return [image, *seen], out


def project(sampler, features, places):
    vectors = []
    for part, at, (first, _, last) in zip(features, places, sampler.networks, strict=True):
        picked = torch.stack([part[n].flatten(1)[:, at[n]].t() for n in range(len(part))])
        hidden = (picked @ first.weight.t() + first.bias).clamp(min=0) @ last.weight.t() + last.bias
        vectors.append(hidden / (hidden.pow(2).sum(-1, keepdim=True).sqrt() + 1e-7))
    return vectors


def nce(query, key):
    """As CUT's code computes it: the positive in front, the diagonal of the negatives at -10, cross entropy with 0."""
    key = key.detach()
    positive = (query * key).sum(-1, keepdim=True)
    diagonal = torch.eye(query.shape[1], dtype=torch.bool)[None]
    negative = (query @ key.transpose(1, 2)).masked_fill(diagonal, -10.0)
    logits = (torch.cat([positive, negative], dim=2) / 0.07).flatten(0, 1)
    return F.cross_entropy(logits, torch.zeros(len(logits), dtype=torch.long))


def hand_written_gradients(name, model, source, target, flip, places, discriminator_first):
    generator, judge = copy.deepcopy(model.generators['day']), copy.deepcopy(model.discriminators['day'])
    sampler = copy.deepcopy(model.sampler)
    translated = generator(source.flip(3) if flip else source)

    def discriminator_gradients():
        real, fake = judge(target)[0], judge(translated.detach())[0]
        loss = 0.5 * (fake.pow(2).mean() + (real - 1).pow(2).mean())
        return torch.autograd.grad(loss, list(judge.parameters()))

    def contrast(before, after, at):
        queries = encoder_features(generator, after)[0]
        queries = [part.flip(3) for part in queries] if flip else queries
        keys = project(sampler, encoder_features(generator, before)[0], at)
        return sum(nce(q, k) for q, k in zip(project(sampler, queries, at), keys, strict=True)) / 5

    def generator_gradients():
        loss = (judge(translated)[0] - 1).pow(2).mean()
        if name == 'cut':
            loss = loss + 0.5 * (contrast(source, translated, places[0]) + contrast(
                target, generator(target), places[1]))
        else:
            loss = loss + 10 * contrast(source, translated, places[0])
        return torch.autograd.grad(loss, [*generator.parameters(), *sampler.parameters()], allow_unused=True)

    if not discriminator_first:
        return generator_gradients(), discriminator_gradients()
    of_judge = discriminator_gradients()
    with torch.no_grad():
        for parameter, gradient in zip(judge.parameters(), of_judge, strict=True):
            parameter -= LEARNING_RATE * gradient
    return generator_gradients(), of_judge


@pytest.mark.parametrize('discriminator_first', [True, False], ids=['discriminator first', 'generator first'])
@pytest.mark.parametrize('name,flip', [('cut', False), ('fastcut', False), ('fastcut', True)])
def test_step_gives_the_gradients_of_a_hand_written_step(name, flip, discriminator_first, monkeypatch):
    turns = [('discriminator',), ('generator',)]
    model = small_model(name, **({} if discriminator_first else dict(turns=turns[::-1])))
    assert [turn.players for turn in model.turns.order] == (turns if discriminator_first else turns[::-1])
    before = copy.deepcopy(model)
    source, target = images()
    monkeypatch.setattr(model, '_batch', lambda data: data)
    drawn, seen = [], {}
    draw = model.sampler.draw
    monkeypatch.setattr(model.sampler, 'draw', lambda features: drawn.append(draw(features)) or drawn[-1])
    wrapper = PlayerOptimWrapperConstructor({player: dict(optimizer=dict(type='SGD', lr=LEARNING_RATE))
                                             for player in model.player_modules()})(model)
    for player, optimizer in wrapper.items():
        def record(parameters, player=player, step=optimizer.step):
            seen[player] = [None if p.grad is None else p.grad.clone() for p in parameters]
            step(parameters)
        optimizer.step = record
    torch.manual_seed(seed_that_flips(flip))
    model.train_step(dict(real_thermal=source, real_day=target), wrapper)
    assert len(drawn) == (2 if name == 'cut' else 1)  # query and key share what was drawn
    expected = hand_written_gradients(name, before, source, target, flip, drawn, discriminator_first)
    for player, gradients in zip(('generator', 'discriminator'), expected, strict=True):
        for ours, theirs in zip(seen[player], gradients, strict=True):
            torch.testing.assert_close(ours, theirs, rtol=1e-7, atol=1e-10)
    assert len(expected[0]) == len(list(model.generators.parameters())) + 20  # the sampler is trained with it


def test_a_pass_of_the_encoder_is_saved_where_nothing_is_mirrored():
    """Passes of the stem: translation and identity, and a query of each. Keys come from the first two."""
    counts = {}
    for name, flip, expected in (('cut', False, 4), ('fastcut', False, 2), ('fastcut', True, 3)):
        model = small_model(name)
        model.generators['day'].layers.stem.conv.register_forward_hook(
            lambda *args, key=(name, flip): counts.update({key: counts.get(key, 0) + 1}))
        wrapper = PlayerOptimWrapperConstructor({player: dict(optimizer=dict(type='SGD', lr=LEARNING_RATE))
                                                 for player in model.player_modules()})(model)
        source, target = images()
        model._batch = lambda data: data
        torch.manual_seed(seed_that_flips(flip))
        model.train_step(dict(real_thermal=source, real_day=target), wrapper)
        assert counts[name, flip] == expected


@pytest.mark.parametrize('name,flip', [('cut', False), ('fastcut', True)])
def test_in_16_bit_every_parameter_learns(name, flip):
    """Autocast keeps copies of weights; one made without a graph would leave projection or encoder untrained."""
    keys_first = dict(type='PatchNCELoss', reads=dict(key='key_*', query='query_*'))
    model = small_model(name, losses=[keys_first], discriminator=None, turns=[('generator',)]).float()
    players = {player: dict(optimizer=dict(type='SGD', lr=0.0)) for player in model.player_modules()}
    gradients = {}
    for amp in ('off', 'bf16'):
        wrapper, seen = PlayerOptimWrapperConstructor(dict(amp=amp, **players))(model), []
        step = wrapper['generator'].step
        wrapper['generator'].step = lambda parameters, step=step, seen=seen: (
            seen.extend(None if p.grad is None else p.grad.clone() for p in parameters), step(parameters))
        source, target = ((images() + 1) * 127.5).byte()
        torch.manual_seed(seed_that_flips(flip))
        model.train_step(dict(inputs=dict(real_thermal=list(source), real_day=list(target))), wrapper)
        gradients[amp] = seen
    for exact, rounded in zip(gradients['off'], gradients['bf16'], strict=True):
        if exact.norm() > 1e-3 * max(gradient.norm() for gradient in gradients['off']):
            assert rounded is not None and 0.3 < rounded.norm() / exact.norm() < 3


def test_names_and_parameter_counts():
    model = MODELS.build(Config.fromfile(BASES / 'cut.py').model)
    assert {'fake_day', 'idt_day', 'query_day', 'key_day', 'query_idt_day', 'key_idt_day', 'real_day',
            'real_thermal'} <= set(model.tensor_names())
    counts = {player: sum(p.numel() for module in modules for p in module.parameters())
              for player, modules in model.player_modules().items()}
    assert counts == dict(generator=11_378_179 + 560_384, discriminator=2_764_737)
    assert model.default_direction == ('thermal', 'day')


def test_initialisation_is_that_of_the_paper():
    model = small_model('cut')
    model.init_weights()
    conv = model.generators['day'].layers.block1.conv1
    assert conv.weight.std().item() == pytest.approx(0.02 * (1 / (16 * 9)) ** 0.5, rel=0.05)
    assert not conv.bias.any() and not model.sampler.networks[0][0].bias.any()
    assert model.sampler.networks[3][2].weight.abs().max() < 0.1 * 0.35  # torch's own would reach 1 / sqrt(8)
    assert model.discriminators['day'].scales[0][0].weight.abs().max() < 0.02


def test_wrong_configs_are_told():
    config = Config.fromfile(BASES / 'cut.py').model
    with pytest.raises(KeyError, match=r"no taps \['relu1'\]; it has \['image', 'stem', 'down1'"):
        MODELS.build({**config, 'taps': ('image', 'relu1')})
    with pytest.raises(TypeError, match='N2DLPNet has no taps'):
        ContrastiveTranslator(('night', 'day'), dict(type='N2DLPNet', num_levels=2, base=4))


def train(name):
    """Three iterations with Adam on this rank's images; the weights, and the networks that changed."""
    import torch.distributed as torch_dist

    from nightgen.engine.optimizers import BroadcastWrapper
    rank = torch_dist.get_rank()
    model = small_model(name).float()
    torch.manual_seed(rank)  # places and flips differ between ranks
    wrapped = BroadcastWrapper(model)
    wrapper = PlayerOptimWrapperConstructor({player: dict(optimizer=dict(type='Adam', lr=1e-3))
                                             for player in model.player_modules()})(wrapped)
    start = {key: value.clone() for key, value in model.state_dict().items()}
    for step in range(3):
        source, target = ((images(10 * step + rank) + 1) * 127.5).byte()
        wrapped.train_step(dict(inputs=dict(real_thermal=list(source), real_day=list(target))), wrapper)
    state = {key: value.clone() for key, value in model.state_dict().items()}
    moved = {part for key in state if not torch.equal(start[key], state[key]) for part in [key.split('.')[0]]}
    return dict(state=state, moved=sorted(moved))


def train_both():
    return [train('cut'), train('fastcut')]


def test_two_processes_stay_bit_equal():
    for first, second in zip(*run_processes(train_both, 2), strict=True):
        assert first['moved'] == ['discriminators', 'generators', 'sampler']
        assert all(torch.equal(first['state'][key], second['state'][key]) for key in first['state'])
