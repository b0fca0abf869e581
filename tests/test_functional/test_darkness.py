"""What a translation keeps of its colour where the night is black, in numpy and by hand."""

import numpy as np
import pytest
import torch

from nightgen.functional import mute_dark
from nightgen.models.backbones import N2DLPNet


def test_by_hand():
    """Black keeps the share, half the threshold half of the rest too, light all; the mean of the three stays."""
    source = torch.tensor([-1.0, -0.9, 1.0]).expand(1, 3, 1, 3)
    image = torch.tensor([0.6, 0.0, 0.0])[None, :, None, None].expand(1, 3, 1, 3)
    got = mute_dark(image, source, share=0.4)
    for pixel, kept in enumerate((0.4, 0.7, 1.0)):
        assert torch.allclose(got[0, :, 0, pixel], 0.2 + kept * torch.tensor([0.4, -0.2, -0.2]), atol=1e-6)


@pytest.mark.parametrize('share', [0.0, 0.6, 1.0])
def test_against_numpy(share: float):
    rng = np.random.default_rng(0)
    image, source = rng.uniform(-1, 1, (2, 3, 5, 7)), rng.uniform(-1, -0.7, (2, 3, 5, 7))
    weight = np.clip(1 - (source.max(axis=1, keepdims=True) + 1) / 2 / 0.1, 0, 1)
    colour = image - image.mean(axis=1, keepdims=True)
    got = mute_dark(torch.from_numpy(image), torch.from_numpy(source), share)
    assert 0 < weight.mean() < 1 and np.allclose(got.numpy(), image - (1 - share) * weight * colour, atol=1e-6)


def test_a_network_mutes_in_evaluation_alone():
    torch.manual_seed(0)
    options = dict(base=8, stem=4, n_low=1, n_guide=1, level_hidden=8, num_levels=1)
    plain, muted = N2DLPNet(**options), N2DLPNet(**options, dark_colour=0.5)
    muted.load_state_dict(plain.state_dict())
    night = torch.rand(1, 3, 16, 24) * 0.3 - 1
    with torch.no_grad():
        assert torch.equal(muted(night), plain(night))
        got, wanted = muted.eval()(night), mute_dark(plain.eval()(night), night, 0.5)
    assert torch.allclose(got, wanted, atol=1e-6) and not torch.allclose(got, plain(night), atol=1e-3)


@pytest.mark.parametrize('share', [-0.1, 1.5])
def test_a_share_beyond_0_and_1(share: float):
    with pytest.raises(ValueError, match=r'dark_colour is a share in \[0, 1\], got'):
        N2DLPNet(dark_colour=share)
