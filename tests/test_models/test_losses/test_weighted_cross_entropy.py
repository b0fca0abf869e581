"""Weighted cross-entropy against torch's own and by hand."""

import pytest
import torch
import torch.nn.functional as F

from nightgen.models.losses import WeightedCrossEntropyLoss


def test_it_is_torchs_weighted_mean_over_the_labelled_pixels():
    logits = torch.randn(2, 3, 4, 5, requires_grad=True)
    label = torch.randint(0, 3, (2, 4, 5))
    label[0, :2] = 255
    weight = [1.0, 2.0, 0.5]
    loss = WeightedCrossEntropyLoss(weight)(logits, label, ignore_index=255)
    torch.testing.assert_close(loss, F.cross_entropy(logits, label, torch.tensor(weight), ignore_index=255))
    loss.backward()
    assert logits.grad[0, :, :2].abs().sum() == 0
    plain = WeightedCrossEntropyLoss(loss_weight=2.0)(logits, label)
    torch.testing.assert_close(plain, 2 * F.cross_entropy(logits, label, ignore_index=255))


def test_pixel_weights_and_nothing_to_count():
    logits, label = torch.randn(1, 2, 1, 2), torch.tensor([[[0, 1]]])
    loss = WeightedCrossEntropyLoss()(logits, label, weight=torch.tensor([[[0.0, 3.0]]]))
    torch.testing.assert_close(loss, -logits.log_softmax(1)[0, 1, 0, 1])
    assert WeightedCrossEntropyLoss([1.0, 1.0])(logits, torch.full_like(label, 255)) == 0


def test_a_stride_looks_at_fewer_pixels():
    logits, label = torch.randn(2, 3, 6, 8), torch.randint(0, 3, (2, 6, 8))
    loss = WeightedCrossEntropyLoss(stride=2)(logits, label)
    torch.testing.assert_close(loss, F.cross_entropy(logits[..., 1::2, 1::2], label[..., 1::2, 1::2]))
    with pytest.raises(ValueError, match='at least 1, got 0'):
        WeightedCrossEntropyLoss(stride=0)
