"""Each mode against its formula in numpy float64, the reductions against hand-worked cases."""

import numpy as np
import pytest
import torch

from nightgen.models.losses import AdversarialLoss, adversarial
from nightgen.registry import LOSSES


def softplus(x):
    return np.log1p(np.exp(-np.abs(x))) + np.maximum(x, 0)


FORMULAS = {  # mode: (generator's side, discriminator's side) of real r and fake f
    'lsgan': (lambda r, f: np.mean((f - 1) ** 2), lambda r, f: np.mean((r - 1) ** 2) + np.mean(f ** 2)),
    'vanilla': (lambda r, f: np.mean(softplus(-f)), lambda r, f: np.mean(softplus(-r)) + np.mean(softplus(f))),
    'wgan': (lambda r, f: -np.mean(f), lambda r, f: np.mean(f) - np.mean(r)),
    'hinge': (lambda r, f: -np.mean(f), lambda r, f: np.mean(np.maximum(0, 1 - r)) + np.mean(np.maximum(0, 1 + f))),
    'relativistic_lsgan': (lambda r, f: np.mean((r - f + 1) ** 2), lambda r, f: np.mean((r - f - 1) ** 2)),
}


def scores(seed=0, shape=(2, 1, 3, 4)):
    return torch.from_numpy(2 * np.random.default_rng(seed).standard_normal(shape))


@pytest.mark.parametrize('mode', FORMULAS)
def test_both_sides_against_the_formula(mode):
    real, fake = scores(0), scores(1)
    loss = LOSSES.build(dict(type='AdversarialLoss', mode=mode))
    g, d = (formula(real.numpy(), fake.numpy()) for formula in FORMULAS[mode])
    np.testing.assert_allclose(loss.generator(fake_scores=fake, real_scores=real).item(), g, rtol=1e-12)
    np.testing.assert_allclose(loss.discriminator(real_scores=real, fake_scores=fake).item(), d, rtol=1e-12)


@pytest.mark.parametrize('mode', FORMULAS)
def test_gradients(mode):
    real, fake = scores(0, (1, 1, 2, 2)), scores(1, (1, 1, 2, 2))
    loss = AdversarialLoss(mode)
    assert torch.autograd.gradcheck(lambda f: loss.generator(f, real), fake.clone().requires_grad_())
    assert torch.autograd.gradcheck(loss.discriminator, (real.clone().requires_grad_(), fake.clone().requires_grad_()))


def test_scale_reductions_by_hand():
    maps = [torch.full((1, 1, n, n), value) for n, value in ((4, 2.0), (2, 3.0), (1, 5.0))]  # lsgan: 1, 4, 16
    assert adversarial(maps, scale_reduction='sum') == 21
    assert adversarial(maps, scale_reduction='mean') == 7
    # weights 1, 2, 4 over 3 * 7
    assert adversarial(maps, scale_reduction='progressive') == pytest.approx((1 * 1 + 2 * 4 + 4 * 16) / 21)


def test_three_views_of_equal_real_and_fake_give_the_closed_form_of_the_spec():
    views = [[scores(i, (1, 1, size, size)) for i, size in enumerate(sizes)]
             for sizes in ((65, 33, 17, 19), (65, 33, 17, 19), (33, 17, 19))]
    value = AdversarialLoss('relativistic_lsgan', 'progressive').generator(views, views)
    assert value.item() == pytest.approx((1 / 4 + 1 / 4 + 1 / 3) / 3)
    assert value.item() == pytest.approx(0.27778, abs=1e-5)


def test_relativistic_generator_side_takes_real_scores_as_constants():
    real = scores(0).requires_grad_()
    fake = scores(1).requires_grad_()
    AdversarialLoss('relativistic_lsgan').generator(fake, real).backward()
    assert real.grad is None and fake.grad is not None


@pytest.mark.parametrize(('call', 'words'), [
    (lambda: AdversarialLoss('lsgn'), 'lsgn'),
    (lambda: AdversarialLoss(scale_reduction='max'), 'max'),
    (lambda: adversarial(scores(), side='critic'), 'critic'),
    (lambda: adversarial(scores(), mode='relativistic_lsgan'), 'needs real_scores'),
    (lambda: adversarial([scores()], [scores(), scores()]), 'differ'),
    (lambda: adversarial([]), 'empty'),
])
def test_bad_arguments(call, words):
    with pytest.raises(ValueError, match=words):
        call()
