"""The temperature term against a loop in float64 and the hand-worked case of specs/morngan section 8."""

import pytest
import torch

from nightgen.models.losses import TemperatureLoss, temperature


def grey(values):
    """An image in [-1, 1] whose luma in [0, 1] has these values."""
    return (torch.tensor(values, dtype=torch.float64) * 2 - 1).expand(1, 3, *torch.tensor(values).shape).clone()


def test_by_hand():
    image, label = grey([[0.3, 0.5, 0.9], [0.2, 0.7, 0.0]]), torch.tensor([[[0, 0, 1], [11, 11, 255]]])
    assert TemperatureLoss()(image=image, label=label).item() == pytest.approx(0.2 / 0.4001, rel=1e-9)


def test_a_warm_person_and_missing_classes_cost_nothing():
    image = grey([[0.3, 0.5], [0.6, 0.7]])
    assert temperature(image, torch.tensor([[[0, 0], [11, 11]]])).item() == 0
    assert temperature(image, torch.tensor([[[0, 0], [1, 255]]])).item() == 0
    assert temperature(image - 2, torch.tensor([[[1, 1], [11, 11]]])).item() == 0  # no road, however cold
    # in a batch they count as images that cost nothing
    batch = torch.cat([grey([[0.4, 0.4], [0.2, 0.7]])] * 2)
    label = torch.tensor([[[0, 0], [11, 11]], [[0, 0], [2, 2]]])
    assert temperature(batch, label).item() == pytest.approx(0.2 / 0.4001 / 2)


def test_against_a_loop_and_gradient():
    image, label = torch.rand(4, 3, 5, 4, dtype=torch.float64) * 2 - 1, torch.randint(0, 3, (4, 5, 4))
    expected = 0.0
    for one, classes in zip(image, label, strict=True):
        luma = sum(weight * (one[c] + 1) / 2 for c, weight in enumerate((0.299, 0.587, 0.114)))
        values = {number: [luma[y, x].item() for y in range(5) for x in range(4) if classes[y, x] == number]
                  for number in (1, 2)}
        road = sum(values[1]) / len(values[1])
        expected += max(road - min(values[2]), 0) / (road + 1e-4) / 4
    assert expected > 0
    assert TemperatureLoss(road=1, person=2)(image, label).item() == pytest.approx(expected, rel=1e-9)

    def with_constant_road(x):  # the road's mean is a constant of the loss, so its gradient is not one of the formula
        return temperature(torch.where((label == 1)[:, None], image, x), label, road=1, person=2)
    assert torch.autograd.gradcheck(with_constant_road, image.clone().requires_grad_())


@pytest.mark.parametrize('quantile, expected', [(0, 0.1), (0.4, 0.2), (0.5, 0.3), (0.99, 0.5), (1, 0.7)])
def test_quantiles_by_hand(quantile, expected):
    """Of the persons .1, .2, .3, .5 and .7 on a road of .9; wrongly labelled ones are the coldest."""
    image, label = grey([[0.9, 0.5, 0.2, 0.0], [0.7, 0.1, 0.3, 1.0]]), torch.tensor([[[0, 11, 11, 255],
                                                                                       [11, 11, 11, 255]]])
    image.requires_grad_()
    value = TemperatureLoss(quantile=quantile)(image, label)
    assert value.item() == pytest.approx((0.9 - expected) / 0.9001)
    value.backward()
    reached = image.grad.abs().sum(dim=1)[0] > 0
    assert image.detach()[0, 0][reached].tolist() == pytest.approx([2 * expected - 1])
    assert temperature(image, torch.full((1, 2, 4), 255), quantile=quantile) == 0
    with pytest.raises(ValueError, match='quantile must be in'):
        TemperatureLoss(quantile=1.5)


def test_the_road_gets_no_gradient():
    image, label = grey([[0.4, 0.4], [0.2, 0.7]]).requires_grad_(), torch.tensor([[[0, 0], [11, 11]]])
    temperature(image, label).backward()
    reached = image.grad.abs().sum(dim=1)[0]
    assert (reached > 0).tolist() == [[False, False], [True, False]]
    empty = grey([[0.4, 0.4], [0.2, 0.7]]).requires_grad_()
    temperature(empty, torch.full((1, 2, 2), 255)).backward()
    assert (empty.grad == 0).all()


@pytest.mark.parametrize(('image', 'label', 'error', 'words'), [
    (torch.zeros(1, 1, 4, 4), torch.zeros(1, 4, 4, dtype=torch.long), ValueError, 'N,3,H,W'),
    (torch.zeros(1, 3, 4, 4), torch.zeros(1, 1, 4, 4, dtype=torch.long), ValueError, 'N,H,W at the size'),
    (torch.zeros(1, 3, 4, 4), torch.zeros(1, 4, 4), TypeError, 'class numbers'),
])
def test_bad_arguments(image, label, error, words):
    with pytest.raises(error, match=words):
        temperature(image, label)
