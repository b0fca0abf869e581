"""The patch sampler: declared parameters, places, projection."""

import pytest
import torch
from torch import nn

from nightgen.models.task_modules import PatchSampler
from nightgen.registry import MODELS


def maps(seed=0):
    generator = torch.Generator().manual_seed(seed)
    return [torch.randn(2, channels, side, side + 1, generator=generator, dtype=torch.float64)
            for channels, side in ((3, 6), (8, 3))]


def test_parameters_exist_from_the_beginning():
    """CUT's projection: two linear layers of 256 for 3, 128, 256, 256 and 256 channels."""
    sampler = MODELS.build(dict(type='PatchSampler', in_channels=[3, 128, 256, 256, 256]))
    expected = sum(channels * 256 + 256 + 256 * 256 + 256 for channels in (3, 128, 256, 256, 256))
    assert sum(parameter.numel() for parameter in sampler.parameters()) == expected == 560_384


def test_places_are_different_random_and_follow_the_seed():
    sampler = PatchSampler([3, 8], num_patches=20)
    torch.manual_seed(5)
    places = sampler.draw(maps())
    assert [tuple(part.shape) for part in places] == [(2, 20), (2, 12)]  # the second map has 12 places only
    for part, count in zip(places, (42, 12), strict=True):
        assert all(len(set(row.tolist())) == len(row) and 0 <= row.min() and row.max() < count for row in part)
    assert not torch.equal(places[0][0], places[0][1])
    torch.manual_seed(5)
    assert all(torch.equal(a, b) for a, b in zip(places, sampler.draw(maps()), strict=True))
    assert not torch.equal(places[0], sampler.draw(maps())[0])


def test_every_place_is_drawn_equally_often():
    torch.manual_seed(0)
    sampler = PatchSampler([1], num_patches=3)
    counts = torch.zeros(12)
    for _ in range(4000):
        counts[sampler.draw([torch.zeros(1, 1, 3, 4)])[0][0]] += 1
    assert counts.sum() == 12000 and (counts - 1000).abs().max() < 120  # 4 standard deviations


@pytest.mark.parametrize('width', [None, 5])
def test_patches_are_those_of_the_places_projected_and_normalised(width):
    sampler = PatchSampler([3, 8], width=width, num_patches=7).double()
    features = maps()
    places = sampler.draw(features)
    for index, (result, part, at) in enumerate(zip(sampler(features, places), features, places, strict=True)):
        assert result.shape == (2, 7, width or part.shape[1])
        for n in range(2):
            for p in range(7):
                row, column = divmod(int(at[n, p]), part.shape[-1])
                patch = part[n, :, row, column]
                if width:
                    first, _, last = sampler.networks[index]
                    patch = last.weight @ (first.weight @ patch + first.bias).clamp(min=0) + last.bias
                want = patch / (patch.square().sum().sqrt() + 1e-7)
                torch.testing.assert_close(result[n, p], want, rtol=0, atol=1e-14)


def test_gradients_also_where_a_patch_is_zero():
    sampler = PatchSampler([3], width=None, num_patches=4).double()
    features = torch.randn(1, 3, 2, 3, dtype=torch.float64, requires_grad=True)
    places = sampler.draw([features])
    assert torch.autograd.gradcheck(lambda x: sampler([x], places)[0], (features,))
    zero = torch.zeros(1, 3, 2, 2, requires_grad=True)
    PatchSampler([3], width=None)([zero], sampler.draw([zero]))[0].sum().backward()
    assert zero.grad.isfinite().all()


def test_initialisation():
    init = dict(type='Xavier', distribution='normal', gain=0.02, layer=['Linear'])
    sampler = PatchSampler([200], width=300, init_cfg=init)
    sampler.init_weights()
    first, _, last = sampler.networks[0]
    assert first.weight.std().item() == pytest.approx(0.02 * (2 / 500) ** 0.5, rel=0.05)
    assert last.weight.std().item() == pytest.approx(0.02 * (2 / 600) ** 0.5, rel=0.05)
    assert not first.bias.any() and not last.bias.any() and isinstance(first, nn.Linear)


def test_what_does_not_fit_is_named():
    sampler = PatchSampler([3, 8])
    features = [part.float() for part in maps()]
    with pytest.raises(ValueError, match=r'declared for feature maps of \(3, 8\) channels, got \(8, 3\)'):
        sampler(features[::-1], sampler.draw(features[::-1]))
    with pytest.raises(ValueError, match='places of 1 maps'):
        sampler(features, sampler.draw(features)[:1])
    for arguments in (dict(in_channels=[]), dict(in_channels=[3], num_patches=0)):
        with pytest.raises(ValueError, match='num_patches of 1 or more'):
            PatchSampler(**arguments)
