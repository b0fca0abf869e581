"""nightgen.functional.precision."""

import torch

from nightgen.functional import at_least_single, no_autocast


def test_no_autocast_reaches_in():
    x = torch.randn(4, 4)
    with torch.autocast('cpu', torch.bfloat16):
        assert (x @ x).dtype == torch.bfloat16
        with no_autocast(x):
            assert (x @ x).dtype == torch.float32


def test_sixteen_bits_become_single_and_nothing_else_changes():
    kinds = {torch.float16: torch.float32, torch.bfloat16: torch.float32, torch.float32: torch.float32,
             torch.float64: torch.float64}
    assert all(at_least_single(torch.ones(1, dtype=given)).dtype is made for given, made in kinds.items())
