"""Segmentation experts against mmseg's own inference; ownership; what goes wrong."""

import copy

import numpy as np
import pytest
import torch
from torch import nn

from nightgen.checkpoint import CheckpointMismatchError
from nightgen.models.experts import CITYSCAPES_CLASSES, SegmentationExpert
from nightgen.registry import MODELS
from nightgen.testing import random_picture


def pictures(number=3, size=(50, 70)):
    return torch.stack([torch.from_numpy(random_picture(*size, seed=seed)).permute(2, 0, 1) for seed in range(number)])


def segmentor(tiny, **kwargs):
    config, checkpoint = tiny['segmentor']
    return SegmentationExpert(config, checkpoint, **{'class_map': 'cityscapes', **kwargs})


def test_labels_are_those_of_mmseg(tiny, tmp_path):
    from mmengine.config import Config
    from mmengine.registry import DefaultScope
    from mmseg.apis import inference_model, init_model
    config, checkpoint = tiny['segmentor']
    images = pictures()
    labels = segmentor(tiny)(images)
    with DefaultScope.overwrite_default_scope('mmseg'):
        plain = copy.deepcopy(config)
        plain['model']['pretrained'] = None
        plain['test_pipeline'] = [dict(type='LoadImageFromFile'), dict(type='PackSegInputs')]
        model = init_model(Config(plain), str(checkpoint), device='cpu')
        expected = [inference_model(model, np.ascontiguousarray(image.permute(1, 2, 0).numpy()[..., ::-1]))
                    for image in images]  # mmseg takes BGR
    assert labels.dtype == torch.int64 and labels.shape == (3, 50, 70) and len(labels.unique()) > 3
    for label, sample in zip(labels, expected, strict=True):
        assert (label == sample.pred_sem_seg.data[0]).float().mean() > 0.999


def test_batches_ranges_and_logits_agree(tiny):
    images = pictures(5)
    expert = segmentor(tiny, batch_size=2)
    labels = expert(images)
    assert (expert(images.float() / 127.5 - 1) == labels).float().mean() > 0.999
    assert (segmentor(tiny, batch_size=5)(images) == labels).float().mean() > 0.999
    assert (expert.logits(images).argmax(1) == labels).float().mean() > 0.999
    assert expert(images[:0]).shape == (0, 50, 70)


def test_pictures_can_be_resized_first_and_labels_keep_their_size(tiny):
    images = pictures(2)
    expert = segmentor(tiny, input_size=(100, 140))
    labels = expert(images)
    assert labels.shape == (2, 50, 70)
    assert (expert.logits(images).argmax(1) == labels).float().mean() > 0.99
    assert not torch.equal(labels, segmentor(tiny)(images))


def test_logits_and_features_let_gradients_through(tiny):
    expert = segmentor(tiny)
    images = (pictures(1).float() / 127.5 - 1).requires_grad_()
    expert.logits(images).square().mean().backward()
    assert images.grad.abs().sum() > 0
    images.grad = None
    features = expert.features(images)
    assert [feature.shape[1] for feature in features] == [8, 16, 32, 64]
    features[-1].square().mean().backward()
    assert images.grad.abs().sum() > 0
    assert not any(parameter.requires_grad for parameter in expert.network.parameters())


def test_autocast_gives_nearly_the_same_labels(tiny):
    images = pictures(2)
    assert (segmentor(tiny, autocast='bf16')(images) == segmentor(tiny)(images)).float().mean() > 0.7


def test_class_maps_are_applied(tiny):
    table = dict.fromkeys(CITYSCAPES_CLASSES) | dict(car=13)
    labels = segmentor(tiny, class_map=table)(pictures())
    assert set(labels.unique().tolist()) <= {13, 255}
    own = segmentor(tiny, class_map=None)(pictures())
    assert torch.equal(torch.where(own == 13, 13, 255), labels)


def test_an_expert_is_outside_the_module_tree_and_keeps_its_weights(tiny):
    class Translator(nn.Module):
        def __init__(self):
            super().__init__()
            self.net = nn.Conv2d(3, 3, 1)
            self.expert = segmentor(tiny)

    model = Translator()
    before = {key: value.clone() for key, value in model.expert.network.state_dict().items()}
    model.train()
    model.apply(lambda module: [nn.init.zeros_(p) for p in module.parameters(recurse=False)])
    twin = copy.deepcopy(model)
    assert set(model.state_dict()) == {'net.weight', 'net.bias'} and len(list(model.parameters())) == 2
    assert twin.expert.network is model.expert.network and not model.expert.network.training
    assert all(torch.equal(value, before[key]) for key, value in model.expert.network.state_dict().items())


def test_the_card_says_what_it_is(tiny):
    expert = MODELS.build(dict(type='SegmentationExpert', config=tiny['segmentor'][0], class_map='cityscapes',
                               checkpoint=str(tiny['segmentor'][1])))
    card = expert.card
    assert card['package'] == 'mmseg' and card['classes'] == list(CITYSCAPES_CLASSES)
    assert len(card['sha256']) == 64 and card['checkpoint'] == str(tiny['segmentor'][1])
    assert segmentor(tiny, sha256=card['sha256'][:8]).card['sha256'] == card['sha256']
    with pytest.raises(CheckpointMismatchError, match='not 00ff'):
        segmentor(tiny, sha256='00ff')


@pytest.mark.parametrize('change, message', [
    (lambda state: state.pop('decode_head.conv_seg.weight'), '1 missing: decode_head.conv_seg.weight'),
    (lambda state: state.update({'neck.weight': torch.zeros(1)}), '1 unexpected: neck.weight'),
    (lambda state: state.update({'decode_head.conv_seg.bias': torch.zeros(7)}), 'size mismatch')])
def test_weights_of_another_model_are_an_error(tiny, tmp_path, change, message):
    config, checkpoint = tiny['segmentor']
    content = torch.load(checkpoint, weights_only=True)
    change(content['state_dict'])
    torch.save(content, tmp_path / 'other.pth')
    with pytest.raises(CheckpointMismatchError, match=message):
        SegmentationExpert(config, tmp_path / 'other.pth')
    if 'size' not in message:
        SegmentationExpert(config, tmp_path / 'other.pth', ignore_keys=[r'neck\.', r'conv_seg'])


def test_other_mistakes_say_what_to_do(tiny, tmp_path):
    config, checkpoint = tiny['segmentor']
    with pytest.raises(FileNotFoundError, match='gone.pth'):
        SegmentationExpert(config, tmp_path / 'gone.pth')
    with pytest.raises(FileNotFoundError, match='mmseg ships no'):
        SegmentationExpert('mmseg::nothing.py', checkpoint)
    with pytest.raises(ValueError, match='default_scope'):
        SegmentationExpert(config['model'], checkpoint)
    with pytest.raises(ValueError, match='autocast'):
        segmentor(tiny, autocast='half')
    torch.save(dict(state_dict=torch.load(checkpoint, weights_only=True)['state_dict']), tmp_path / 'bare.pth')
    with pytest.raises(ValueError, match='classes='):
        SegmentationExpert(config, tmp_path / 'bare.pth')
    assert SegmentationExpert(config, tmp_path / 'bare.pth', classes=CITYSCAPES_CLASSES).classes == CITYSCAPES_CLASSES
    with pytest.raises(TypeError, match='gives no label maps'):
        SegmentationExpert(*tiny['detector'])(pictures())


def test_a_config_that_mmseg_ships_is_built_without_its_pretrained_weights(tiny, tmp_path):
    from mmengine.config import ConfigDict

    from nightgen.models.experts.building import read_config, scope, strip_pretrained
    name = 'mmseg::fcn/fcn_r18-d8_4xb2-80k_cityscapes-512x1024.py'
    assert read_config(name).model.pretrained
    with scope('mmseg'):
        network = MODELS.build(ConfigDict(strip_pretrained(read_config(name).model)))
    torch.save(dict(state_dict=network.state_dict()), tmp_path / 'fcn.pth')
    expert = SegmentationExpert(name, tmp_path / 'fcn.pth', class_map='cityscapes', input_size='config')
    assert expert.rule.scale == (2048, 1024) and expert.classes == CITYSCAPES_CLASSES
    small = SegmentationExpert(name, tmp_path / 'fcn.pth', class_map='cityscapes')
    assert small(pictures(1)).shape == (1, 50, 70)
