"""Background regression against a loop over places, and its masks where they are empty or full."""

import numpy as np
import pytest
import torch

from nightgen.models.losses import BackgroundRegressionLoss, background_regression


def layers(seed):
    generator = torch.Generator().manual_seed(seed)
    return [torch.randn(2, channels, side, side + 1, generator=generator, dtype=torch.float64)
            for channels, side in ((5, 4), (7, 2))]


def by_hand(fake, reference, reduction, threshold=0.5):
    total = 0.0
    for made, wanted in zip(fake, reference, strict=True):
        differences, places = 0.0, 0
        for n, row, column in np.ndindex(made.shape[0], *made.shape[2:]):
            one, other = made[n, :, row, column].numpy(), wanted[n, :, row, column].numpy()
            if np.corrcoef(one, other)[0, 1] > threshold:
                differences, places = differences + np.abs(one - other).sum(), places + 1
        total += differences / (made.numel() if reduction == 'mean' else places * made.shape[1])
    return total


@pytest.mark.parametrize('reduction', ['mean', 'masked_mean'])
def test_it_is_the_sum_over_background_places(reduction):
    fake, reference = layers(0), [a + 0.8 * b for a, b in zip(layers(0), layers(1), strict=True)]
    found = BackgroundRegressionLoss(reduction=reduction)(fake=fake, reference=reference)
    assert found.item() == pytest.approx(by_hand(fake, reference, reduction), rel=1e-9)
    assert background_regression(fake, reference, reduction, threshold=-1.0).item() == pytest.approx(
        background_regression(fake, reference, masked=False).item(), rel=1e-9)
    assert background_regression(fake, reference, masked=False).item() == pytest.approx(
        sum((a - b).abs().mean().item() for a, b in zip(fake, reference, strict=True)))


@pytest.mark.parametrize('reduction', ['mean', 'masked_mean'])
def test_without_background_it_is_0_and_of_the_same_image_too(reduction):
    fake = [part.requires_grad_() for part in layers(0)]
    nothing = background_regression(fake, [-part.detach() for part in fake], reduction)
    assert nothing == 0
    nothing.backward()
    assert all(part.grad.isfinite().all() and not part.grad.any() for part in fake)
    assert background_regression(fake, [part.detach() for part in fake], reduction) == 0


def test_each_layer_may_have_its_threshold():
    fake, reference = layers(0), [a + 0.8 * b for a, b in zip(layers(0), layers(1), strict=True)]
    found = background_regression(fake, reference, threshold=(0.9, 0.2)).item()
    assert found == pytest.approx(by_hand(fake[:1], reference[:1], 'mean', 0.9)
                                  + by_hand(fake[1:], reference[1:], 'mean', 0.2), rel=1e-9)
    assert found != pytest.approx(by_hand(fake, reference, 'mean', 0.5))
    with pytest.raises(ValueError, match='3 thresholds .* for 2 layers of features'):
        background_regression(fake, reference, threshold=(0.1, 0.2, 0.3))
    with pytest.raises(ValueError, match='threshold is a similarity'):
        BackgroundRegressionLoss(threshold=(0.5, 1.0))


def test_gradients():
    fake = [part.requires_grad_() for part in layers(0)]
    reference = [(a.detach() + 0.5 * b).requires_grad_() for a, b in zip(fake, layers(1), strict=True)]
    background_regression(fake, reference).backward()
    assert all(part.grad is None for part in reference)
    assert torch.autograd.gradcheck(lambda a, b: background_regression([a, b], reference), fake)
    assert torch.autograd.gradcheck(  # through a soft mask
        lambda a, b: background_regression([a, b], reference, 'masked_mean', hard=False, detach_mask=False), fake)
    soft, constant = (torch.autograd.grad(background_regression(fake, reference, hard=False, detach_mask=detach),
                                          fake)[0] for detach in (False, True))
    assert not torch.allclose(soft, constant)


def test_wrong_calls_are_told():
    with pytest.raises(ValueError, match="reduction must be one of .* got 'sum'"):
        BackgroundRegressionLoss(reduction='sum')
    with pytest.raises(ValueError, match='threshold is a similarity'):
        BackgroundRegressionLoss(threshold=1.5)
    with pytest.raises(ValueError, match=r'same shapes.*fake \[\(2, 5, 4, 5\)'):
        background_regression(layers(0), layers(0)[:1])
