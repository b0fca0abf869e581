"""MornGAN's segmentation network: parameters, the layers of the spec written out, and two readings of one pass."""

import pytest
import torch
import torch.nn.functional as F
from torch import nn

from nightgen.models.backbones import CoordinateResNet, Segmentor
from nightgen.models.backbones.segmentor import add_coordinates
from nightgen.registry import MODELS

SMALL = dict(backbone=dict(type='CoordinateResNet', base=4, num_blocks=2),
             head=dict(type='ASPPHead', in_channels=4, base=4, num_classes=5))


def count(module):
    return sum(parameter.numel() for parameter in module.parameters())


def test_parameter_counts():
    network = Segmentor()
    assert count(network) == 5_963_874
    assert count(network.backbone) == 5_758_281 and count(network.head) == 205_593


def test_coordinates_by_hand():
    x = torch.rand(2, 1, 2, 3)
    made = add_coordinates(x)
    assert made[:, :1].equal(x)
    assert made[1, 1].tolist() == [[-1, 0, 1], [-1, 0, 1]]
    assert made[0, 2].tolist() == [[-1, -1, -1], [1, 1, 1]]


def block(width):
    return nn.Sequential(nn.Conv2d(width, width, 3, padding=1, bias=False), nn.InstanceNorm2d(width), nn.PReLU(),
                         nn.Conv2d(width, width, 3, padding=1, bias=False), nn.InstanceNorm2d(width))


def test_trunk_written_out():
    """The table of the spec with its paddings; weights are copied over in order."""
    torch.manual_seed(0)
    trunk = CoordinateResNet(base=4, num_blocks=2).eval()
    down = nn.Sequential(
        nn.ReflectionPad2d(3), nn.Conv2d(5, 4, 7, bias=False), nn.InstanceNorm2d(4), nn.PReLU(),
        nn.Conv2d(4, 8, 3, 2, 1, bias=False), nn.InstanceNorm2d(8), nn.PReLU(),
        nn.Conv2d(8, 16, 3, 2, 1, bias=False), nn.InstanceNorm2d(16), nn.PReLU())
    blocks = nn.ModuleList([block(16), block(16)])
    up = nn.Sequential(
        nn.ConvTranspose2d(16, 8, 4, 2, 1, bias=False), nn.InstanceNorm2d(8), nn.PReLU(),
        nn.ConvTranspose2d(8, 4, 4, 2, 1, bias=False), nn.InstanceNorm2d(4), nn.PReLU())
    written = nn.ModuleList([down, blocks, up])
    for theirs, ours in zip(written.parameters(), trunk.parameters(), strict=True):
        theirs.data.copy_(ours)
    x = torch.rand(2, 3, 16, 24) * 2 - 1
    rows, columns = torch.meshgrid(torch.linspace(-1, 1, 16), torch.linspace(-1, 1, 24), indexing='ij')
    y = down(torch.cat([x, columns.expand(2, 1, 16, 24), rows.expand(2, 1, 16, 24)], 1))
    for one in blocks:
        y = y + one(y)
    torch.testing.assert_close(trunk(x), up(y), rtol=1e-5, atol=1e-5)
    assert trunk(torch.rand(1, 3, 14, 17)).shape == (1, 4, 14, 17)


def test_initial_weights():
    network = Segmentor()
    network.init_weights()
    for part in (network.backbone.layers[0], network.head.branches[1][0], network.head.classifier):
        assert part.weight.std().item() == pytest.approx(0.02, rel=0.05)
    assert (network.head.classifier.bias == 0).all()


@pytest.mark.parametrize('size', [(16, 16), (20, 32)])
def test_one_pass_equals_two(size):
    """Not nearly: the dropout stands before the last layer, so that the difference is exactly 0."""
    torch.manual_seed(0)
    network = MODELS.build(dict(type='Segmentor', **SMALL)).train()
    x = torch.rand(2, 3, *size, requires_grad=True)
    without = network.eval()(x)
    torch.manual_seed(1)
    dropped = network.train()(x)
    torch.manual_seed(1)
    label, loss = network.two_readings(x)
    assert label.equal(without) and loss.equal(dropped) and not label.equal(loss)
    ours, = torch.autograd.grad(loss.square().sum(), x)
    torch.manual_seed(1)
    theirs, = torch.autograd.grad(network(x).square().sum(), x)
    assert ours.equal(theirs)
    first, second = network.eval().two_readings(x)
    assert first is second and first.equal(without)


def test_the_trunk_runs_once(monkeypatch):
    network = MODELS.build(dict(type='Segmentor', **SMALL)).train()
    passes = []
    network.backbone.register_forward_hook(lambda *_: passes.append(1))
    network.two_readings(torch.rand(1, 3, 16, 16))
    assert len(passes) == 1


def test_legacy_dropout_reads_once():
    network = MODELS.build(dict(type='Segmentor', legacy_dropout=True, **SMALL)).train()
    x = torch.rand(1, 3, 16, 16)
    torch.manual_seed(1)
    dropped = network(x)
    torch.manual_seed(1)
    label, loss = network.two_readings(x)
    assert label is loss and label.equal(dropped) and not label.equal(network.eval()(x))


def test_widths_must_fit():
    with pytest.raises(ValueError, match='makes 4 channels and the head reads 64'):
        Segmentor(backbone=SMALL['backbone'])


def test_the_dropout_keeps_the_mean():
    """Half of the features, each counted twice: over many draws the reading without dropout."""
    torch.manual_seed(0)
    head = MODELS.build(dict(type='ASPPHead', in_channels=4, base=4, num_classes=2))
    features = torch.rand(1, 16, 2, 2)
    mean = torch.stack([head.classify(features, dropout=True) for _ in range(4000)]).mean(dim=0)
    expected = F.conv2d(features, head.classifier.weight, head.classifier.bias)
    torch.testing.assert_close(mean, expected, atol=0.03, rtol=0)
