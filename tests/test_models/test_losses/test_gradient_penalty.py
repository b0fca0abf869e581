"""The gradient penalty where the gradient of the discriminator is known in closed form."""

import pytest
import torch

from nightgen.models.losses import GradientPenaltyLoss, gradient_penalty


def test_linear_discriminator():
    weight = torch.randn(3, 4, 5, dtype=torch.float64)
    norm = weight.square().sum().sqrt().item()
    real, fake = torch.rand(2, 3, 4, 5, dtype=torch.float64), torch.rand(2, 3, 4, 5, dtype=torch.float64)

    def linear(x):
        return (x * weight).flatten(1).sum(1)

    assert gradient_penalty(real, fake, linear).item() == pytest.approx((norm - 1) ** 2, rel=1e-6)
    assert GradientPenaltyLoss(unit_range=True)(real=real, fake=fake, discriminator=linear).item() == pytest.approx(
        (2 * norm - 1) ** 2, rel=1e-6)


def test_quadratic_discriminator_is_probed_between_the_images():
    """D(x) = |x|^2 / 2 has the gradient x; between the zeros and the ones its norm is the mix times sqrt(n)."""
    real, fake = torch.ones(1, 3, 2, 2), torch.zeros(1, 3, 2, 2)
    torch.manual_seed(3)
    mix = torch.rand(1, 1, 1, 1).item()
    torch.manual_seed(3)
    value = gradient_penalty(real, fake, lambda x: x.square().flatten(1).sum(1) / 2)
    assert value.item() == pytest.approx((mix * 12 ** 0.5 - 1) ** 2, rel=1e-5)


def test_it_reaches_the_weights_and_not_the_images():
    network = torch.nn.Sequential(torch.nn.Conv2d(3, 4, 3), torch.nn.Tanh(), torch.nn.Conv2d(4, 1, 3)).double()
    real, fake = (torch.rand(2, 3, 6, 6, dtype=torch.float64, requires_grad=True) for _ in range(2))

    def penalty(weight):
        torch.manual_seed(0)
        return gradient_penalty(real, fake, lambda x: [torch.func.functional_call(network, {'0.weight': weight}, (x,))])

    assert torch.autograd.gradcheck(penalty, network[0].weight.detach().clone().requires_grad_(), atol=1e-6)
    penalty(network[0].weight).backward()
    assert real.grad is None and fake.grad is None
    with pytest.raises(ValueError, match='differ in shape'):
        gradient_penalty(real, fake[:1], network)
