"""GridNet: published counts, its connections traced, the grid written by hand, dropped blocks."""

import copy

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from nightgen.models.backbones import GridNet
from nightgen.models.backbones.grid_net import DownGridBlock, ResidualGridBlock, UpGridBlock

ROWS = (16, 32, 64, 128, 256)


def count(*modules: nn.Module) -> int:
    return sum(parameter.numel() for module in modules for parameter in module.parameters())


def of_kind(network: GridNet, kind: type) -> list[nn.Module]:
    return [module for module in network.modules() if isinstance(module, kind)]


def test_counts_of_the_released_network():
    """specs/semantic_colorization 2."""
    with torch.device('meta'):
        network, smaller = GridNet(), GridNet(in_channels=3, num_classes=19)
    blocks = {kind: of_kind(network, kind) for kind in (ResidualGridBlock, DownGridBlock, UpGridBlock)}
    assert [len(found) for found in blocks.values()] == [25, 12, 12]
    assert [count(*found) for found in blocks.values()] == [7_866_560, 3_529_440, 1_766_880]
    assert [count(part) for part in (network.norm, network.first, network.head)] == [2, 2_512, 41_280]
    assert count(network) == 13_206_674 and count(smaller) == 13_171_747
    assert count(GridNet(num_classes=None, rows=(4, 8))) + count(GridNet(rows=(4, 8)).head) == count(
        GridNet(rows=(4, 8)))


def test_the_grid_traced():
    """Who reads whom: every block's inputs and outputs by place, from sizes and order of the calls."""
    with torch.device('meta'):
        network = GridNet().eval()
    calls = []
    for kind in (ResidualGridBlock, DownGridBlock, UpGridBlock):
        for module in of_kind(network, kind):
            module.register_forward_hook(lambda module, inputs, output: calls.append(
                (type(module).__name__, inputs[0].shape[2], output.shape[2])))
    assert network(torch.empty(1, 1, 352, 352, device='meta')).shape == (1, 60, 352, 352)
    sides = [352, 176, 88, 44, 22]
    downs = [('DownGridBlock', above, below) for above, below in zip(sides, sides[1:], strict=False)]
    ups = [('UpGridBlock', below, above) for _, above, below in downs[::-1]]
    residuals = [('ResidualGridBlock', side, side) for side in sides]
    expected = downs + 2 * (residuals + downs) + 3 * (residuals + ups)
    assert calls == expected


def by_hand(network: GridNet, x: Tensor) -> Tensor:
    """The rules of the specification with X[i][j] of row i and column j, in evaluation mode."""
    def norm(layer, x):
        return F.batch_norm(x, layer.running_mean, layer.running_var, layer.weight, layer.bias, eps=1e-5)

    def block(layers, x):
        first, second = layers[2], layers[5]
        x = norm(layers[0], x).clamp(min=0)
        x = F.conv_transpose2d(x, first.weight, stride=2, padding=1, output_padding=1) if isinstance(
            first, nn.ConvTranspose2d) else F.conv2d(x, first.weight, stride=first.stride, padding=1)
        return F.conv2d(norm(layers[3], x).clamp(min=0), second.weight, padding=1)

    def res(i, j, x):
        return x + block(network.along[j - 1][i].layers, x)

    def vertical(i, j, x):
        return block(network.vertical[j][i].layers, x)

    rows, columns = len(network.along[0]), len(network.vertical)
    first, grid = network.first, {}
    x = F.conv2d(norm(network.norm, x), first[0].weight, padding=1)
    x = F.conv2d(norm(first[1], x).clamp(min=0), first[3].weight, padding=1)
    grid[0, 0] = norm(first[4], x).clamp(min=0)
    for i in range(1, rows):
        grid[i, 0] = vertical(i - 1, 0, grid[i - 1, 0])
    for j in range(1, columns):
        going_down = j < columns // 2
        for i in range(rows) if going_down else reversed(range(rows)):
            grid[i, j] = res(i, j, grid[i, j - 1])
            if going_down and i > 0:
                grid[i, j] = grid[i, j] + vertical(i - 1, j, grid[i - 1, j])
            if not going_down and i < rows - 1:
                grid[i, j] = grid[i, j] + vertical(i, j, grid[i + 1, j])
    last = network.head.layers
    x = norm(last[1], F.conv2d(grid[0, columns - 1], last[0].weight, padding=1)).clamp(min=0)
    return norm(last[4], F.conv2d(x, last[3].weight, padding=1))


def test_it_is_the_grid_written_by_hand():
    torch.manual_seed(0)
    network = GridNet(num_classes=5, rows=(3, 4, 5), columns=4).double()
    for module in of_kind(network, nn.BatchNorm2d):
        nn.init.uniform_(module.weight, 0.5, 1.5)
        nn.init.normal_(module.bias)
        module.running_mean.normal_()
        module.running_var.uniform_(0.5, 2)
    network.eval()
    x = torch.rand(2, 1, 8, 12, dtype=torch.float64)
    torch.testing.assert_close(network(x), by_hand(network, x))


def test_blocks_are_dropped_in_training_only():
    torch.manual_seed(0)
    network = GridNet(num_classes=5, rows=(4, 8), drop_rate=0.5).eval()
    x = torch.rand(1, 1, 16, 16)
    assert network(x).equal(network(x))
    block, wide = ResidualGridBlock(4, 0.3), torch.rand(1, 4, 6, 6)
    dropped = sum(block(wide).equal(wide) for _ in range(2000))
    assert 520 < dropped < 680  # 600, four deviations of 20
    never = copy.deepcopy(block)
    never.drop_rate = 0.0
    assert not any(never(wide).equal(wide) for _ in range(20))
    block.drop_rate = 1 - 1e-9
    block(wide).sum().backward()
    assert all(parameter.grad is not None and not parameter.grad.any() for parameter in block.parameters())


@pytest.mark.parametrize('size', [(8, 16), (1, 3), (13, 9)])
def test_any_size(size: tuple[int, int]):
    network = GridNet(num_classes=5, rows=(4, 8, 8)).eval()
    assert network(torch.rand(1, 1, *size)).shape == (1, 5, *size)
    features = GridNet(num_classes=None, rows=(4, 8, 8)).eval()(torch.rand(1, 1, *size))
    assert isinstance(features, tuple) and [tuple(f.shape) for f in features] == [(1, 4, *size)]


def test_what_it_refuses():
    for wrong in (dict(columns=5), dict(columns=0), dict(rows=()), dict(drop_rate=1.0)):
        with pytest.raises(ValueError, match='GridNet: columns is even'):
            GridNet(**wrong)
