"""The two-sided graph: what each tensor is, that nothing is made twice, directions, players, ranks, wrong configs."""

import copy

import pytest
import torch
import torch.distributed as torch_dist
from mmengine.logging import MessageHub
from torch import nn

from nightgen.engine.optimizers import BroadcastWrapper, PlayerOptimWrapperConstructor
from nightgen.models.translators import CycleTranslator
from nightgen.models.translators.tensors import Tensors
from nightgen.testing import run_processes

WHOLE = dict(type='ResNetGenerator', base=4, num_blocks=1)
PATCH = dict(type='PatchDiscriminator', base=4)
THREE_VIEWS = dict(type='ThreeViewDiscriminator', base=2, num_layers=2)
CYCLE = dict(type='PixelLoss', kind='l1', reads=dict(pred='rec_*', target='real_*'), weight=10.0, name='loss_cycle')
ADVERSARIAL = dict(type='AdversarialLoss', reads=dict(real='real_*', fake='fake_*'), pool=2, discriminator_weight=0.5)


def split(attention=False):
    return dict(type='SplitGenerator',
                encoder=dict(type='ResNetEncoder', base=4, num_blocks=1, attention=attention),
                decoder=dict(type='ResNetDecoder', base=4, num_blocks=1, up_norm='group', groups=2,
                             attention=attention))


def make(generator, domains=('day', 'thermal'), **kwargs):
    torch.manual_seed(0)
    return CycleTranslator(domains=domains, generator=generator, **kwargs)


def images(domains=('day', 'thermal'), size=80, seed=1):
    generator = torch.Generator().manual_seed(seed)
    return {f'real_{domain}': torch.rand(1, 3, size, size, generator=generator) * 2 - 1 for domain in domains}


def tensors_of(model, batch):
    tensors = Tensors(model.produce, batch, {id(p): 'generator' for p in model.generators.parameters()})
    tensors.trainable = frozenset({'generator'})
    return tensors


def test_tensors_of_whole_generators():
    model, batch = make(WHOLE), images(size=16)
    day, thermal = batch['real_day'], batch['real_thermal']
    to_day, to_thermal = model.generators['day'], model.generators['thermal']
    tensors = tensors_of(model, batch)
    expected = dict(fake_day=to_day(thermal), fake_thermal=to_thermal(day), rec_day=to_day(to_thermal(day)),
                    rec_thermal=to_thermal(to_day(thermal)), idt_day=to_day(day), idt_thermal=to_thermal(thermal))
    for name, value in expected.items():
        torch.testing.assert_close(tensors[name], value)
    assert set(model.tensor_names()) == {*expected, 'real_day', 'real_thermal'}


def test_tensors_of_halves_and_attention():
    model, batch = make(split(attention=True)), images()
    day, thermal = batch['real_day'], batch['real_thermal']
    enc_thermal, dec_day = model.generators['day'].encoder, model.generators['day'].decoder
    enc_day, dec_thermal = model.generators['thermal'].encoder, model.generators['thermal'].decoder
    fake_day, fake_thermal = dec_day(enc_thermal(thermal)), dec_thermal(enc_day(day))
    expected = dict(
        latent_day=enc_day(day), latent_thermal=enc_thermal(thermal), fake_day=fake_day, fake_thermal=fake_thermal,
        latent_fake_day=enc_day(fake_day), latent_fake_thermal=enc_thermal(fake_thermal),
        rec_day=dec_day(enc_thermal(fake_thermal)), rec_thermal=dec_thermal(enc_day(fake_day)),
        idt_day=dec_day(enc_day(day)), idt_thermal=dec_thermal(enc_thermal(thermal)))
    tensors = tensors_of(model, batch)
    for name, value in expected.items():
        torch.testing.assert_close(tensors[name], value)
    for name, encoder, image in (('attention_day', enc_day, day), ('attention_fake_day', enc_day, fake_day),
                                 ('attention_thermal', enc_thermal, thermal)):
        maps = encoder(image, return_attention=True)[1]
        assert len(tensors[name]) == 4
        for ours, theirs in zip(tensors[name], maps, strict=True):
            torch.testing.assert_close(ours, theirs)
    assert 'attention_day' not in make(split()).tensor_names()
    assert 'latent_day' not in make(WHOLE).tensor_names()


def counted(module, calls):
    module.register_forward_pre_hook(lambda module, inputs: calls.append(module))


@pytest.mark.parametrize('attention', [False, True])
def test_no_half_runs_twice_on_one_image(attention):
    """Everything that can be read, read: four encoder passes, six decoder passes."""
    model, encoded, decoded = make(split(attention)), [], []
    for generator in model.generators.values():
        counted(generator.encoder.down, encoded)
        counted(generator.decoder, decoded)
    tensors = tensors_of(model, images())
    for name in model.tensor_names():
        tensors.read(name, {'generator'})
    assert len(encoded) == 4 and len(decoded) == 6


def as_loaded(batch):
    return dict(inputs={name: list((image + 1).mul(127.5).to(torch.uint8)) for name, image in batch.items()},
                data_samples=None)


def step(model, batch, amp='off'):
    players = {player: dict(optimizer=dict(type='SGD', lr=0.01)) for player in model.player_modules()}
    wrapper = PlayerOptimWrapperConstructor(dict(amp=amp, **players))(model)
    return model.train_step(as_loaded(batch), wrapper)


@pytest.mark.parametrize(('domains', 'direction', 'expected'), [
    (('day', 'thermal'), None, ('thermal', 'day')), (('thermal', 'day'), None, ('thermal', 'day')),
    (('night', 'day'), None, ('night', 'day')), (('a', 'b'), None, ('a', 'b')),
    (('day', 'thermal'), ('day', 'thermal'), ('day', 'thermal'))])
def test_the_default_direction(domains, direction, expected):
    model = make(split(), domains, direction=direction)
    assert model.default_direction == expected
    x = torch.rand(1, 3, 18, 22) * 2 - 1
    source, target = expected
    network = model.generators[target]
    assert model.inference_network() is network and torch.equal(model.translate(x), network(x).clamp(-1, 1))
    assert torch.equal(model.translate(x, (target, source)), model.generators[source](x).clamp(-1, 1))
    sample, = model.val_step(dict(inputs={f'real_{source}': [torch.full((3, 16, 16), 9, dtype=torch.uint8)]},
                                  data_samples=None))
    assert sample.fake.shape == (3, 16, 16)


@pytest.mark.parametrize(('generator', 'number'), [(WHOLE, 2 + 2), (split(attention=True), 4 + 2)])
def test_what_is_called_in_training_is_what_compile_networks_compiles(generator, number, monkeypatch):
    compiled = []
    monkeypatch.setattr(nn.Module, 'compile', lambda module: compiled.append(module))
    model = make(generator, discriminator=THREE_VIEWS, compile_networks=True)
    calls, tensors = [], tensors_of(model, images())
    for module in compiled:
        counted(module, calls)
    for name in model.tensor_names():
        tensors.read(name, {'generator'})
    judges = list(model.discriminators.values())
    assert len(compiled) == number and {id(m) for m in calls} == {id(m) for m in compiled} - {id(m) for m in judges}


def test_the_inference_network_is_the_sources_encoder_and_the_targets_decoder():
    model = make(split())
    network = model.inference_network(('thermal', 'day'))
    assert network.encoder is model.encoder('thermal') and network.decoder is model.generators['day'].decoder


def test_generators_and_discriminators_by_domain():
    model = CycleTranslator(
        domains=('day', 'thermal'),
        generators=dict(day=dict(WHOLE, in_channels=1), thermal=dict(WHOLE, out_channels=1)),
        discriminators=dict(day=PATCH, thermal=dict(PATCH, in_channels=1)), losses=[CYCLE, ADVERSARIAL])
    batch = images(size=32)
    batch['real_thermal'] = batch['real_thermal'][:, :1]
    logs = step(model, batch)
    assert set(logs) == {f'loss_{name}_{domain}' for domain in ('day', 'thermal')
                         for name in ('cycle', 'adversarial', 'adversarial_discriminator')}
    assert list(model.generators) == list(model.discriminators) == ['day', 'thermal']


@pytest.mark.parametrize('amp', ['off', 'bf16'])
def test_each_domain_has_its_own_pool_and_all_parameters_move(amp):
    model = make(split(attention=True), discriminator=THREE_VIEWS, losses=[
        CYCLE, dict(ADVERSARIAL, mode='relativistic_lsgan', scale_reduction='progressive')])
    before = copy.deepcopy(model.state_dict())
    for seed in range(2):
        step(model, images(seed=seed), amp)
    pools = [term.pool.images for term in model.losses if term.two_sided]
    assert [len(pool) for pool in pools] == [2, 2] and not torch.equal(pools[0][0], pools[1][0])
    # a bias before an instance norm has no effect
    still = [name for name, value in model.named_parameters() if torch.equal(value, before[name])]
    assert [name for name in still if 'bias' not in name] == []
    assert all(value.isfinite().all() for value in model.state_dict().values())


def train_a_rank(seed_by_rank):
    """Three steps of a spectrally normalised method, each rank with its own images; weights, buffers, pools."""
    rank = torch_dist.get_rank()
    torch.manual_seed(rank)
    model = CycleTranslator(
        domains=('day', 'thermal'), generator=split(), discriminator=THREE_VIEWS, losses=[
            CYCLE, dict(ADVERSARIAL, mode='relativistic_lsgan', scale_reduction='progressive')])
    wrapped = BroadcastWrapper(model)
    players = {player: dict(optimizer=dict(type='Adam', lr=1e-3)) for player in model.player_modules()}
    optim_wrapper = PlayerOptimWrapperConstructor(players)(wrapped)
    for index in range(3):
        MessageHub.get_current_instance().update_info('iter', index)
        seed = 10 * index + (rank if seed_by_rank else 0)
        wrapped.train_step(as_loaded(images(size=32, seed=seed)), optim_wrapper)
    pools = [image for term in model.losses if term.two_sided for image in term.pool.images]
    return dict(state={name: value.clone() for name, value in wrapped.state_dict().items()}, pools=pools)


def test_two_processes_stay_bit_equal():
    first, second = run_processes(train_a_rank, 2, True)
    assert any(name.endswith('.u') for name in first['state'])
    assert all(torch.equal(value, second['state'][name]) for name, value in first['state'].items())
    assert not torch.equal(first['pools'][0], second['pools'][0])


@pytest.mark.parametrize(('change', 'words'), [
    (dict(domains=('day', 'night', 'thermal')), 'two different names'),
    (dict(generator=None), 'give generator='),
    (dict(generators=dict(day=WHOLE)), "either generator=.*or generators="),
    (dict(generator=None, generators=dict(day=WHOLE, night=WHOLE)), r"\['day', 'night'\]"),
    (dict(generator=None, generators=dict(day=WHOLE, thermal=split())), 'the other has not'),
    (dict(direction='day'), r"\(source, target\) out of"),
    (dict(direction=('night', 'day')), r"got \('night', 'day'\)"),
    (dict(losses=[ADVERSARIAL]), 'needs the discriminator'),
    (dict(discriminators=dict(day=PATCH)), 'either discriminator='),
])
def test_a_wrong_config_fails_when_the_model_is_built(change, words):
    with pytest.raises(ValueError, match=words):
        CycleTranslator(**{**dict(domains=('day', 'thermal'), generator=WHOLE), **change})


def test_a_tensor_that_these_networks_do_not_have():
    with pytest.raises(KeyError, match='latent_day'):
        make(WHOLE, losses=[dict(CYCLE, reads=dict(pred='latent_*', target='latent_~'))])


def test_the_encoder_of_a_domain():
    model = make(split())
    assert isinstance(model.encoder('day'), nn.Module)
    assert model.encoder('day') is model.generators['thermal'].encoder
