"""The semantic colorizer: its tensors and step, where maps come from, the whole system as one graph."""

import copy

import pytest
import torch
from torch import Tensor, nn

from nightgen.engine.optimizers import PlayerOptimWrapperConstructor
from nightgen.functional import rgb_to_luma_chroma
from nightgen.models.translators import SemanticColorizationTranslator
from nightgen.models.translators.semantic_colorization import LabelledColorization, PredictingColorization
from nightgen.registry import MODELS
from nightgen.structures import TranslationSample

TERM = dict(type='PixelLoss', kind='huber', reads=dict(pred='fake_*', target='real_*'))


class TopBottom(nn.Module):
    """Sky above, road below, as an expert says it."""

    classes = ('road', 'sky')

    def forward(self, images: Tensor) -> Tensor:
        label = torch.zeros(len(images), *images.shape[2:], dtype=torch.int64)
        label[:, :images.shape[2] // 2] = 1
        return label


def tiny(**settings) -> SemanticColorizationTranslator:
    torch.manual_seed(0)
    return MODELS.build(dict(
        type='SemanticColorizationTranslator', domains=('color',), label_set='camvid', ab_scale=128.0,
        generator=dict(type='TwoStreamUNet', widths=(4, 6, 8), num_classes=12, unlabelled=11), losses=[TERM],
        **settings))


def batch(side: int = 16) -> dict[str, list[Tensor]]:
    generator = torch.Generator().manual_seed(1)
    return dict(real_color=list(torch.randint(0, 256, (2, 3, side, side), generator=generator, dtype=torch.uint8)),
                label_color=list(torch.randint(0, 12, (2, side, side), generator=generator, dtype=torch.uint8)))


def test_the_step_is_a_hand_written_one():
    """Huber with delta 1 on normalised ab, mean (paper eq. 1); |d| is at most 2, and the linear part is reached."""
    model = tiny()
    for parameter in model.parameters():
        parameter.data.mul_(4)
    network = copy.deepcopy(model.generators['chroma'])
    inputs = batch()
    rgb = torch.stack(inputs['real_color']).float() / 127.5 - 1
    label = torch.stack(inputs['label_color']).long()
    luma, chroma = rgb_to_luma_chroma(rgb, 128.0)
    difference = (network(luma, label) - chroma).abs()
    assert difference.max() > 1
    loss = torch.where(difference <= 1, difference.square() / 2, difference - 0.5).mean()
    gradients = torch.autograd.grad(loss, list(network.parameters()))
    wrapper = PlayerOptimWrapperConstructor(dict(generator=dict(optimizer=dict(type='SGD', lr=0.5))))(model)
    logs = model.train_step(dict(inputs=inputs), wrapper)
    torch.testing.assert_close(sum(logs.values()), loss.detach())
    for before, after, gradient in zip(network.parameters(), model.parameters(), gradients, strict=True):
        torch.testing.assert_close(after, before - 0.5 * gradient, rtol=1e-4, atol=1e-6)
    with pytest.raises(KeyError, match=r"misses \['label_color'\]"):
        tiny().train_step(dict(inputs=dict(real_color=inputs['real_color'])), wrapper)


def test_all_labels_reach_the_network_unchanged():
    """From the batch's integers through training and through translation."""
    model, seen = tiny(), []
    model.generators['chroma'].register_forward_pre_hook(lambda module, inputs: seen.append(inputs[1].clone()))
    label = torch.arange(256).view(16, 16) % 12
    label[0, 0] = 255
    inputs = dict(real_color=batch()['real_color'], label_color=[label.to(torch.uint8)] * 2)
    wrapper = PlayerOptimWrapperConstructor(dict(generator=dict(optimizer=dict(type='SGD', lr=0.1))))(model)
    model.train_step(dict(inputs=inputs), wrapper)
    model.val_step(dict(inputs=inputs, data_samples=[TranslationSample() for _ in range(2)]))
    assert len(seen) == 2 and all(map_.equal(label.expand(2, -1, -1)) for map_ in seen)


def test_translate_takes_a_map_or_predicts_it():
    luma = torch.rand(1, 1, 8, 8) * 2 - 1
    without = tiny().eval()
    with pytest.raises(TypeError, match=r"missing: \['label'\]"):
        without.translate(luma)
    model = tiny(segmentor=TopBottom()).eval()
    sky, road = 0, 3
    label = torch.full((1, 8, 8), road)
    label[:, :4] = sky
    assert model.translate(luma).equal(without.translate(luma, label=label))
    other = torch.full_like(label, 8)
    assert model.translate(luma, label=other).equal(without.translate(luma, label=other))
    assert not model.translate(luma, label=other).equal(model.translate(luma))
    with pytest.raises(ValueError, match=r'holds \[12\]: classes are 0 to 11, and 255 \(read as 11\)'):
        model.translate(luma, label=torch.full_like(label, 12))
    network = model.inference_network()
    assert isinstance(network, PredictingColorization) and type(without.inference_network()) is LabelledColorization
    kept = network.encode_grey(luma)
    assert network(luma, label, kept=kept).equal(network(luma))
    fast = network.to_inference()
    torch.testing.assert_close(fast(luma), network(luma), rtol=1e-4, atol=1e-5)
    torch.testing.assert_close(fast(luma, kept=fast.encode_grey(luma)), network(luma), rtol=1e-4, atol=1e-5)


def test_where_evaluation_takes_maps_from():
    inputs, seen = batch(8), {}
    inputs['given_label_color'] = [torch.full((8, 8), 8, dtype=torch.uint8)] * 2
    for source in ('true', 'given', 'predicted'):
        model = tiny(map_source=source, segmentor=TopBottom()).eval()
        model.generators['chroma'].register_forward_pre_hook(
            lambda module, args, source=source: seen.update({source: args[1]}))
        samples = model.val_step(dict(inputs=inputs, data_samples=[TranslationSample() for _ in range(2)]))
        assert samples[0].fake.dtype == torch.uint8 and samples[0].fake.shape == (3, 8, 8)
    assert seen['true'].equal(torch.stack(inputs['label_color']).long()) and seen['given'].eq(8).all()
    assert seen['predicted'][:, :4].eq(0).all() and seen['predicted'][:, 4:].eq(3).all()
    with pytest.raises(KeyError, match="give the data set inputs=\\('given_label',\\)"):
        tiny(map_source='given').val_step(dict(inputs=batch(8), data_samples=None))


def test_the_grey_of_the_released_application():
    rgb = torch.rand(1, 3, 8, 8) * 2 - 1
    luma, chroma = tiny(luma_source='grey').split(rgb)
    red, green, blue = rgb.double().unbind(1)
    torch.testing.assert_close(luma[:, 0].double(), 0.299 * red + 0.587 * green + 0.114 * blue, atol=1e-6, rtol=0)
    assert chroma.equal(rgb_to_luma_chroma(rgb, 128.0)[1])


def test_the_segmentor_is_no_part_of_the_model():
    model = tiny(segmentor=TopBottom(), map_source='predicted')
    assert not any('labels' in key for key in model.state_dict())
    assert list(model.player_modules()) == ['generator']
    copy.deepcopy(model).eval().translate(torch.zeros(1, 1, 8, 8))


def test_what_it_refuses():
    with pytest.raises(ValueError, match="needs segmentor=dict"):
        tiny(map_source='predicted')
    with pytest.raises(ValueError, match="map_source is one of .*'wrong'"):
        tiny(map_source='wrong')
    with pytest.raises(ValueError, match="for 60 classes and the label set 'camvid' has 12"):
        MODELS.build(dict(type='SemanticColorizationTranslator', domains=('color',), label_set='camvid',
                          generator=dict(type='TwoStreamUNet', widths=(4, 6))))
