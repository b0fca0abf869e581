"""Projections of feature maps: their size, and the same ones for every image."""

import torch

from nightgen.models.task_modules import MapProjection


def test_parameters_and_channels():
    module = MapProjection((256, 512))
    assert sum(p.numel() for p in module.parameters()) == (256 * 64 + 64 + 64 * 64 + 64) + (
        512 * 128 + 128 + 128 * 128 + 128) == 102_784
    narrow = MapProjection((24, 200))
    maps = [torch.rand(1, 24, 5, 4), torch.rand(1, 200, 2, 3)]
    first, second = narrow(fake=maps, source=[2 * part for part in maps])
    assert [part.shape for part in first] == [(1, 32, 5, 4), (1, 50, 2, 3)]
    assert all(a.equal(network(part)) for a, network, part in zip(first, narrow.networks, maps, strict=True))
    assert not any(a.equal(b) for a, b in zip(first, second, strict=True))
