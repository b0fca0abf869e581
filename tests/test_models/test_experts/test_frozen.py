"""FrozenModel: in the model, out of training's reach."""

import copy
from pathlib import Path

import pytest
import torch
from mmengine.model import BaseDataPreprocessor, BaseModel, BaseModule
from mmengine.runner import Runner
from torch import nn

from nightgen.models.experts import FrozenModel
from nightgen.registry import LOSSES
from nightgen.testing import small_run, write_domains


class Expert(BaseModule):
    """A network that init_weights would change, with a BatchNorm that training mode would change."""

    def __init__(self):
        super().__init__(init_cfg=dict(type='Constant', layer='Conv2d', val=0.0))
        self.conv, self.norm = nn.Conv2d(3, 2, 3), nn.BatchNorm2d(2)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.norm(self.conv(x))


@LOSSES.register_module(force=True)
class ExpertLoss(nn.Module):
    """Reads an image with a frozen network and trains what made the image."""

    def __init__(self):
        super().__init__()
        self.expert = FrozenModel(Expert())

    def forward(self, image: torch.Tensor) -> torch.Tensor:
        return self.expert(image).square().mean()


def holder() -> nn.Module:
    class Model(BaseModule):
        def __init__(self):
            super().__init__()
            self.layer, self.expert = nn.Linear(2, 2), FrozenModel(Expert())

    return Model()


def values(network: nn.Module) -> dict[str, torch.Tensor]:
    return {key: value.clone() for key, value in network.state_dict().items()}


def same(a: dict, b: dict) -> bool:
    return a.keys() == b.keys() and all(torch.equal(a[key], b[key]) for key in a)


def test_it_is_no_submodule():
    model = holder()
    assert set(model.state_dict()) == {'layer.weight', 'layer.bias'}
    assert len(list(model.parameters())) == 2 and not list(model.buffers())
    assert not any(isinstance(module, Expert) for module in model.modules())
    assert 'Expert' in repr(model) and 'frozen parameters' in repr(model)


def test_modes_initialisation_and_apply_do_not_reach_it():
    model = holder()
    before = values(model.expert.network)
    model.train()
    model.init_weights()
    model.apply(lambda module: [parameter.data.zero_() for parameter in module.parameters(recurse=False)])
    model.requires_grad_(True)
    assert model.layer.weight.eq(0).all() and same(values(model.expert.network), before)
    assert model.training and not model.expert.network.training and not model.expert.network.norm.training
    assert not any(parameter.requires_grad for parameter in model.expert.network.parameters())


def test_gradients_pass_to_the_input_only():
    model = holder().train()
    before = values(model.expert.network)
    x = torch.rand(2, 3, 5, 5, requires_grad=True)
    model.expert(x).sum().backward()
    assert x.grad.abs().sum() > 0 and same(values(model.expert.network), before)
    assert all(parameter.grad is None for parameter in model.expert.network.parameters())


def test_it_follows_the_model():
    class Whole(BaseModel):
        def __init__(self):
            super().__init__(data_preprocessor=BaseDataPreprocessor())

        def forward(self, inputs, data_samples=None, mode='tensor'):
            return inputs

    model = nn.ModuleDict(dict(expert=FrozenModel(Whole()), other=FrozenModel(Expert())))
    model.to(torch.float64)
    assert model['other'].network.conv.weight.dtype is torch.float64
    assert not model['other'].network.conv.weight.requires_grad
    model.to('meta')
    assert model['other'].network.conv.weight.is_meta and not model['other'].network.conv.weight.requires_grad
    assert model['expert'].network.data_preprocessor.device == torch.device('meta')


def test_a_deep_copy_shares_the_network():
    model = holder()
    model.expert.note = dict(threshold=[1])
    twin = copy.deepcopy(model)
    assert twin.expert is not model.expert and twin.expert.network is model.expert.network
    assert twin.layer.weight is not model.layer.weight
    assert twin.expert.note == model.expert.note and twin.expert.note is not model.expert.note


def test_the_network_is_given_once_and_is_a_network():
    with pytest.raises(TypeError, match='got int'):
        FrozenModel(3)
    with pytest.raises(AttributeError, match='given when it is built'):
        FrozenModel(nn.Identity()).network = nn.Identity()
    assert isinstance(FrozenModel(dict(type='N2DLPNet', num_levels=1, base=4)).network, nn.Module)


def test_a_real_run_leaves_it_as_it_is(tmp_path: Path):
    losses = [dict(type='ExpertLoss', reads=dict(image='fake_day')),
              dict(type='AdversarialLoss', mode='lsgan', reads=dict(real='real_*', fake='fake_*'))]
    cfg = small_run(write_domains(tmp_path / 'data', 3), tmp_path / 'run', max_iters=1, **{'model.losses': losses})
    runner = Runner.from_cfg(cfg)
    expert = next(module for module in runner.model.modules() if isinstance(module, FrozenModel)).network
    before, generator = values(expert), values(runner.model.generators)
    runner.train()
    assert same(values(expert), before) and not expert.training and not expert.norm.training
    assert not same(values(runner.model.generators), generator)
    checkpoint = torch.load(tmp_path / 'run/iter_1.pth', weights_only=True)
    for part in (checkpoint['state_dict'], checkpoint['ema']['generators']):
        assert not any('expert' in key for key in part)
    optimized = sum(p.numel() for wrapper in runner.optim_wrapper.values()
                    for group in wrapper.optimizer.param_groups for p in group['params'])
    assert optimized == sum(p.numel() for p in runner.model.parameters())
