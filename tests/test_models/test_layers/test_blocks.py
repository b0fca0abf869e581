"""The small shared layers."""

import pytest
import torch

from nightgen.models.layers import ResidualBlock, build_activation, build_norm, pad_to_multiple


def test_residual_block_is_its_formula():
    block = ResidualBlock(4)
    x = torch.randn(2, 4, 5, 7)
    want = x + block.conv2(torch.nn.functional.leaky_relu(block.conv1(x), 0.01))
    torch.testing.assert_close(block(x), want)


def test_residual_stream_keeps_its_precision_under_autocast():
    block = ResidualBlock(4)
    with torch.autocast('cpu', dtype=torch.bfloat16):
        assert block(torch.randn(1, 4, 5, 7)).dtype is torch.float32


def test_unknown_kinds_are_named():
    with pytest.raises(ValueError, match="unknown norm 'layer'"):
        build_norm('layer', 3)
    with pytest.raises(ValueError, match="unknown activation 'gelu'"):
        build_activation('gelu')


@pytest.mark.parametrize('size', [(8, 8), (5, 8), (9, 15)])
def test_pad_to_multiple(size):
    x = torch.rand(1, 3, *size)
    padded = pad_to_multiple(x, 4)
    assert all(side % 4 == 0 and side - original < 4 for side, original in zip(padded.shape[-2:], size, strict=True))
    assert torch.equal(padded[..., :size[0], :size[1]], x)
    assert torch.equal(padded[..., -1, :size[1]], x[..., -1, :])
    assert pad_to_multiple(x, 4, least=3).shape[-2:] == tuple(max(12, -(-side // 4) * 4) for side in size)
