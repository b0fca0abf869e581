"""Zhang's networks: parameter counts, what each pixel sees, colours of distributions."""

import pytest
import torch
from torch import nn

from nightgen.functional import colour_bins
from nightgen.models.backbones import ColorBinsNet, DilatedUNet


def parameters(network):
    return sum(parameter.numel() for parameter in network.parameters())


def convolution(before, after, side=3, bias=True):
    return before * after * side ** 2 + after * bias


def blocks_1_to_7(channels):
    """By the table of both papers: two, two and then three convolutions each, with a batch norm."""
    widths = [(channels, 64, 2), (64, 128, 2), (128, 256, 3), (256, 512, 3), *[(512, 512, 3)] * 3]
    return sum(convolution(before, after) + (number - 1) * convolution(after, after) + 2 * after
               for before, after, number in widths)


def test_counts():
    up = convolution(512, 256, 4)
    assert parameters(ColorBinsNet()) == 32_235_385
    assert blocks_1_to_7(1) + up + 2 * convolution(256, 256) + convolution(256, 313, 1) == 32_235_385
    assert parameters(DilatedUNet()) == 34_049_346
    # With the three channels of hints and the 529 classes of the interface the released network has 34,187,027.
    assert parameters(DilatedUNet(in_channels=4)) + convolution(256, 529, 1) == 34_187_027


def test_the_layers_are_the_papers():
    network = ColorBinsNet(base=4)
    assert [sum(isinstance(layer, nn.Conv2d) for layer in block) for block in network.blocks] == [2, 2, 3, 3, 3, 3, 3]
    strides = [[layer.stride[0] for layer in block if isinstance(layer, nn.Conv2d)] for block in network.blocks]
    assert strides == [[1, 2], [1, 2], [1, 1, 2], *[[1, 1, 1]] * 4]
    dilations = [{layer.dilation[0] for layer in block if isinstance(layer, nn.Conv2d)} for block in network.blocks]
    assert dilations == [{1}] * 4 + [{2}, {2}, {1}]
    assert [layer.stride for layer in DilatedUNet(base=4).modules() if isinstance(layer, nn.ConvTranspose2d)] == \
        [(2, 2)] * 3


@pytest.mark.parametrize('size', [(32, 48), (30, 41)])
def test_sizes(size):
    torch.manual_seed(0)
    grey = torch.rand(2, 1, *size) * 2 - 1
    bins, regression = ColorBinsNet(base=4).eval(), DilatedUNet(base=4).eval()
    with torch.no_grad():
        assert bins.logits(grey).shape == (2, 313, -(-size[0] // 4), -(-size[1] // 4))
        for network in (bins, regression):
            chroma = network(grey)
            assert chroma.shape == (2, 2, *size) and chroma.abs().max() <= 1


def test_a_distribution_becomes_its_colour():
    network = ColorBinsNet(base=4, temperature=0.5)
    logits = torch.full((1, 313, 4, 6), -30.0)
    red, blue = (int(abs(colour_bins() - point).sum(1).argmin()) for point in ([80, 70], [80, -100]))
    logits[:, red], logits[:, blue, :, 3:] = 0, 0
    chroma = network.decode(logits, 16, 23) * 110
    assert chroma.shape == (1, 2, 16, 23)
    torch.testing.assert_close(chroma[0, :, 5, 2], torch.tensor([80.0, 70.0]))
    torch.testing.assert_close(chroma[0, :, 5, 20], torch.tensor([80.0, -15.0]))  # the mean of both
    for options in (dict(temperature=0), dict(ab_scale=0)):
        with pytest.raises(ValueError, match='temperature and ab_scale are positive'):
            ColorBinsNet(base=4, **options)


def test_every_second_pixel_of_a_block_goes_on():
    """DilatedUNet's context comes from even rows and columns; odd ones act through the skip of their size alone."""
    network = DilatedUNet(base=4).eval()
    seen = []
    network.down[1].register_forward_pre_hook(lambda module, args: seen.append(args[0]))
    first = []
    network.down[0].register_forward_hook(lambda module, args, out: first.append(out))
    with torch.no_grad():
        network(torch.rand(1, 1, 16, 16))
    assert seen[0].equal(first[0][..., ::2, ::2])
