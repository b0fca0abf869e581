"""Scale robustness: smooth L1 by hand, SSIM from its own test, and a reference that is constant."""

import pytest
import torch

from nightgen.models.losses import ScaleRobustnessLoss, scale_robustness, ssim


def images():
    return torch.rand(2, 3, 6, 7, dtype=torch.float64) * 2 - 1, torch.rand(2, 3, 6, 7, dtype=torch.float64) * 2 - 1


def test_it_is_ten_smooth_l1_and_one_ssim():
    scaled, reference = images()
    difference = (scaled - reference).abs().numpy()
    distance = sum(0.5 * d ** 2 if d < 1 else d - 0.5 for d in difference.ravel()) / difference.size
    for weight, window in ((10.0, 3), (2.0, 5)):
        expected = weight * distance + ssim(scaled, reference, window).item()
        made = ScaleRobustnessLoss(weight, window)(scaled=scaled, reference=reference)
        assert made.item() == pytest.approx(expected, rel=1e-12)
    assert ScaleRobustnessLoss()(scaled, reference).item() == scale_robustness(scaled, reference, 10.0, 3).item()


def test_equal_images_and_gradients():
    scaled, reference = (image[:1, :, :4, :4].requires_grad_() for image in images())
    assert scale_robustness(scaled, scaled).item() == pytest.approx(0, abs=1e-12)
    assert torch.autograd.gradcheck(lambda x: scale_robustness(x, reference.detach()), scaled)
    scale_robustness(scaled, reference).backward()
    assert reference.grad is None and scaled.grad.abs().sum() > 0


def test_other_sizes_are_refused():
    with pytest.raises(ValueError, match='differ in shape'):
        scale_robustness(torch.zeros(1, 3, 8, 8), torch.zeros(1, 3, 4, 4))
