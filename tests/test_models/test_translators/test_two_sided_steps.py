"""CycleGAN, ToDayGAN and its kin: the gradients of one training step against a step written by hand, in float64.

The models are those of ``configs/_base_/models`` with narrow networks. The objectives are written from the papers'
formulas (specs: morngan 2 and 6, CycleGAN's section 3) with torch operators only; the networks, tested elsewhere, are
called as a whole, in the authors' order: where the generators' side needs the scores of real images, each is judged
once, before everything else, and the judges' side reuses those scores. Losses, gradients and the vectors of the
spectral norm agree. All terms are on (epoch 10).
"""

import copy
from pathlib import Path

import pytest
import torch
import torch.nn.functional as F
from mmengine.config import Config

from nightgen.engine.optimizers import PlayerOptimWrapperConstructor
from nightgen.registry import MODELS

BASES = Path(__file__).parents[3] / 'configs' / '_base_' / 'models'
METHODS = ('cyclegan', 'todaygan', 'todaygan_tir', 'todaygan_ntir', 'pearlgan')
DOMAINS = ('day', 'thermal')
OTHER = dict(day='thermal', thermal='day')
SIDE, RATE = 80, 0.05


def narrow(config):
    """The same model, a few channels wide."""
    if config.generator.type == 'SplitGenerator':
        config.generator.encoder.update(base=4, num_blocks=1)
        config.generator.decoder.update(base=4, num_blocks=1, groups=2)
        config.discriminator.update(base=2, num_layers=3)
    else:
        config.generator.update(base=4, num_blocks=1)
        config.discriminator.update(base=4)
    return config


def make(name, turns):
    torch.manual_seed(0)
    model = MODELS.build({**narrow(Config.fromfile(BASES / f'{name}.py').model), 'turns': turns}).double()
    with torch.no_grad():  # enough contrast for every term to matter
        for parameter in model.generators.parameters():
            parameter.add_(0.05 * torch.randn_like(parameter))
    return model


def batch():
    """Two images, edges in a single cell of the 8x8 (so that there is nothing to draw), road and persons."""
    generator = torch.Generator().manual_seed(1)
    images = {f'real_{d}': torch.rand(1, 3, SIDE, SIDE, generator=generator, dtype=torch.float64) * 2 - 1
              for d in DOMAINS}
    edges = {f'edges_{d}': torch.zeros(1, 1, SIDE, SIDE, dtype=torch.float64) for d in DOMAINS}
    edges['edges_day'][..., 30:37, 44:49] = 1
    edges['edges_thermal'][..., 51:59, 12:17] = 0.6
    label = torch.full((1, SIDE, SIDE), 255)
    label[:, 40:, :], label[:, 20:30, 20:30] = 0, 11
    return {**images, **edges, 'label_day': label}


# The terms, from their formulas

def relativistic(real, fake, sign):
    """Views of scales: mean over views of sum(m l) / (n sum m), m = 1..n with the last one more."""
    views = []
    for reals, fakes in zip(real, fake, strict=True):
        weights = [*range(1, len(reals)), len(reals) + 1]
        scales = [((r - f + sign) ** 2).mean() for r, f in zip(reals, fakes, strict=True)]
        views.append(sum(m * s for m, s in zip(weights, scales, strict=True)) / (len(reals) * sum(weights)))
    return sum(views) / len(views)


def smooth_l1(a, b):
    difference = (a - b).abs()
    return torch.where(difference < 1, 0.5 * difference ** 2, difference - 0.5).mean()


def one_minus_ssim(a, b):
    """3x3 Gaussian windows of sigma 1.5, on images in [0, 1]."""
    row = torch.exp(-torch.tensor([1.0, 0.0, 1.0], dtype=torch.float64) / (2 * 1.5 ** 2))
    window = torch.outer(row, row).flatten() / row.sum() ** 2

    def average(x):
        patches = F.unfold(x.reshape(-1, 1, *x.shape[-2:]), 3)
        return (patches * window[:, None]).sum(dim=1)

    a, b = (a + 1) / 2, (b + 1) / 2
    mean_a, mean_b = average(a), average(b)
    var_a, var_b = average(a * a) - mean_a ** 2, average(b * b) - mean_b ** 2
    covariance = average(a * b) - mean_a * mean_b
    score = ((2 * mean_a * mean_b + 1e-4) * (2 * covariance + 9e-4)
             / ((mean_a ** 2 + mean_b ** 2 + 1e-4) * (var_a + var_b + 9e-4)))
    return 1 - score.mean()


def total_variation(x):
    return 2 * ((x[:, :, 1:] - x[:, :, :-1]) ** 2).mean() + 2 * ((x[..., 1:] - x[..., :-1]) ** 2).mean()


def grey(x):
    return (0.299 * x[:, :1] + 0.587 * x[:, 1:2] + 0.114 * x[:, 2:] + 1) / 2


def gradient_alignment(translated, edges, threshold=0.8):
    padded = F.pad(grey(translated), (1, 1, 1, 1))
    dx, dy = padded[..., 1:-1, 2:] - padded[..., 1:-1, :-2], padded[..., 2:, 1:-1] - padded[..., :-2, 1:-1]
    slope = (dx ** 2 + dy ** 2 + 1e-6).sqrt()
    (_, _, row, column), *_ = edges.nonzero().tolist()
    cell = SIDE // 8
    rows, columns = (slice(start // cell * cell, start // cell * cell + cell) for start in (row, column))
    there, wanted = slope[..., rows, columns], edges[..., rows, columns]
    return F.relu(threshold * wanted - there / there.max()).sum() / (wanted.sum() + 1)


def monochromatic(image):
    return (image.amax(dim=1) - image.amin(dim=1)).max()


def temperature(image, label):
    level = grey(image)[:, 0]
    road, person = level[label == 0].mean().detach(), level[label == 11].min()
    return F.relu(road - person) / (road + 1e-4)


def diversity(maps):
    maps = torch.cat(maps[1:], dim=1)
    return 0.5 * (0.25 * ((maps.sum(dim=1) - 1) ** 2).mean() + 1 - maps.amax(dim=1).mean())


def similarity(latent, maps, other_latent, other_maps):
    def attended(features, maps):
        maps, features = torch.cat(maps[1:], dim=1)[0].flatten(1), features.detach()[0].flatten(1)
        means = maps @ features.T / maps.sum(dim=1, keepdim=True)
        return means / means.norm(dim=1, keepdim=True), maps.amax(dim=1)

    (a, peaks_a), (b, peaks_b) = attended(latent, maps), attended(other_latent, other_maps)
    cosine, weights = a @ b.T, torch.minimum(peaks_a, peaks_b)
    align = (weights * (cosine.amax(dim=1) - cosine.diagonal())).sum() / (weights.sum() + 1e-6)
    spread = sum(F.relu((own @ own.T * (1 - torch.eye(3, dtype=own.dtype))).mean()) for own in (a, b))
    return align + 0.25 * spread


# The step

def cyclegan_objective(to, judge, b):
    fake = {d: to[d](b[f'real_{OTHER[d]}']) for d in DOMAINS}
    loss = 0
    for d in DOMAINS:
        real = b[f'real_{d}']
        loss = loss + ((judge[d](fake[d])[0] - 1) ** 2).mean()
        loss = loss + 10 * (to[d](fake[OTHER[d]]) - real).abs().mean() + 5 * (to[d](real) - real).abs().mean()
    return loss, fake


def todaygan_objective(name, to, judge, b, real_scores):
    encode = {d: to[OTHER[d]].encoder for d in DOMAINS}
    attentive = name == 'pearlgan'

    def encoded(domain, image):
        return encode[domain](image, return_attention=True) if attentive else (encode[domain](image), None)

    latent, fake, again = {}, {}, {}
    for d in DOMAINS:
        latent[d] = encoded(d, b[f'real_{d}'])
    for d in DOMAINS:
        fake[d] = to[d].decoder(latent[OTHER[d]][0])
    for d in DOMAINS:
        again[d] = encoded(d, fake[d])
    loss = 0
    for d in DOMAINS:
        real, rec = b[f'real_{d}'], to[d].decoder(again[OTHER[d]][0])
        constants = [[score.detach() for score in view] for view in real_scores[d]]
        loss = loss + relativistic(constants, judge[d](fake[d]), 1) + 10 * smooth_l1(rec, real)
        if name != 'todaygan':
            loss = loss + one_minus_ssim(rec, real) + 5 * total_variation(fake[d])
        if name in ('todaygan_ntir', 'pearlgan'):
            loss = loss + 0.5 * gradient_alignment(fake[d], b[f'edges_{OTHER[d]}'])
        if attentive:
            loss = loss + diversity(latent[d][1]) + similarity(*latent[d], again[d][0], latent[OTHER[d]][1])
    if name == 'todaygan_ntir':
        loss = loss + monochromatic(fake['thermal']) + temperature(fake['thermal'], b['label_day'])
    return loss, fake


def discriminator_objective(name, judge, b, fake, real_scores=None):
    loss = 0
    for d in DOMAINS:
        real = judge[d](b[f'real_{d}']) if real_scores is None else real_scores[d]
        shown = judge[d](fake[d].detach())
        if name == 'cyclegan':
            loss = loss + 0.5 * (((real[0] - 1) ** 2).mean() + (shown[0] ** 2).mean())
        else:
            loss = loss + 0.5 * relativistic(real, shown, -1)
    return loss


def hand_written_step(name, model, b, generator_first):
    """Losses and gradients of generators and discriminators, and the discriminators' buffers after them."""
    to, judge = copy.deepcopy(model.generators), copy.deepcopy(model.discriminators)

    def judged():
        return None if name == 'cyclegan' else {d: judge[d](b[f'real_{d}']) for d in DOMAINS}

    def of_the_generators(real_scores):
        loss, fake = cyclegan_objective(to, judge, b) if name == 'cyclegan' else \
            todaygan_objective(name, to, judge, b, real_scores)
        return loss, torch.autograd.grad(loss, list(to.parameters())), fake

    def of_the_discriminators(fake, real_scores):
        loss = discriminator_objective(name, judge, b, fake, real_scores)
        return loss, torch.autograd.grad(loss, list(judge.parameters()))

    if generator_first:
        real_scores = judged()  # with their graph, which the judges' side goes back through
        loss, gradients, fake = of_the_generators(real_scores)
        of_judges = of_the_discriminators(fake, real_scores)  # of what was made before the generators' step
        return (loss, gradients), of_judges, dict(judge.named_buffers())
    with torch.no_grad():
        fake = {d: to[d](b[f'real_{OTHER[d]}']) for d in DOMAINS}
    of_judges = of_the_discriminators(fake, None)
    with torch.no_grad():
        for parameter, gradient in zip(judge.parameters(), of_judges[1], strict=True):
            parameter -= RATE * gradient
    return of_the_generators(judged())[:2], of_judges, dict(judge.named_buffers())


@pytest.mark.parametrize('generator_first', [True, False], ids=['generator first', 'discriminator first'])
@pytest.mark.parametrize('name', METHODS)
def test_step_equals_a_hand_written_step(name, generator_first, monkeypatch):
    turns = [('generator',), ('discriminator',)]
    model, b = make(name, turns if generator_first else turns[::-1]), batch()
    monkeypatch.setattr(model, '_batch', lambda data: data)
    monkeypatch.setattr(model, 'progress', lambda: (0, 10))
    seen = {}
    players = {player: dict(optimizer=dict(type='SGD', lr=RATE)) for player in model.player_modules()}
    wrapper = PlayerOptimWrapperConstructor(players)(model)
    for player, optimizer in wrapper.items():
        def record(parameters, player=player, step=optimizer.step):
            seen[player] = [p.grad.clone() for p in parameters]
            step(parameters)
        optimizer.step = record
    *expected, buffers = hand_written_step(name, model, b, generator_first)
    logs = model.train_step({key: b[key] for key in ('real_day', 'real_thermal', *model.inputs)}, wrapper)
    assert all(value != 0 for value in logs.values()), 'a term that does nothing here is not tested'
    assert ('u' in {key.rpartition('.')[2] for key in buffers}) == (name not in ('cyclegan', 'todaygan'))
    for key, buffer in model.discriminators.named_buffers():
        torch.testing.assert_close(buffer, buffers[key], rtol=0, atol=1e-12)
    for player, (loss, gradients) in zip(('generator', 'discriminator'), expected, strict=True):
        ours = sum(value for key, value in logs.items() if ('discriminator' in key) == (player == 'discriminator'))
        torch.testing.assert_close(ours.double(), loss.detach(), rtol=1e-10, atol=0)
        assert any(gradient.abs().max() > 1e-6 for gradient in gradients)
        for ours, theirs in zip(seen[player], gradients, strict=True):
            torch.testing.assert_close(ours, theirs, rtol=1e-6, atol=1e-10)


def test_terms_that_start_late_cost_nothing_before(monkeypatch):
    model, b = make('pearlgan', None), batch()
    monkeypatch.setattr(model, '_batch', lambda data: data)
    monkeypatch.setattr(model, 'progress', lambda: (9 * 5447, 9))
    players = {player: dict(optimizer=dict(type='SGD', lr=RATE)) for player in model.player_modules()}
    logs = model.train_step(b, PlayerOptimWrapperConstructor(players)(model))
    late = {key for key, value in logs.items() if value == 0}
    assert late == {f'loss_{name}_{domain}' for name in ('cycle_ssim', 'accs') for domain in DOMAINS}


@pytest.mark.parametrize('name, passes', [('pearlgan', 6), ('todaygan_tir', 6), ('cyclegan', 6)])
def test_a_judge_looks_at_a_real_image_once(name, passes, monkeypatch):
    """Two domains, each with its real image, its fake on the generators' side, and the one of the pool."""
    model, b, calls = make(name, None), batch(), []
    monkeypatch.setattr(model, '_batch', lambda data: data)
    monkeypatch.setattr(model, 'progress', lambda: (0, 10))
    for judge in model.discriminators.values():
        judge.register_forward_hook(lambda *_: calls.append(1))
    players = {player: dict(optimizer=dict(type='SGD', lr=RATE)) for player in model.player_modules()}
    model.train_step(b, PlayerOptimWrapperConstructor(players)(model))
    assert len(calls) == passes
