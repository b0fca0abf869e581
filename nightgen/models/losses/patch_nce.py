"""The patchwise contrastive loss of CUT (Park et al., ECCV 2020, eq. 3 and 4)."""

from __future__ import annotations

from collections.abc import Sequence

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from nightgen.functional import at_least_single, no_autocast
from nightgen.registry import LOSSES

NEGATIVES = ('image', 'batch')


def patch_nce(query: Tensor | Sequence[Tensor], key: Tensor | Sequence[Tensor], temperature: float = 0.07,
              negatives: str = 'image', negative: Tensor | Sequence[Tensor] | None = None) -> Tensor:
    """Cross entropy of telling the key of a query's own place from the keys of other places.

    With the similarity ``s_ij = <query_i, key_j> / temperature`` it is the mean over i of
    ``log(sum_j exp s_ij) - s_ii``. Keys are constants: no gradient reaches them.

    Args:
        query: N,P,C, P patches of each of N images, usually of unit length; or a list of them (layers), which may
            differ in P and C.
        key: Of the same shape: at index p the patch of the same place.
        temperature: Divides the similarities.
        negatives: ``'image'``: a query is compared with the keys of its own image (CUT's); ``'batch'``: with those of
            all images.
        negative: N,M,C, or a list of them: what a query is compared with in place of the keys of other places, as
            NEGCUT generates them (ICCV 2021). Gradients reach these.

    Returns:
        0-d tensor, the mean over patches, images and layers.

    Raises:
        ValueError: For shapes or numbers of layers that differ, no layer at all, or an unknown ``negatives``.
    """
    if negatives not in NEGATIVES:
        raise ValueError(f'patch_nce: negatives must be one of {NEGATIVES}, got {negatives!r}')
    queries, keys = ([value] if isinstance(value, Tensor) else list(value) for value in (query, key))
    others = [negative] if isinstance(negative, Tensor) else [None] * len(queries) if negative is None else \
        list(negative)
    if not len(queries) == len(keys) == len(others) or not queries:
        given = f'{len(queries)} and {len(keys)}' + ('' if negative is None else f', and {len(others)} of negatives')
        raise ValueError(f'patch_nce: query and key need the same number of layers, got {given}')
    return torch.stack([_layer(q, k, n, temperature, negatives) for q, k, n in
                        zip(queries, keys, others, strict=True)]).mean()


def _layer(query: Tensor, key: Tensor, negative: Tensor | None, temperature: float, negatives: str) -> Tensor:
    if query.ndim != 3 or query.shape != key.shape:
        raise ValueError('patch_nce: query and key must both have shape N,P,C, got '
                         f'{tuple(query.shape)} and {tuple(key.shape)}')
    with no_autocast(query):  # similarities of unit vectors differ in digits that 16 bit do not have
        query = at_least_single(query)
        key = key.detach().to(query.dtype)
        if negative is not None:
            positive = (query * key).sum(-1, keepdim=True)
            similarity = torch.cat([positive, query @ negative.to(query.dtype).transpose(1, 2)], 2) / temperature
            return (similarity.logsumexp(-1) - similarity[..., 0]).mean()
        if negatives == 'batch':
            query, key = query.flatten(0, 1)[None], key.flatten(0, 1)[None]
        similarity = query @ key.transpose(1, 2) / temperature
        own = torch.arange(similarity.shape[1], device=query.device).repeat(len(similarity))
        return F.cross_entropy(similarity.flatten(0, 1), own)


@LOSSES.register_module()
class PatchNCELoss(nn.Module):
    """:func:`patch_nce` as a module.

    Args:
        temperature: See :func:`patch_nce`.
        negatives: See :func:`patch_nce`.

    Raises:
        ValueError: If the temperature is not positive or ``negatives`` is unknown.
    """

    def __init__(self, temperature: float = 0.07, negatives: str = 'image'):
        super().__init__()
        if temperature <= 0:
            raise ValueError(f'PatchNCELoss: temperature must be positive, got {temperature}')
        if negatives not in NEGATIVES:
            raise ValueError(f'PatchNCELoss: negatives must be one of {NEGATIVES}, got {negatives!r}')
        self.temperature = temperature
        self.negatives = negatives

    def forward(self, query: Tensor | Sequence[Tensor], key: Tensor | Sequence[Tensor],
                negative: Tensor | Sequence[Tensor] | None = None) -> Tensor:
        return patch_nce(query, key, self.temperature, self.negatives, negative)

    def extra_repr(self) -> str:
        return f'temperature={self.temperature}, negatives={self.negatives!r}'
