"""Colorization by classification: its tensors, and a training step against one written by hand."""

import copy

import numpy as np
import pytest
import torch
import torch.nn.functional as F

from nightgen.engine.optimizers import PlayerOptimWrapperConstructor
from nightgen.functional import colour_bins, nearest_bins, rgb_to_luma_chroma
from nightgen.models.translators import BinnedColorizationTranslator

TERM = dict(type='ColorBinsLoss', reads=dict(bin_logits='logits_chroma', chroma='real_chroma'))


def build(**kwargs):
    torch.manual_seed(0)
    return BinnedColorizationTranslator(('color',), dict(type='ColorBinsNet', base=4), losses=[TERM], **kwargs)


def test_a_step_equals_one_by_hand():
    model = build()
    network = copy.deepcopy(model.generators['chroma']).train()
    picture = torch.from_numpy(np.random.default_rng(0).integers(0, 256, (2, 3, 16, 24), dtype=np.uint8))
    wrapper = PlayerOptimWrapperConstructor(dict(generator=dict(optimizer=dict(type='SGD', lr=0.1))))(model)
    logs = model.train_step(dict(inputs=dict(real_color=list(picture)), data_samples=None), wrapper)

    luma, chroma = rgb_to_luma_chroma(picture.float() / 127.5 - 1, 110)
    index, share = nearest_bins(chroma[..., ::4, ::4] * 110, torch.from_numpy(colour_bins()).float())
    soft = torch.zeros(2, 313, 4, 6).scatter_(1, index, share)
    loss = F.cross_entropy(network.logits(luma), soft)
    loss.backward()
    assert logs['loss_color_bins'].item() == pytest.approx(loss.item(), rel=1e-5)
    with torch.no_grad():
        for parameter in network.parameters():
            parameter -= 0.1 * parameter.grad
    for ours, expected in zip(model.generators['chroma'].parameters(), network.parameters(), strict=True):
        torch.testing.assert_close(ours, expected, rtol=1e-4, atol=1e-6)


def test_the_colour_is_made_of_the_same_logits():
    """A term that reads both has the network run once, and the colour is what translating gives."""
    model = build()
    calls = []
    model.generators['chroma'].blocks.register_forward_hook(lambda *args: calls.append(1))
    model.losses.append(copy.deepcopy(model.losses[0]))
    other = BinnedColorizationTranslator(('color',), dict(type='ColorBinsNet', base=4), losses=[
        TERM, dict(type='PixelLoss', reads=dict(pred='fake_chroma', target='real_chroma'))])
    other.load_state_dict(model.state_dict())
    seen = []
    network = other.generators['chroma']
    network.blocks.register_forward_hook(lambda *args: seen.append(1))
    picture = torch.randint(0, 256, (2, 3, 16, 24), dtype=torch.uint8)
    wrapper = PlayerOptimWrapperConstructor(dict(generator=dict(optimizer=dict(type='SGD', lr=0.0))))(other)
    logs = other.train_step(dict(inputs=dict(real_color=list(picture)), data_samples=None), wrapper)
    assert len(seen) == 1 and set(logs) >= {'loss_color_bins', 'loss_pixel'}
    luma, chroma = rgb_to_luma_chroma(picture.float() / 127.5 - 1, 110)
    with torch.no_grad():
        network.train()
        assert logs['loss_pixel'].item() == pytest.approx(F.l1_loss(network(luma), chroma).item(), rel=1e-4)


def test_a_generator_without_bins_is_refused():
    with pytest.raises(ValueError, match='UNet gives no logits; a ColorBinsNet is needed'):
        BinnedColorizationTranslator(('color',), dict(type='UNet', base=4, num_levels=2))
