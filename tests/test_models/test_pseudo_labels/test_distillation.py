"""Distilled labels: cases by hand, and a loop over pixels."""

import numpy as np
import pytest
import torch

from nightgen.engine.optimizers import PlayerOptimWrapperConstructor
from nightgen.models.losses import balanced_cross_entropy
from nightgen.models.pseudo_labels import (
    ClassMask,
    CompletedLabel,
    ConfidentLabel,
    DistilledLabel,
    SemanticDenoising,
    complete_label,
    distil_label,
)
from nightgen.registry import MODELS

POLE, VEG, SKY = 5, 8, 10


def scores(*pixels):
    """Logits 1,19,1,W: each pixel's class has the given probability, the others share the rest."""
    table = torch.zeros(1, 19, 1, len(pixels), dtype=torch.float64)
    for place, (number, probability) in enumerate(pixels):
        table[..., place] = (1 - probability) / 18
        table[:, number, :, place] = probability
    return table.log()


# own network, other network, result if both must be sure, if only the own one must
CASES = [
    ((13, .96), (13, .96), 13, 13),
    ((13, .96), (13, .90), 255, 13),
    ((13, .94), (13, .99), 255, 255),
    ((13, .96), (14, .99), 255, 255),
    ((2, .96), (2, .96), 2, 2),  # buildings have the low threshold
    ((0, .96), (0, .96), 255, 255),  # roads have the high one
    ((0, .995), (0, .995), 0, 0),
    ((0, .995), (0, .97), 255, 0),
    ((0, .97), (0, .995), 255, 255),
]
OWN, OTHER = (scores(*(case[place] for case in CASES)) for place in (0, 1))
IMAGE = torch.zeros(1, 3, 1, len(CASES))


@pytest.mark.parametrize(('confidence', 'place'), [('both', 2), ('own', 3)])
@pytest.mark.parametrize('denoise_first', [True, False])
def test_both_rules_by_hand(confidence, place, denoise_first):
    module = MODELS.build(dict(type='DistilledLabel', rules=None, confidence=confidence, denoise_first=denoise_first))
    found = module(logits=OWN, image=IMAGE, other=OTHER)
    assert found.flatten().tolist() == [case[place] for case in CASES] and found.dtype == torch.int64


def test_own_labels_by_hand():
    """Once frozen: one network, one threshold for all classes."""
    own = DistilledLabel(rules=None, background_threshold=0.95)(logits=OWN, image=IMAGE)
    assert own.flatten().tolist() == [13, 13, 255, 13, 2, 0, 0, 0, 0]
    assert own.equal(ConfidentLabel()(logits=OWN))
    assert ConfidentLabel(0.99)(OWN).flatten().tolist() == [255] * 6 + [0, 0, 255]


def test_where_denoising_comes():
    """Sky 6 is sure to 0.96 only. Denoised first, it pulls the sky's mean to 8, and vegetation 5.5 looks like sky."""
    own = scores((VEG, .995), (VEG, .995), (SKY, .995), (SKY, .96))
    image = torch.tensor([0, 5.5, 10, 6]).expand(1, 3, 1, 4)
    first, last = (DistilledLabel(denoise_first=order)(own, image, own) for order in (True, False))
    assert first.flatten().tolist() == [VEG, 255, SKY, 255]
    assert last.flatten().tolist() == [VEG, VEG, SKY, 255]


def by_loop(own, other, image, confidence, denoise_first):
    """One image; the denoising is the tested module's."""
    def cut(label, sure):
        return np.where(np.isin(label, (0, 1, 3, 4, 5, 8, 9, 10)) & (sure < 0.9), 255, label)

    def denoise(label):
        return SemanticDenoising('thermal')(torch.from_numpy(label)[None], image[None])[0].numpy()

    shares = [np.exp(part) / np.exp(part).sum(axis=0) for part in (own.double().numpy(), other.double().numpy())]
    label, sure = np.full(own.shape[1:], 255), np.zeros(own.shape[1:])
    for place in np.ndindex(*own.shape[1:]):
        first, second = (share[(slice(None), *place)] for share in shares)
        sure[place] = min(first.max(), second.max()) if confidence == 'both' else first.max()
        if first.argmax() == second.argmax() and sure[place] >= 0.6:
            label[place] = first.argmax()
    return cut(denoise(label), sure) if denoise_first else denoise(cut(label, sure))


@pytest.mark.parametrize('confidence', ['both', 'own'])
@pytest.mark.parametrize('denoise_first', [True, False])
def test_against_a_loop(confidence, denoise_first):
    generator = torch.Generator().manual_seed(0)
    own = torch.randn(2, 19, 12, 13, generator=generator)
    own[:, [2, 8, 10, 5]] += torch.randn(2, 4, 12, 13, generator=generator) * 4 + 3
    other = own + torch.randn(2, 19, 12, 13, generator=generator)
    image = torch.rand(2, 3, 12, 13, generator=generator) * 2 - 1
    module = DistilledLabel(threshold=0.6, background_threshold=0.9, confidence=confidence, denoise_first=denoise_first)
    found = module(own, image, other)
    for n in range(2):
        np.testing.assert_array_equal(found[n], by_loop(own[n], other[n], image[n], confidence, denoise_first))
    assert len(found.unique()) > 4


def test_completion_by_hand():
    label = torch.tensor([[[255, 255, 0, 13]]])
    logits = scores((2, .96), (2, .9), (11, .99), (11, .99))
    assert CompletedLabel()(label=label, logits=logits).tolist() == [[[2, 255, 0, 13]]]
    assert complete_label(label.byte(), logits, 0.85).tolist() == [[[2, 2, 0, 13]]]


def test_unlabelled_pixels_never_train():
    logits = torch.randn(1, 19, 4, 4, requires_grad=True)
    label = distil_label(logits, torch.zeros(1, 3, 4, 4), threshold=1.0, background_threshold=1.0)
    assert (label == 255).all() and not label.requires_grad
    loss = balanced_cross_entropy(logits, label)
    loss.backward()
    assert loss == 0 and (logits.grad == 0).all()
    logits.grad = None
    label[0, 1, 2] = 7
    balanced_cross_entropy(logits, label).backward()
    assert (logits.grad.abs().sum(dim=1) > 0).nonzero().tolist() == [[0, 1, 2]]


def test_background_mask():
    label = torch.tensor([[[0, 10, 11, 13, 18, 255]]])
    assert ClassMask()(label=label).tolist() == [[[True, True, False, False, False, True]]]
    assert ClassMask((11,))(label).tolist() == [[[False, False, True, False, False, False]]]


def test_nothing_waits_for_the_device():
    own = torch.zeros(1, 19, 4, 4, device='meta')
    assert DistilledLabel()(own, torch.zeros(1, 3, 4, 4, device='meta'), own).shape == (1, 4, 4)


def test_bad_arguments():
    with pytest.raises(ValueError, match='differ in number or size'):
        distil_label(OWN, IMAGE[..., :2])
    with pytest.raises(ValueError, match='at the size of the logits'):
        complete_label(torch.zeros(1, 2, 2, dtype=torch.long), OWN)
    with pytest.raises(ValueError, match="one of .*'theirs'"):
        DistilledLabel(confidence='theirs')
    with pytest.raises(ValueError, match='threshold <= background_threshold'):
        DistilledLabel(threshold=0.95, background_threshold=0.9)


def test_tensors_of_a_config():
    """A translator without a line for it makes the labels, keeps them, and trains on them."""
    segmentor = dict(type='Segmentor', backbone=dict(type='CoordinateResNet', base=4, num_blocks=1),
                     head=dict(type='ASPPHead', in_channels=4, base=4))
    torch.manual_seed(0)
    model = MODELS.build(dict(
        type='CycleTranslator', domains=('thermal', 'day'), inputs=('label_day',),
        generator=dict(type='SplitGenerator', encoder=dict(type='ResNetEncoder', base=4, num_blocks=1),
                       decoder=dict(type='ResNetDecoder', base=4, num_blocks=1)),
        tensors=[
            dict(**segmentor, name='logits_*', reads=dict(x='real_*')),
            dict(**segmentor, name='logits_fake_*', reads=dict(x='fake_*')),
            dict(type='CompletedLabel', threshold=0.06, name='completed_label_day',
                 reads=dict(label='label_day', logits='logits_day')),
            dict(type='DistilledLabel', threshold=0.06, background_threshold=0.07, name='agreed_label_thermal',
                 reads=dict(logits='logits_thermal', other='logits_fake_day', image='real_thermal')),
            dict(type='ClassMask', name='background_mask_thermal', reads=dict(label='agreed_label_thermal'))],
        keep=('logits_day', 'logits_thermal', 'logits_fake_day', 'completed_label_day', 'agreed_label_thermal',
              'background_mask_thermal'),
        losses=[dict(type='BalancedCrossEntropyLoss',
                     reads=dict(logits='logits_fake_thermal', label='completed_label_day')),
                dict(type='ConditionalGradientRepairLoss', reads=dict(
                    translated='fake_day', source='real_thermal', background='background_mask_thermal'))]))
    model.extra_tensors.requires_grad_(False)  # they belong to no player here
    pixels = {f'real_{domain}': list(torch.randint(0, 256, (2, 3, 16, 16), dtype=torch.uint8))
              for domain in model.domains}
    label = torch.randint(0, 19, (2, 16, 16), dtype=torch.uint8)
    label[:, :8] = 255
    optimizer = PlayerOptimWrapperConstructor(dict(generator=dict(optimizer=dict(type='SGD', lr=0.01))))(model)
    logs = model.train_step(dict(inputs=dict(pixels, label_day=list(label)), data_samples=None), optimizer)
    assert all(value > 0 for value in logs.values())
    kept = model.kept
    assert kept['completed_label_day'].equal(complete_label(label, kept['logits_day'], 0.06))
    assert kept['completed_label_day'][:, 8:].equal(label[:, 8:].long())
    image = torch.stack(pixels['real_thermal']).float() / 127.5 - 1
    agreed = DistilledLabel(threshold=0.06, background_threshold=0.07)(
        kept['logits_thermal'], image, kept['logits_fake_day'])
    assert kept['agreed_label_thermal'].equal(agreed) and len(agreed.unique()) > 1
    assert kept['background_mask_thermal'].equal((agreed < 11) | (agreed == 255))
