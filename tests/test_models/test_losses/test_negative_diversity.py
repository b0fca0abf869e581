"""Diversity of generated negatives, by hand."""

import numpy as np
import pytest
import torch

from nightgen.models.losses import NegativeDiversityLoss


def test_it_is_minus_the_distance_of_the_halves():
    layers = [torch.randn(2, 6, width, generator=torch.Generator().manual_seed(width)) for width in (3, 5)]
    expected = -np.mean([np.abs(part.numpy()[:, :3] - part.numpy()[:, 3:]).mean() for part in layers])
    assert NegativeDiversityLoss()(negative=layers).item() == pytest.approx(expected, rel=1e-6)
    assert NegativeDiversityLoss()(negative=torch.ones(1, 4, 2)) == 0
    with pytest.raises(ValueError, match=r'even P are needed, got \[\(1, 3, 2\)\]'):
        NegativeDiversityLoss()(torch.ones(1, 3, 2))
