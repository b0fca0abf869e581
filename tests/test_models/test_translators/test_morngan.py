"""MornGAN: the step of each stage against one written by hand in float64, and what each network is shown.

Networks and label rules, tested elsewhere, are called as a whole. Segmentation networks are made sure of a few classes,
so that labels exist, and have no dropout unless it is what a test is about.
"""

from contextlib import nullcontext
from pathlib import Path

import pytest
import torch
import torch.nn.functional as F
from mmengine.config import Config

from nightgen.engine.optimizers import PlayerOptimWrapperConstructor, PlayerOptimWrapperDict
from nightgen.models.losses import (
    adaptive_collaborative_attention,
    conditional_gradient_repair,
    semantic_boundary,
    ssim,
)
from nightgen.models.pseudo_labels import SemanticDenoising
from nightgen.models.translators import MornGANTranslator
from nightgen.models.translators.tensors import Tensors
from nightgen.registry import MODELS

BASE = Path(__file__).parents[3] / 'configs' / '_base_' / 'models' / 'morngan.py'
SIDE, SMALL, CLASSES = 80, 64, (0, 8, 10, 11, 14)
STAGES = {0: 10, 1: 25, 2: 35, 3: 50, 4: 76}  # an epoch of each
SEGMENTATION = {
    0: set(), 1: {'segmentation_day'}, 2: {'segmentation_day', 'semantic_boundary', 'segmentation_fake_thermal'},
    3: {'segmentation_day', 'semantic_boundary', 'segmentation_fake_thermal', 'segmentation_thermal'},
    4: {'segmentation_fake_thermal', 'segmentation_fake_day'}}
EXTRA = {3: {'scale_robustness_day', 'scale_robustness_thermal'},
         4: {'scale_robustness_day', 'scale_robustness_thermal', 'adaptive_collaborative_attention',
             'conditional_gradient_repair'}}


def make(scale=0.5, dropout=0.0, only_new=True, **settings):
    """The model of the configs, a few channels wide; ``only_new`` leaves out the terms of ToDayGAN-NTIR."""
    torch.manual_seed(0)
    config = Config.fromfile(BASE).model
    config.generator.encoder.update(base=4, num_blocks=1)
    config.generator.decoder.update(base=4, num_blocks=1, groups=2)
    config.discriminator.update(base=2, num_layers=3)
    config.segmentor.update(backbone=dict(type='CoordinateResNet', base=4, num_blocks=1),
                            head=dict(type='ASPPHead', in_channels=4, base=4, dropout=dropout))
    config.update(dict(segmentor_sides=(SMALL, SMALL), scales=(scale,), **settings))
    old = Config.fromfile(BASE.with_name('todaygan_ntir.py')).model.losses
    if only_new:  # the judges' turn needs its term
        config.losses = [config.losses[0], *config.losses[len(old):]]
    for term in config.losses:
        if 'num_clusters' in term or term['type'] == 'AdaptiveCollaborativeAttentionLoss':
            term['num_clusters'] = 1  # whose centroid is a mean, wherever it starts
    model = MODELS.build(config).double()
    with torch.no_grad():
        for parameter in model.generators.parameters():
            parameter.add_(0.05 * torch.randn_like(parameter))
        for network in model.segmentors.values():
            network.head.classifier.weight.mul_(400)
            network.head.classifier.bias.fill_(-1000)
            network.head.classifier.bias[list(CLASSES)] = 0
    return model


def batch():
    generator = torch.Generator().manual_seed(1)
    images = {f'real_{d}': F.interpolate(torch.rand(1, 3, 10, 10, generator=generator, dtype=torch.float64) * 2 - 1,
                                         size=(SIDE, SIDE), mode='bilinear') for d in ('day', 'thermal')}
    edges = {f'edges_{d}': torch.zeros(1, 1, SIDE, SIDE, dtype=torch.float64) for d in ('day', 'thermal')}
    edges['edges_day'][..., 30:37, 44:49] = edges['edges_thermal'][..., 51:59, 12:17] = 1
    label = torch.full((1, SIDE, SIDE), 255)
    label[:, 40:, :], label[:, 20:30, 20:50], label[:, 5:17, 40:60] = 0, 11, 14
    return {**images, **edges, 'label_day': label}


def train(model, b, epoch, monkeypatch):
    """One step: its logs, and the gradients of each player that stepped."""
    monkeypatch.setattr(model, '_batch', lambda data: data)
    monkeypatch.setattr(model, 'progress', lambda: (epoch * 5447, epoch))
    players = {player: dict(optimizer=dict(type='SGD', lr=0.0)) for player in model.player_modules()}
    wrapper, seen = PlayerOptimWrapperConstructor(players)(model), {}
    for player, optimizer in wrapper.items():
        def record(parameters, player=player, step=optimizer.step):
            seen[player] = [None if p.grad is None else p.grad.clone() for p in parameters]
            step(parameters)
        optimizer.step = record
    return model.train_step(b, wrapper), seen


# By hand

def resized(image, side):
    return F.interpolate(image, size=(side, side), mode='bilinear', align_corners=False)


def cross_entropy(logits, label):
    count = torch.stack([(label == number).sum() for number in range(19)])
    weight = torch.where(count < 1024, 7.0, 1.0).double()
    chosen = label[label != 255]
    minus = -logits.log_softmax(1).permute(0, 2, 3, 1)[label != 255]
    own = minus[torch.arange(len(chosen)), chosen]
    return (weight[chosen] * own).sum() / weight[chosen].sum()


def sure(logits, least=0.95):
    probability, label = logits.detach().softmax(1).max(1)
    return torch.where(probability >= least, label, 255), probability


def robustness(model, b, target, source, fake, scale):
    made = model.generators[target](resized(b[f'real_{source}'], int(SIDE * scale)))
    if scale < 1:
        reference = resized(fake, int(SIDE * scale)).detach()
    else:
        made, reference = resized(made, SIDE), fake.detach()
    return 10 * F.smooth_l1_loss(made, reference) + ssim(made, reference, 3)


def hand_written(model, b, stage, scale):
    """Sums that drive the generators and the segmentation networks, of all but the adversarial terms."""
    to, see, denoise = model.generators, model.segmentors, SemanticDenoising('thermal')
    latent = to['thermal'].encoder(b['real_day'])
    fake_thermal, fake_day = to['thermal'](b['real_day']), to['day'](b['real_thermal'])
    view = (lambda image: resized(image, SMALL)) if stage < 4 else (lambda image: image)
    label = b['label_day'] if stage == 4 else b['label_day'][:, (torch.arange(SMALL) * SIDE // SMALL)][
        :, :, torch.arange(SMALL) * SIDE // SMALL]
    on_day, on_thermal = see['day'](view(b['real_day'])), see['thermal'](view(b['real_thermal']))
    completed = torch.where(label == 255, sure(on_day)[0], label) if stage > 1 else label
    generators, networks = 0, 0
    if 0 < stage < 4:
        networks = networks + cross_entropy(on_day, completed)
    if 1 < stage < 4:
        networks = networks + 0.5 * semantic_boundary(on_day, completed)
    if stage == 2:
        networks = networks + cross_entropy(see['thermal'](view(fake_thermal.detach())), completed)
    if stage > 2:
        driving = cross_entropy(see['thermal'](view(fake_thermal)), completed)
        generators = generators + driving
        generators = generators + robustness(model, b, 'day', 'thermal', fake_day, scale)
        generators = generators + robustness(model, b, 'thermal', 'day', fake_thermal, scale)
    if stage == 3:
        (own, p), (other, q) = sure(on_thermal), sure(see['day'](view(fake_day)))
        agreed = denoise(torch.where(own == other, own, 255), view(b['real_thermal']))
        background = (agreed < 11) & (agreed != 2) & (agreed != 6) & (agreed != 7)
        agreed = torch.where(background & (torch.minimum(p, q) < 0.99), 255, agreed)
        networks = networks + driving + cross_entropy(on_thermal, agreed)
    if stage == 4:
        own = denoise(sure(on_thermal)[0], b['real_thermal'])
        generators = generators + cross_entropy(see['day'](fake_day), own)
        generators = generators + adaptive_collaborative_attention(
            latent, to['thermal'].encoder(fake_day), completed, own, num_clusters=1)
        generators = generators + conditional_gradient_repair(fake_day, b['real_thermal'], (own < 11) | (own == 255))
    return generators, networks


@pytest.mark.parametrize('scale', [0.5, 1.5])
@pytest.mark.parametrize('stage', [1, 2, 3, 4])
def test_the_step_of_a_stage_equals_one_written_by_hand(stage, scale, monkeypatch):
    model, b = make(scale), batch()
    model.losses[0].weight = model.losses[1].weight = 0.0  # adversarial terms: see test_two_sided_steps
    generators, networks = hand_written(model, b, stage, scale)
    expected = {}
    for player, total in (('generator', generators), ('segmentor', networks)):
        parameters = [p for module in model.player_modules()[player] for p in module.parameters()]
        if torch.is_tensor(total):
            expected[player] = torch.autograd.grad(total, parameters, allow_unused=True, retain_graph=True)
    logs, seen = train(model, b, STAGES[stage], monkeypatch)
    new = {f'loss_{name}' for name in SEGMENTATION[stage] | EXTRA.get(stage, set())}
    assert all(logs[key] > 0 for key in new), 'a term that does nothing here is not tested'
    assert {key for key in model.active_keys if 'adversarial' not in key} == new
    assert ('segmentor' in seen) == (stage < 4)
    for player, gradients in expected.items():
        assert any(gradient is not None and gradient.abs().max() > 1e-6 for gradient in gradients)
        for ours, theirs in zip(seen[player], gradients, strict=True):
            ours, theirs = (torch.zeros(()) if one is None else one for one in (ours, theirs))
            torch.testing.assert_close(*torch.broadcast_tensors(ours.double(), theirs.double()), rtol=1e-6, atol=1e-9)
    if stage < 3:  # nothing of the new terms reaches the generators
        assert all(gradient is None or not gradient.any() for gradient in seen['generator'])


@pytest.mark.parametrize('stage', list(STAGES))
def test_terms_and_players_of_each_stage(stage, monkeypatch):
    model = make(only_new=False)
    logs, seen = train(model, batch(), STAGES[stage], monkeypatch)
    new = {f'loss_{name}' for name in SEGMENTATION[stage] | EXTRA.get(stage, set())}
    every = {f'loss_{name}' for part in (*SEGMENTATION.values(), *EXTRA.values()) for name in part}
    assert model.active_keys & every == new and {key for key in every if logs[key] != 0} == new
    assert set(seen) == {'generator', 'discriminator', *(('segmentor',) if 1 <= stage <= 3 else ())}


@pytest.mark.parametrize('stage, passes, graphs', [(0, 0, 0), (1, 1, 1), (2, 2, 2), (3, 4, 3), (4, 4, 2)])
def test_a_network_passes_over_an_image_once(stage, passes, graphs, monkeypatch):
    """And builds a graph only where a loss reads the logits: in stage 3 not for translated thermal images, in stage 4
    not for real ones, of which both serve labels alone."""
    model, images, halves = make(only_new=False), [], []
    for network in model.segmentors.values():
        network.backbone.register_forward_hook(
            lambda module, inputs, output: images.append((id(module), inputs[0], output.requires_grad)))
    for network in model.generators.values():
        for half in (network.encoder, network.decoder):
            half.register_forward_hook(lambda module, *_: halves.append(id(module)))
    train(model, batch(), STAGES[stage], monkeypatch)
    assert len(images) == passes and sum(graph for *_, graph in images) == graphs
    assert {halves.count(half) for half in halves} == ({3} if stage > 2 else {2}) and len(set(halves)) == 4
    assert not any(a[0] == b[0] and a[1].equal(b[1]) for i, a in enumerate(images) for b in images[:i])
    assert {image.shape[-1] for _, image, _ in images} <= {SIDE if stage == 4 else SMALL}


@pytest.mark.parametrize('stage', [3, 4])
def test_labels_are_read_without_dropout_and_losses_with_it_until_frozen(stage, monkeypatch):
    model, b = make(dropout=0.5), batch()
    monkeypatch.setattr(model, 'progress', lambda: (0, STAGES[stage]))
    tensors = Tensors(model.produce, b, {})
    for domain in ('day', 'thermal'):
        for name in (domain, f'fake_{domain}'):
            plain, trained = tensors[f'logits_{name}'], tensors[f'training_logits_{name}']
            network = model.segmentors[domain].eval()
            image = tensors[f'sized_fake_{domain}' if 'fake' in name else f'sized_real_{domain}']
            torch.testing.assert_close(plain, network(image))
            network.train()
            assert trained.equal(plain) == (stage == 4)


@pytest.mark.parametrize('stage', list(STAGES))
def test_no_value_is_asked_of_the_device(stage, monkeypatch):
    """A step on the meta device, which has no values: whatever would wait for a GPU's fails there."""
    model = make(only_new=False, dropout=0.5).to('meta')
    monkeypatch.setattr(PlayerOptimWrapperDict, 'autocast', lambda self, device: nullcontext())  # knows no such device
    model._never_trained.clear()  # a player's first step looks whether a gradient came; no later one does
    with pytest.raises(RuntimeError, match='meta'):
        bool(torch.zeros((), device='meta'))
    logs, _ = train(model, {name: value.to('meta') for name, value in batch().items()}, STAGES[stage], monkeypatch)
    assert {f'loss_{term}' for term in SEGMENTATION[stage]} <= set(model.active_keys) <= set(logs)


def test_sides_and_scales_are_drawn_once_an_iteration_from_all_there_are(monkeypatch):
    model, b = make(), batch()
    model.segmentor_sides, model.scales = (8, 20), (0.5, 1.5)
    monkeypatch.setattr(model, 'progress', lambda: (0, 25))
    found = set()
    for _ in range(60):
        tensors = Tensors(model.produce, b, {})
        found.add((tensors['drawn_side'], tensors['drawn_scale']))
        sides = {tensors[name].shape[-1] for name in ('sized_real_day', 'sized_real_thermal', 'sized_label_day')}
        assert sides == {tensors['drawn_side']}
    assert {side for side, _ in found} == {8, 12, 16, 20} and {scale for _, scale in found} == {0.5, 1.5}


@pytest.mark.parametrize('settings, words', [
    (dict(segmentor_sides=(126, 316)), 'multiples of 4'), (dict(segmentor_sides=(64, 32)), 'the smaller first'),
    (dict(scales=()), 'scales'), (dict(scales=(1,)), 'scales'), (dict(segmentor=None), r'segmentor=dict\(')])
def test_wrong_settings_fail_when_the_model_is_built(settings, words):
    config = dict(domains=('day', 'thermal'), generator=dict(type='ResNetGenerator', base=4, num_blocks=1),
                  segmentor=dict(type='Segmentor'))
    with pytest.raises(ValueError, match=words):
        MornGANTranslator(**{**config, **settings})
