"""Adaptive collaborative attention of MornGAN: rare things of a translation look like those of real images."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from nightgen.functional import at_least_single, no_autocast
from nightgen.registry import LOSSES

from .checks import require_images

GROUPS = ((6,), (7,), (11,), (13, 14, 15, 16), (17,))
"""Traffic lights, signs, persons, vehicles and motorcycles, as the released code has them. The paper names six classes
by themselves: ``((6,), (7,), (11,), (14,), (15,), (17,))``."""
_STEP, _ROUNDS = 1e-2, 100


class _Cells(NamedTuple):
    """Features of an image's cells, M,C, and which of them belong to a group, M, or to G groups, G,M."""

    rows: Tensor
    inside: Tensor


def cosine_k_means(rows: Tensor, inside: Tensor, start: Tensor, order: Tensor) -> Tensor:
    """Centroids of clusters by cosine similarity, each the plain mean of its rows; of several groups of rows at once.

    It ends when the summed lengths of the centroids' steps are below 0.01 (their square below 1e-4), and after 100
    rounds. A CPU stops there; elsewhere all rounds run and change nothing any more, so that nothing waits for the
    device.

    Args:
        rows: M,C.
        inside: M, which rows count; or G,M for G groups, and likewise below.
        start: K,C, the first centroids.
        order: M, indices of the rows that count, in random order, in front: a cluster without rows starts anew from
            one.

    Returns:
        K,C.
    """
    number = inside.sum(dim=-1, keepdim=True).clamp(min=1)
    clusters = torch.arange(start.shape[-2], device=rows.device)
    draws = torch.arange(len(clusters), (_ROUNDS + 1) * len(clusters), device=rows.device) % number
    spares = rows[order.gather(-1, draws)].unflatten(-2, (_ROUNDS, len(clusters))).unbind(dim=-3)
    counted = torch.cat([rows, torch.ones_like(rows[:, :1])], dim=1)  # one product gives sums and sizes
    directions, counts, centroids = F.normalize(rows, dim=1), inside[..., None].to(rows), start
    done = torch.zeros_like(inside[..., 0])
    for spare in spares:
        nearest = (directions @ F.normalize(centroids, dim=-1).mT).argmax(dim=-1)
        sums = ((nearest[..., None] == clusters) * counts).mT @ counted
        size = sums[..., -1:]
        moved = torch.where(size > 0, sums[..., :-1] / size, spare)
        step = (moved - centroids).norm(dim=-1).sum(dim=-1)
        centroids = torch.where(done[..., None, None], centroids, moved)
        done = done | (step < _STEP)
        if _may_wait(rows) and done.all():
            break
    return centroids


def _may_wait(x: Tensor) -> bool:
    """Whether a value may be asked for: on a GPU the whole queue of work would have to end first."""
    return x.device.type == 'cpu'


def adaptive_collaborative_attention(
        real_features: Tensor, fake_features: Tensor, real_label: Tensor, fake_label: Tensor, num_clusters: int = 4,
        local_threshold: float = 0.9, global_threshold: float = 0.9, groups: Sequence[Sequence[int]] = GROUPS,
        centroids: Tensor | None = None) -> Tensor:
    """How far features of rare classes in a translation are from the clusters of the real ones (specs: morngan 2.8).

    The real features of a group of classes are clustered. A response is the cosine of a cell and a centroid; the local
    one is the mean over cells of the best centroid's, the global one the mean over centroids of the best cell's. The
    loss is what the translation's two responses lack to the thresholds times the real ones. A group counts in an image
    where both label maps have more than ``num_clusters`` cells of it, real cells whose features are all 0 left out; the
    mean over these groups, then over images.

    Args:
        real_features: N,C,h,w of real images; taken as constants.
        fake_features: N,C,h,w of translated ones, by the same encoder.
        real_label, fake_label: N,H,W integers, read at the features' size (nearest).
        num_clusters: Clusters of a group.
        local_threshold, global_threshold: Shares of the real responses.
        groups: Tuples of class numbers.
        centroids: K,C to start the clustering from; by default different rows at random.

    Returns:
        0-d tensor, at least 0; 0 where no group counts.

    Raises:
        ValueError: Shapes that do not fit.
        TypeError: Labels that are not of integers.
    """
    _check(real_features, fake_features, real_label, fake_label, centroids)
    with no_autocast(fake_features):
        real, fake = at_least_single(real_features.detach()), at_least_single(fake_features)
        labels = [_resized(label, features) for label, features in ((real_label, real), (fake_label, fake))]
        values = []
        for real_map, fake_map, *own in zip(real, fake, *labels, strict=True):
            cells = [_Cells(part.flatten(1).T, torch.stack([_belongs(label.flatten(), group) for group in groups]))
                     for part, label in zip((real_map, fake_map), own, strict=True)]
            cells[0].inside.logical_and_((cells[0].rows != 0).any(dim=1))  # a row of zeros has no direction
            keys = torch.rand(len(cells[0].rows)).to(cells[0].rows, non_blocking=True)  # a CPU's, whatever the device
            counts = (cells[0].inside.sum(dim=1) > num_clusters) & (cells[1].inside.sum(dim=1) > num_clusters)
            settings = num_clusters, (local_threshold, global_threshold), centroids
            if _may_wait(counts):
                lacking = [_lacking(*(_Cells(rows, inside[group]) for rows, inside in cells), keys, *settings)
                           for group in counts.nonzero().flatten().tolist()]
                values.append(torch.stack(lacking).mean() if lacking else fake.new_zeros(()))
            else:
                lacking = torch.where(counts, _lacking(*cells, keys, *settings), 0.0)
                values.append(lacking.sum() / counts.sum().clamp(min=1))
        return torch.stack(values).mean()


def _lacking(real: _Cells, fake: _Cells, keys: Tensor, clusters: int, thresholds: tuple[float, float],
             start: Tensor | None) -> Tensor:
    """The loss of a group in one image, or of G groups; the real cells with the largest keys are the start."""
    if _may_wait(keys):
        keys, real = keys[real.inside], _Cells(real.rows[real.inside], real.inside[real.inside])
    order = torch.where(real.inside, keys, -1.0).argsort(dim=-1, descending=True)
    first = real.rows[order[..., :clusters]]
    if start is not None:
        first = start.detach().to(real.rows).expand(*first.shape[:-2], *start.shape)
    directions = F.normalize(cosine_k_means(*real, first, order), dim=-1)
    wanted = _responses(real, directions, outside=-torch.inf)
    found = _responses(fake, directions, outside=0.0)  # cells of other classes have a similarity of 0 in the map
    return sum(torch.relu(share * goal - value)
               for share, goal, value in zip(thresholds, wanted, found, strict=True))


def _responses(cells: _Cells, directions: Tensor, outside: float) -> tuple[Tensor, Tensor]:
    """The local and the global response."""
    similarity = F.normalize(cells.rows, dim=1) @ directions.mT
    best = torch.where(cells.inside, similarity.amax(dim=-1), 0.0).sum(dim=-1)
    everywhere = torch.where(cells.inside[..., None], similarity, outside).amax(dim=-2)
    return best / cells.inside.sum(dim=-1).clamp(min=1), everywhere.mean(dim=-1)


def _belongs(label: Tensor, group: Sequence[int]) -> Tensor:
    inside = torch.zeros_like(label, dtype=torch.bool)
    for number in group:
        inside |= label == number
    return inside


def _resized(label: Tensor, features: Tensor) -> Tensor:
    return F.interpolate(label[:, None].float(), features.shape[-2:], mode='nearest').squeeze(1).long()


def _check(real: Tensor, fake: Tensor, real_label: Tensor, fake_label: Tensor, centroids: Tensor | None) -> None:
    who = 'adaptive_collaborative_attention'
    require_images(real, who)
    require_images(fake, who)
    if real.shape[:2] != fake.shape[:2]:
        raise ValueError(f'{who}: real_features {tuple(real.shape)} and fake_features {tuple(fake.shape)} differ in '
                         'number or channels')
    for label in (real_label, fake_label):
        if label.is_floating_point():
            raise TypeError(f'{who}: labels must hold class numbers, got {label.dtype}')
        if label.ndim != 3 or len(label) != len(real):
            raise ValueError(f'{who}: labels must be N,H,W with N={len(real)}, got {tuple(label.shape)}')
    if centroids is not None and (centroids.ndim != 2 or centroids.shape[1] != real.shape[1]):
        raise ValueError(f'{who}: centroids must be K,{real.shape[1]}, got {tuple(centroids.shape)}')


@LOSSES.register_module()
class AdaptiveCollaborativeAttentionLoss(nn.Module):
    """:func:`adaptive_collaborative_attention` with fixed settings.

    Rows to start from are drawn from torch's global CPU generator, which a resume restores.

    Raises:
        ValueError: Settings without meaning.
    """

    def __init__(self, num_clusters: int = 4, local_threshold: float = 0.9, global_threshold: float = 0.9,
                 groups: Sequence[Sequence[int]] = GROUPS):
        super().__init__()
        if num_clusters < 1 or not groups or not all(groups):
            raise ValueError('AdaptiveCollaborativeAttentionLoss: num_clusters is 1 or more and groups are tuples of '
                             f'class numbers, got {num_clusters} and {groups}')
        self.settings = dict(num_clusters=num_clusters, local_threshold=local_threshold,
                             global_threshold=global_threshold, groups=tuple(tuple(group) for group in groups))

    def forward(self, real_features: Tensor, fake_features: Tensor, real_label: Tensor, fake_label: Tensor,
                centroids: Tensor | None = None) -> Tensor:
        return adaptive_collaborative_attention(real_features, fake_features, real_label, fake_label, **self.settings,
                                                centroids=centroids)
