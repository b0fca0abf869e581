"""Adversarial losses, both sides, over one score map, a list of scales or a list of views with scales each."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from nightgen.registry import LOSSES

Scores = Tensor | Sequence[Tensor] | Sequence[Sequence[Tensor]]


def _bce(scores: Tensor, target: float) -> Tensor:
    return F.binary_cross_entropy_with_logits(scores, torch.full_like(scores, target))


# mode -> (generator's side, discriminator's side), each a function of one real and one fake score map
_SIDES: dict[str, tuple[Callable, Callable]] = {
    'lsgan': (
        lambda real, fake: (fake - 1).square().mean(),
        lambda real, fake: (real - 1).square().mean() + fake.square().mean()),
    'vanilla': (
        lambda real, fake: _bce(fake, 1.0),
        lambda real, fake: _bce(real, 1.0) + _bce(fake, 0.0)),
    'wgan': (
        lambda real, fake: -fake.mean(),
        lambda real, fake: fake.mean() - real.mean()),
    'hinge': (
        lambda real, fake: -fake.mean(),
        lambda real, fake: F.relu(1 - real).mean() + F.relu(1 + fake).mean()),
    'relativistic_lsgan': (
        lambda real, fake: (real.detach() - fake + 1).square().mean(),
        lambda real, fake: (real - fake - 1).square().mean()),
}
_SCALE_REDUCTIONS = ('sum', 'mean', 'progressive')


def _as_views(scores: Scores) -> list[list[Tensor]]:
    if isinstance(scores, Tensor):
        return [[scores]]
    if len(scores) == 0:
        raise ValueError('adversarial: the discriminator returned an empty list of scores')
    if all(isinstance(score, Tensor) for score in scores):
        return [list(scores)]
    return [list(view) for view in scores]


def _reduce_scales(values: list[Tensor], reduction: str) -> Tensor:
    total = torch.stack(values)
    if reduction == 'sum':
        return total.sum()
    if reduction == 'mean':
        return total.mean()
    weights = torch.arange(1.0, len(values) + 1, dtype=total.dtype, device=total.device)
    weights[-1] += 1
    return (weights * total).sum() / (len(values) * weights.sum())


def adversarial(fake_scores: Scores, real_scores: Scores | None = None, mode: str = 'lsgan',
                scale_reduction: str = 'mean', side: str = 'generator') -> Tensor:
    """One side of an adversarial objective.

    Each score map is averaged over its positions, maps of one view are reduced over scales by ``scale_reduction``, and
    views are averaged. There is no factor one half on the discriminator's side.

    Args:
        fake_scores: Raw scores (before any sigmoid) of translated images: a tensor, a list of tensors (scales), or a
            list of such lists (views).
        real_scores: Scores of real images, of the same structure. The generator's side needs them only in mode
            ``'relativistic_lsgan'``, and takes them as constants.
        mode: ``lsgan`` (Mao et al. 2017), ``vanilla`` (cross entropy, non-saturating), ``wgan``, ``hinge`` or
            ``relativistic_lsgan`` (specs: morngan 2.1; paired difference of the two maps).
        scale_reduction: ``sum``, ``mean``, or ``progressive``: weights 1, 2, ..., n with the last one more, divided by
            n times their sum (morngan 2.1).
        side: ``generator`` or ``discriminator``.

    Returns:
        0-d tensor.

    Raises:
        ValueError: For an unknown mode, reduction or side, for missing real scores, or for structures that differ.
    """
    if mode not in _SIDES:
        raise ValueError(f'adversarial: unknown mode {mode!r}; choose one of {sorted(_SIDES)}')
    if scale_reduction not in _SCALE_REDUCTIONS:
        raise ValueError(f'adversarial: unknown scale_reduction {scale_reduction!r}; choose one of {_SCALE_REDUCTIONS}')
    if side not in ('generator', 'discriminator'):
        raise ValueError(f"adversarial: side must be 'generator' or 'discriminator', got {side!r}")
    fake_views = _as_views(fake_scores)
    if real_scores is None:
        if side == 'discriminator' or mode == 'relativistic_lsgan':
            raise ValueError(f'adversarial: the {side} side of mode {mode!r} needs real_scores')
        real_views = [[None] * len(view) for view in fake_views]
    else:
        real_views = _as_views(real_scores)
    if [len(view) for view in fake_views] != [len(view) for view in real_views]:
        raise ValueError('adversarial: real and fake scores differ in their views or scales: '
                         f'{[len(view) for view in real_views]} and {[len(view) for view in fake_views]}')
    measure = _SIDES[mode][side == 'discriminator']
    views = [_reduce_scales([measure(real, fake) for real, fake in zip(reals, fakes, strict=True)], scale_reduction)
             for reals, fakes in zip(real_views, fake_views, strict=True)]
    return torch.stack(views).mean()


@LOSSES.register_module()
class AdversarialLoss(nn.Module):
    """The two sides of :func:`adversarial` as one loss; a translator calls each in its own player's turn.

    Args:
        mode: See :func:`adversarial`.
        scale_reduction: See :func:`adversarial`.

    Raises:
        ValueError: For an unknown mode or reduction.
    """

    def __init__(self, mode: str = 'lsgan', scale_reduction: str = 'mean'):
        super().__init__()
        adversarial(torch.zeros(1), torch.zeros(1), mode, scale_reduction)  # refuses unknown names now, not in training
        self.mode = mode
        self.scale_reduction = scale_reduction

    @property
    def generator_needs_real(self) -> bool:
        return self.mode == 'relativistic_lsgan'

    def generator(self, fake_scores: Scores, real_scores: Scores | None = None) -> Tensor:
        return adversarial(fake_scores, real_scores, self.mode, self.scale_reduction, 'generator')

    def discriminator(self, real_scores: Scores, fake_scores: Scores) -> Tensor:
        return adversarial(fake_scores, real_scores, self.mode, self.scale_reduction, 'discriminator')
