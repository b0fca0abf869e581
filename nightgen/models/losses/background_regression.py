"""The background of a translation looks like the daytime reference (DiCo eq. 10)."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from nightgen.functional import at_least_single, no_autocast
from nightgen.models.layers.similarity import background_mask, elementwise_similarity, layer_thresholds
from nightgen.registry import LOSSES

from .checks import equal_layers, require_similarities

REDUCTIONS = ('mean', 'masked_mean')


def background_regression(fake: Tensor | Sequence[Tensor], reference: Tensor | Sequence[Tensor],
                          reduction: str = 'mean', masked: bool = True, threshold: float | Sequence[float] = 0.5,
                          hard: bool = True, detach_mask: bool = True) -> Tensor:
    """Sum over layers of ``M |fake - reference|``, where the mask M is 1 on the background (specs/dico 7).

    Args:
        fake: Feature maps of the translation, N,C,h,w each (or one).
        reference: Of the daytime background of its scene; constants.
        reduction: ``'mean'`` over all elements of a layer, so that a larger background weighs more; ``'masked_mean'``
            over those of the background. A layer without background counts 0.
        masked: False compares everywhere, for the first iterations, when no translation resembles anything.
        threshold: Similarity above which there is background, of all layers or of each.
        hard, detach_mask: See :func:`nightgen.models.layers.background_mask`.

    Returns:
        0-d tensor.

    Raises:
        ValueError: An unknown reduction, maps that differ in number or shape, or thresholds of another number.
    """
    if reduction not in REDUCTIONS:
        raise ValueError(f'background_regression: reduction must be one of {REDUCTIONS}, got {reduction!r}')
    total = []
    layers = equal_layers('background_regression', fake=fake, reference=reference)
    thresholds = layer_thresholds(threshold, len(layers[0]), 'background_regression')
    for made, wanted, limit in zip(*layers, thresholds, strict=True):
        with no_autocast(made):
            made, wanted = at_least_single(made), at_least_single(wanted.detach())
            difference = (made - wanted).abs()
            if not masked:
                total.append(difference.mean())
                continue
            mask = background_mask(elementwise_similarity(made, wanted), limit, hard, detach_mask)
            counted = mask.sum() * made.shape[1]
            total.append((mask * difference).mean() if reduction == 'mean' else
                         (mask * difference).sum() / counted.clamp(min=1e-6))
    return torch.stack(total).sum()


@LOSSES.register_module()
class BackgroundRegressionLoss(nn.Module):
    """:func:`background_regression` with fixed options."""

    def __init__(self, reduction: str = 'mean', masked: bool = True, threshold: float | Sequence[float] = 0.5,
                 hard: bool = True, detach_mask: bool = True):
        super().__init__()
        if reduction not in REDUCTIONS:
            raise ValueError(f'BackgroundRegressionLoss: reduction must be one of {REDUCTIONS}, got {reduction!r}')
        require_similarities(threshold, 'BackgroundRegressionLoss')
        self.options = dict(reduction=reduction, masked=masked, threshold=threshold, hard=hard, detach_mask=detach_mask)

    def forward(self, fake: Tensor | Sequence[Tensor], reference: Tensor | Sequence[Tensor]) -> Tensor:
        return background_regression(fake, reference, **self.options)

    def extra_repr(self) -> str:
        return ', '.join(f'{name}={value!r}' for name, value in self.options.items())
