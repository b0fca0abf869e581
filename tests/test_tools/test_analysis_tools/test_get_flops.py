"""tools/analysis_tools/get_flops.py against a count by hand, and its command line."""

import json
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest
import torch
from mmengine.config import Config
from torch import nn

from nightgen.models.backbones import N2DLPNet, ResNetGenerator


@pytest.fixture
def tool(load_tool: Callable) -> ModuleType:
    return load_tool('tools/analysis_tools/get_flops.py')


def by_hand(network: nn.Module, shape: tuple[int, int, int]) -> int:
    """Multiply-adds of every convolution module: its weights, once for each output (input, if transposed) pixel."""
    total = 0

    def count(module: nn.Module, inputs: tuple, output: torch.Tensor) -> None:
        nonlocal total
        pixels = (inputs[0] if isinstance(module, nn.ConvTranspose2d) else output)[0, 0].numel()
        total += module.weight.numel() * pixels

    hooks = [module.register_forward_hook(count) for module in network.modules()
             if isinstance(module, nn.Conv2d | nn.ConvTranspose2d)]
    with torch.no_grad():
        network(torch.zeros(1, *shape))
    for hook in hooks:
        hook.remove()
    return total


def test_n2d_lpnet_by_hand(tool: ModuleType):
    network, (channels, height, width) = N2DLPNet(num_levels=2), (3, 64, 96)
    # 25 taps a pixel on the way down, 36 a small pixel (four phases of 9 taps) on each of the two ways up
    filters = sum(channels * (height >> level) * (width >> level) * (25 + 2 * 36) for level in (1, 2))
    assert tool.count_flops(network, (channels, height, width)) == by_hand(network, (3, 64, 96)) + filters


def test_resnet_by_hand(tool: ModuleType):
    network = ResNetGenerator(base=8, num_blocks=2)
    assert tool.count_flops(network, (3, 32, 48)) == by_hand(network, (3, 32, 48))


@pytest.mark.parametrize(('name', 'params'), [('bdd100k', 617_183), ('bdd100k_l4', 617_298), ('bdd100k_l5', 617_413)])
def test_shipped_configs(tool: ModuleType, configs_dir: Path, capsys: pytest.CaptureFixture, name: str, params: int):
    tool.main([str(configs_dir / f'n2d_lpnet/{name}.py'), '--json'])
    result = json.loads(capsys.readouterr().out)
    assert result['params'] == params and result['shape'] == [3, 720, 1280]
    assert result['flops'] > 1e9


def test_full_size_work_is_small(tool: ModuleType):
    # spec n2d_lpnet 9: convolutions run at h/4 and below; another level makes that a quarter
    three, four = (tool.count_flops(N2DLPNet(levels), (3, 720, 1280)) for levels in (3, 4))
    assert 3.5 < three / four < 4
    assert 18.9e9 < three < 19e9


def test_shape(tool: ModuleType):
    assert tool.input_shape(Config(dict()), None) == (3, 720, 1280)
    assert tool.input_shape(Config(dict()), [64, 96]) == (3, 64, 96)
    assert tool.input_shape(Config(dict(inference_shape=(1080, 1920))), None) == (3, 1080, 1920)
    assert tool.input_shape(Config(dict(inference_shape=(1, 256, 256))), [64, 96]) == (1, 64, 96)
    with pytest.raises(ValueError, match='all positive'):
        tool.input_shape(Config(dict()), [0, 96])


def test_command(tool: ModuleType, tiny_config: Path, run_tool: Callable, capsys: pytest.CaptureFixture):
    tool.main([str(tiny_config), '--shape', '32', '48'])
    assert 'N2DLPNet' in capsys.readouterr().out
    failed = run_tool('tools/analysis_tools/get_flops.py', tiny_config, '--shape', 4, 4, check=False)
    assert failed.returncode == 2 and 'too small' in failed.stderr and 'Traceback' not in failed.stderr
