"""The boundary loss against a loop in float64 and by hand."""

import math
from types import SimpleNamespace

import pytest
import torch
import torch.nn.functional as F

from nightgen.models.losses import SemanticBoundaryLoss, semantic_boundary
from nightgen.models.losses.semantic_boundary import _less_neighbourhood


def borders(plane):
    """|x - mean over 3x3|, zeros around, of nested lists."""
    height, width = len(plane), len(plane[0])
    return [abs(plane[y][x] - sum(plane[j][i] for j in range(max(y - 1, 0), min(y + 2, height))
                                  for i in range(max(x - 1, 0), min(x + 2, width))) / 9)
            for y in range(height) for x in range(width)]


def by_loop(logits, label):
    classes, height, width = logits.shape
    wrong = total = 0.0
    for c in range(classes):
        probability = [[math.exp(logits[c, y, x]) / sum(math.exp(logits[k, y, x]) for k in range(classes))
                        for x in range(width)] for y in range(height)]
        truth = [[float(label[y, x] == c) for x in range(width)] for y in range(height)]
        for wanted, found in zip(borders(truth), borders(probability), strict=True):
            wrong, total = wrong + abs(wanted - found), total + wanted
    return wrong / total


def test_against_a_loop():
    logits, label = torch.randn(2, 3, 5, 4, dtype=torch.float64), torch.randint(0, 3, (2, 5, 4))
    label[:, :2, 1] = 255
    expected = sum(by_loop(logits[n], label[n]) for n in range(2)) / 2
    assert SemanticBoundaryLoss()(logits=logits, label=label).item() == pytest.approx(expected, rel=1e-9)


def by_pooling(logits, label):
    """As it was written before, with the pooling of torch."""
    probability = logits.softmax(dim=1)
    truth = (label[:, None] == torch.arange(logits.shape[1])[:, None, None]).to(probability)
    wanted, found = ((x - F.avg_pool2d(x, 3, stride=1, padding=1)).abs().flatten(1) for x in (truth, probability))
    return ((wanted - found).abs().sum(dim=1) / wanted.sum(dim=1)).mean()


@pytest.mark.parametrize(('size', 'dtype', 'tolerance'), [
    ((9, 14), torch.float64, 1e-12), ((33, 20), torch.float32, 1e-6), ((1, 1), torch.float64, 1e-12),
    ((1, 5), torch.float64, 1e-12), ((2, 2), torch.float64, 1e-12)])
def test_against_torchs_pooling(size, dtype, tolerance):
    torch.manual_seed(0)
    logits, label = torch.randn(2, 19, *size, dtype=dtype), torch.randint(0, 19, (2, *size))
    values, gradients = [], []
    for function in (semantic_boundary, by_pooling):
        x = logits.clone().requires_grad_()
        values.append(function(x, label))
        gradients.append(torch.autograd.grad(values[-1], x)[0])
    torch.testing.assert_close(*values, rtol=tolerance, atol=0)
    torch.testing.assert_close(*gradients, rtol=0, atol=tolerance)


def test_whole_tensors_as_on_a_gpu_and_channels_last(monkeypatch):
    torch.manual_seed(0)
    logits, label = torch.randn(2, 5, 9, 14), torch.randint(0, 5, (2, 9, 14))
    expected = semantic_boundary(logits, label)
    assert semantic_boundary(logits.contiguous(memory_format=torch.channels_last), label).equal(expected)
    planes = torch.randn(2, 5, 9, 14)
    whole = planes.clone()
    _less_neighbourhood(planes)
    monkeypatch.setattr(torch.Tensor, 'device', SimpleNamespace(type='cuda'))
    _less_neighbourhood(whole)
    assert whole.equal(planes)


def test_certain_and_right_costs_nothing():
    label = torch.randint(0, 4, (1, 6, 7))
    logits = 1e3 * torch.nn.functional.one_hot(label, 4).permute(0, 3, 1, 2).double()
    assert semantic_boundary(logits, label).item() == pytest.approx(0, abs=1e-9)
    assert semantic_boundary(logits.flip(1), label).item() > 0.3


def test_a_single_pixel_by_hand():
    """One labelled pixel in 3x3, and even probabilities 1/2."""
    label = torch.full((1, 3, 3), 255)
    label[0, 1, 1] = 0
    # class 0: |1 - 1/9| at the centre, 1/9 at eight others; probability 1/2: 5/18 at corners, 1/6 at sides, 0 inside
    wanted = 8 / 9 + 8 / 9
    wrong = 8 / 9 + 4 * (5 / 18 - 1 / 9) + 4 * (1 / 6 - 1 / 9)  # class 0
    wrong += 4 * 5 / 18 + 4 / 6  # class 1, which no pixel has
    assert semantic_boundary(torch.zeros(1, 2, 3, 3), label).item() == pytest.approx(wrong / wanted, rel=1e-6)


def test_nothing_labelled_costs_nothing_also_in_a_batch():
    logits, label = torch.randn(2, 3, 4, 4, requires_grad=True), torch.full((2, 4, 4), 255)
    label[1, 1:3, 1:3] = 2
    value = semantic_boundary(logits, label)
    value.backward()
    assert value.item() == pytest.approx(by_loop(logits[1].detach().double(), label[1]) / 2, rel=1e-5)
    assert (logits.grad[0] == 0).all() and logits.grad.isfinite().all()


def test_gradient_and_bad_arguments():
    logits, label = torch.randn(1, 2, 3, 4, dtype=torch.float64, requires_grad=True), torch.randint(0, 2, (1, 3, 4))
    assert torch.autograd.gradcheck(lambda x: semantic_boundary(x, label), logits)
    with pytest.raises(ValueError, match='N,H,W'):
        semantic_boundary(logits, label[:, :2])
    with pytest.raises(TypeError, match='class numbers'):
        semantic_boundary(logits, label.double())
