"""nightgen.functional.ssim: the formula on a hand-worked case, for arrays and tensors."""

import numpy as np
import pytest
import torch

from nightgen.functional import gaussian_taps, ssim_map


def test_taps():
    assert gaussian_taps(3, 1.5) == pytest.approx(np.array([1, np.exp(1 / 4.5), 1]) / (2 + np.exp(1 / 4.5)), rel=1e-14)
    assert gaussian_taps(11, 1.5).sum() == pytest.approx(1, abs=1e-15)
    with pytest.raises(ValueError, match='odd'):
        gaussian_taps(4, 1.5)


def test_two_pixels_by_hand():
    """Local mean = mean of both: means .5 and .25, variances .25 and .0625, covariance .125; c1 = 1e-4, c2 = 9e-4."""
    expected = (2 * .5 * .25 + 1e-4) * (2 * .125 + 9e-4) / ((.25 + .0625 + 1e-4) * (.25 + .0625 + 9e-4))
    pred, target = [0.0, 1.0], [0.0, 0.5]
    assert ssim_map(np.array(pred), np.array(target), np.mean, 1.0) == pytest.approx(expected, rel=1e-14)
    found = ssim_map(torch.tensor(pred).double(), torch.tensor(target).double(), torch.mean, 1.0)
    assert found.item() == pytest.approx(expected, rel=1e-14)
