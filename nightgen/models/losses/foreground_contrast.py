"""What moves keeps its identity: contrast of foreground features between a night and its translation (DiCo eq. 12)."""

from __future__ import annotations

from collections.abc import Sequence

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from nightgen.functional import at_least_single, no_autocast
from nightgen.models.layers.similarity import (
    background_mask,
    elementwise_similarity,
    foreground_score,
    layer_thresholds,
)
from nightgen.registry import LOSSES

from .checks import equal_layers, require_similarities

MODES = ('infonce_fg', 'infonce_fg_bg', 'eq12')
EPS = 1e-7  # added to a vector's length


def strongest(score: Tensor, allowed: Tensor, number: int) -> tuple[Tensor, Tensor]:
    """The places of the highest scores among those that are allowed; ties are broken at random.

    Draws come from torch's global CPU generator, which a resume restores. Nothing waits for the device: fewer places
    than ``number`` are filled up with others, which the second result tells apart.

    Args:
        score: N,P.
        allowed: N,P, boolean.
        number: How many; at most P are given.

    Returns:
        N,K indices and N,K, true for those that are allowed.
    """
    order = torch.stack([torch.randperm(score.shape[1]) for _ in score]).to(score.device, non_blocking=True)
    shuffled = score.masked_fill(~allowed, -torch.inf).gather(1, order)
    chosen = order.gather(1, shuffled.sort(dim=1, descending=True, stable=True).indices[:, :number])
    return chosen, allowed.gather(1, chosen)


def foreground_contrast(fake: Tensor | Sequence[Tensor], source: Tensor | Sequence[Tensor],
                        reference: Tensor | Sequence[Tensor], mode: str = 'infonce_fg', temperature: float = 0.07,
                        num_patches: int = 256, threshold: float | Sequence[float] = 0.5) -> Tensor:
    """Sum over layers of a contrastive loss at foreground places (specs/dico 7).

    Foreground is where the translation does not resemble the reference. Of it the ``num_patches`` places of the
    highest score are taken, fewer where there are fewer. An image without any counts neither in the sum nor in the
    number of images; if none has any, the layer counts 0. Feature vectors have length 1.

    Args:
        fake: Feature maps of the translation, N,C,h,w each (or one).
        source: Of the night image; constants.
        reference: Of the daytime background; constants.
        mode: ``'infonce_fg'``: cross entropy of finding the night's vector of the same place among those of all chosen
            places. ``'infonce_fg_bg'``: among as many vectors of the night's background as well. ``'eq12'``, to the
            letter: with the mean cosines s_f over the chosen places and s_b over the background,
            ``-log(exp(s_f / t) / (exp(s_f / t) + exp(s_b / t)))``; an image without background is left out too.
        temperature: Divides the cosines.
        num_patches: Places of a layer.
        threshold: Similarity above which there is background, of all layers or of each.

    Returns:
        0-d tensor.

    Raises:
        ValueError: An unknown mode, maps that differ in number or shape, or thresholds of another number.
    """
    if mode not in MODES:
        raise ValueError(f'foreground_contrast: mode must be one of {MODES}, got {mode!r}')
    layers = equal_layers('foreground_contrast', fake=fake, source=source, reference=reference)
    thresholds = layer_thresholds(threshold, len(layers[0]), 'foreground_contrast')
    return torch.stack([_layer(*maps, mode, temperature, num_patches, limit)
                        for *maps, limit in zip(*layers, thresholds, strict=True)]).sum()


def _vectors(features: Tensor) -> Tensor:
    """N,C,h,w to N,h*w,C of length 1."""
    vectors = features.flatten(2).transpose(1, 2)
    return vectors / (vectors.norm(dim=-1, keepdim=True) + EPS)


def _at(vectors: Tensor, places: Tensor) -> Tensor:
    return vectors.gather(1, places[..., None].expand(-1, -1, vectors.shape[2]))


def _layer(fake: Tensor, source: Tensor, reference: Tensor, mode: str, temperature: float, number: int,
           threshold: float) -> Tensor:
    with no_autocast(fake):
        fake, source, reference = (at_least_single(part) for part in (fake, source.detach(), reference.detach()))
        similarity = elementwise_similarity(fake.detach(), reference)
        background = background_mask(similarity, threshold).flatten(1) > 0
        places, valid = strongest(foreground_score(similarity).flatten(1), ~background, number)
        made, night = _vectors(fake), _vectors(source)
        query, key = _at(made, places), _at(night, places)
        if mode == 'eq12':
            cosine = (made * night).sum(-1)
            found = (_masked_mean(part, where) for part, where in (((query * key).sum(-1), valid),
                                                                   (cosine, background)))
            (s_f, some), (s_b, others) = found
            return _mean_of_images(F.softplus((s_b - s_f) / temperature), some & others)
        if mode == 'infonce_fg_bg':
            further, exist = strongest(torch.zeros_like(similarity).flatten(1), background, number)
            key, allowed = torch.cat([key, _at(night, further)], 1), torch.cat([valid, exist], 1)
        else:
            allowed = valid
        logits = (query @ key.transpose(1, 2) / temperature).masked_fill(~allowed[:, None], -torch.inf)
        own = torch.arange(query.shape[1], device=query.device)
        # A query that does not count may have no key left: it gets some, so that no NaN arises.
        logits = torch.where(valid[..., None], logits, 0.0)
        each = F.cross_entropy(logits.flatten(0, 1), own.repeat(len(logits)), reduction='none').view_as(valid)
        return _mean_of_images(*_masked_mean(each, valid))


def _masked_mean(values: Tensor, where: Tensor) -> tuple[Tensor, Tensor]:
    """Mean of N,K over the places that count, 0 where none does, and whether any does: N and N."""
    number = where.sum(dim=1)
    return torch.where(where, values, 0.0).sum(dim=1) / number.clamp(min=1), number > 0


def _mean_of_images(values: Tensor, where: Tensor) -> Tensor:
    return _masked_mean(values[None], where[None])[0][0]


@LOSSES.register_module()
class ForegroundContrastLoss(nn.Module):
    """:func:`foreground_contrast` with fixed options.

    Raises:
        ValueError: An unknown mode, a temperature or number of places that is not positive, or a threshold that is no
            similarity.
    """

    def __init__(self, mode: str = 'infonce_fg', temperature: float = 0.07, num_patches: int = 256,
                 threshold: float | Sequence[float] = 0.5):
        super().__init__()
        if mode not in MODES:
            raise ValueError(f'ForegroundContrastLoss: mode must be one of {MODES}, got {mode!r}')
        if temperature <= 0 or num_patches < 1:
            raise ValueError('ForegroundContrastLoss: temperature is positive and num_patches 1 or more, got '
                             f'{temperature} and {num_patches}')
        require_similarities(threshold, 'ForegroundContrastLoss')
        self.options = dict(mode=mode, temperature=temperature, num_patches=num_patches, threshold=threshold)

    def forward(self, fake: Tensor | Sequence[Tensor], source: Tensor | Sequence[Tensor],
                reference: Tensor | Sequence[Tensor]) -> Tensor:
        return foreground_contrast(fake, source, reference, **self.options)

    def extra_repr(self) -> str:
        return ', '.join(f'{name}={value!r}' for name, value in self.options.items())
