"""Generated negatives: their number, their length, what they depend on."""

import pytest
import torch

from nightgen.models.task_modules import NegativeGenerator


def test_parameters_are_those_of_its_layers():
    assert sum(p.numel() for p in NegativeGenerator().parameters()) == 5 * (320 * 256 + 256 + 256 * 256 + 256)
    assert sum(p.numel() for p in NegativeGenerator(num_layers=1).parameters()) == 147_968


def test_negatives_are_the_network_of_the_mean_patch_and_noise():
    torch.manual_seed(0)
    module = NegativeGenerator(num_layers=2, width=6, noise=3, num_patches=8)
    patches = [torch.randn(2, 5, 6, requires_grad=True) for _ in range(2)]
    torch.manual_seed(1)
    first, second = module(key=patches, other=patches[::-1])
    torch.manual_seed(1)
    for network, part, made in zip(module.networks, patches, first, strict=True):
        noise = torch.randn(2, 8, 3)
        hidden = torch.cat([part.mean(1, keepdim=True).expand(2, 8, 6), noise], 2)
        expected = network(hidden)
        torch.testing.assert_close(made, expected / (expected.norm(dim=-1, keepdim=True) + 1e-7))
    assert [part.shape for part in second] == [(2, 8, 6)] * 2
    sum(part.sum() for part in first).backward()
    assert all(part.grad is None for part in patches) and module.networks[0][0].weight.grad.abs().sum() > 0
    with pytest.raises(ValueError, match='key has 1 layers, num_layers=2'):
        module(key=patches[:1])
