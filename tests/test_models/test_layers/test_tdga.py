"""PearlGAN's attention block against a transcription of its definition, step by step with named scales."""

import pytest
import torch
import torch.nn.functional as F

from nightgen.models.layers import TDGABlock


def transcription(block, x):
    """specs/morngan 1.7, written out."""
    size = x.shape[-2:]
    features = F.prelu(F.instance_norm(F.conv2d(x, block.mix[0].weight, block.mix[0].bias)), block.mix[2].weight)
    quarter = x.shape[1] // 4
    g0, g1, g2, g3 = (features[:, index * quarter:(index + 1) * quarter] for index in range(4))
    p0, p1, p2, p3 = (F.avg_pool2d(g, kernel_size=3, stride=stride)
                      for g, stride in ((g0, 2), (g1, 4), (g2, 8), (g3, 16)))

    def attention(number, pooled):
        conv = block.maps[number - 1][0]
        padded = F.pad(pooled, (1, 1, 1, 1), mode='reflect')
        return torch.sigmoid(F.instance_norm(F.conv2d(padded, conv.weight, conv.bias)))

    def up(a, size):
        return F.interpolate(a, size=size, mode='bilinear', align_corners=False)

    a1 = attention(1, p3)
    a2 = attention(2, p2 * (1 + up(a1, p2.shape[-2:])))
    a3 = attention(3, p1 * (1 + up(a2, p1.shape[-2:])))
    a4 = attention(4, p0 * (1 + up(a3, p0.shape[-2:])))
    a1, a2, a3, a4 = (up(a, size) for a in (a1, a2, a3, a4))
    return torch.cat([g0 * a4, g1 * a3, g2 * a2, g3 * a1], dim=1) + x, [a1, a2, a3, a4]


@pytest.mark.parametrize('size', [(64, 64), (40, 52)])
def test_against_a_transcription(size):
    block = TDGABlock(8).double()
    x = torch.randn(2, 8, *size, dtype=torch.float64)
    out, maps = block(x)
    expected, expected_maps = transcription(block, x)
    torch.testing.assert_close(out, expected)
    assert [tuple(a.shape) for a in maps] == [(2, 1, *size)] * 4
    for ours, theirs in zip(maps, expected_maps, strict=True):
        torch.testing.assert_close(ours, theirs)


def test_parameter_count():
    assert sum(parameter.numel() for parameter in TDGABlock(256).parameters()) == 68_101


def test_sizes():
    block = TDGABlock(4)
    for size in ((16, 24), (19, 3), (35, 35)):  # the first two leave a single row or column to reflect
        out, maps = block(torch.randn(1, 4, *size))
        assert out.shape[-2:] == size and all(0 < a.min() and a.max() < 1 for a in maps)
    for size in ((18, 18), (2, 40)):
        with pytest.raises(ValueError, match=f'{size[0]}x{size[1]} are too small'):
            block(torch.randn(1, 4, *size))
    with pytest.raises(ValueError, match='4 must divide the channels, got 6'):
        TDGABlock(6)
