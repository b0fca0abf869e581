"""Feature maps of several images in few passes: the same as each alone, and gradients where they belong."""

import copy

import pytest
import torch
from mmengine.model import BaseModule, ModuleDict
from torch import nn

from nightgen.models.experts import VGGFeatures
from nightgen.models.task_modules import FeatureMaps


def network():
    torch.manual_seed(0)
    return VGGFeatures(weights='random', layers=('relu1_1', 'relu2_1'))


def images():
    generator = torch.Generator().manual_seed(1)
    return {name: torch.rand(number, 3, 16, 20, generator=generator) * 2 - 1
            for name, number in (('source', 1), ('fake', 2), ('reference', 1))}


def test_maps_are_those_of_each_image():
    frozen, batch, passes = network(), images(), []
    module = FeatureMaps(frozen)
    maps = frozen.maps
    frozen.maps = lambda x: passes.append(x.shape[0]) or maps(x)
    batch['fake'].requires_grad_()
    found = module(**batch)
    assert passes == [2, 2]  # source and reference together, without a graph
    for image, layers in zip(batch.values(), found, strict=True):
        expected = maps(image.detach())
        assert all(torch.allclose(a, b, atol=1e-5) for a, b in zip(layers, expected, strict=True))
    assert [layers[0].requires_grad for layers in found] == [False, True, False]
    sum(part.sum() for part in found[1]).backward()
    assert batch['fake'].grad.abs().sum() > 0
    assert not list(module.parameters()) and not module.state_dict()


def test_the_network_is_built_when_training_begins(tmp_path):
    module = FeatureMaps(dict(type='VGGFeatures', weights=str(tmp_path / 'vgg16.pth')))
    holder = BaseModule()
    holder.part = ModuleDict(dict(maps=module))
    copy.deepcopy(holder).init_weights()  # neither looks for the file
    with pytest.raises(FileNotFoundError, match='vgg16.pth'):
        module.prepare_training()
    with pytest.raises(FileNotFoundError, match='vgg16.pth'):
        module(image=torch.zeros(1, 3, 16, 16))
    with pytest.raises(TypeError, match='Conv2d gives no feature maps'):
        FeatureMaps(nn.Conv2d(3, 3, 1)).prepare_training()
