"""Blur pooling against the filters written out."""

import pytest
import torch
import torch.nn.functional as F

from nightgen.models.layers import BlurDownsample, BlurUpsample


@pytest.mark.parametrize('size', [(8, 6), (7, 9), (2, 3)])
def test_downsampling_is_a_strided_binomial_filter(size):
    x = torch.randn(2, 3, *size, dtype=torch.float64)
    row = torch.tensor([1.0, 2, 1], dtype=torch.float64) / 4
    kernel = torch.outer(row, row).repeat(3, 1, 1, 1)
    want = F.conv2d(F.pad(x, (1, 1, 1, 1), mode='reflect'), kernel, stride=2, groups=3)
    torch.testing.assert_close(BlurDownsample()(x), want, rtol=0, atol=1e-14)


@pytest.mark.parametrize('size', [(4, 6), (5, 3), (1, 2)])
def test_upsampling_is_a_transposed_binomial_filter(size):
    x = torch.randn(2, 3, *size, dtype=torch.float64)
    row = torch.tensor([1.0, 3, 3, 1], dtype=torch.float64) / 4
    kernel = torch.outer(row, row).repeat(3, 1, 1, 1)
    want = F.conv_transpose2d(F.pad(x, (1, 1, 1, 1), mode='replicate'), kernel, stride=2, padding=3, groups=3)
    assert want.shape[-2:] == (2 * size[0], 2 * size[1])
    torch.testing.assert_close(BlurUpsample()(x), want, rtol=0, atol=1e-14)


def test_they_have_nothing_to_learn_or_store():
    assert not BlurDownsample().state_dict() and not BlurUpsample().state_dict()
