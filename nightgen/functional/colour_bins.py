"""The ab plane in bins: which there are, how much a colour belongs to each, and back (Zhang et al. 2016)."""

from __future__ import annotations

from functools import cache

import cv2
import numpy as np
import torch
from torch import Tensor

from .lab import rgb_to_lab_tensor

GRID = 10.0  # side of a bin in Lab units
_SAMPLES = 33  # of each side of the RGB cube; 5 give the same list


@cache
def _bins() -> np.ndarray:
    steps = torch.linspace(0, 1, _SAMPLES, dtype=torch.float64)
    cube = torch.stack(torch.meshgrid(steps, steps, steps, indexing='ij')).flatten(2)
    ab = rgb_to_lab_tensor(cube)[1:].flatten(1).T.numpy()
    corners = cv2.convexHull(ab.astype(np.float32))[:, 0].astype(np.float64)  # in order around it
    along = np.roll(corners, -1, axis=0) - corners
    normals = np.stack([along[:, 1], -along[:, 0]], axis=1)
    normals *= np.sign((normals * (corners - corners.mean(axis=0))).sum(axis=1, keepdims=True))  # outwards
    sides = np.arange(-12, 13) * GRID
    points = np.stack(np.meshgrid(sides, sides, indexing='ij'), axis=-1).reshape(-1, 2)
    # The squares of half side GRID that meet the hull have their centres in the hull grown by such a square.
    reach = (normals * corners).sum(axis=1) + GRID * np.abs(normals).sum(axis=1)
    near = (points @ normals.T < reach).all(axis=1)
    near &= ((points > ab.min(axis=0) - GRID) & (points < ab.max(axis=0) + GRID)).all(axis=1)
    return points[near]


def colour_bins() -> np.ndarray:
    """The 313 points of the ab plane, 10 units apart, that colours of sRGB are made of.

    A point belongs to them if one of the four 10x10 cells around it meets the convex hull of all ab values of sRGB
    (D65), so that each colour lies between points of the list. It is the list that Zhang, Isola and Efros published,
    point by point; the rule was found by comparing, since neither paper nor release says how the list was made.

    Returns:
        float64 313,2: a and b, sorted by a, then by b.
    """
    return _bins().copy()


def nearest_bins(ab: Tensor, bins: Tensor, neighbours: int = 5, sigma: float = 5.0) -> tuple[Tensor, Tensor]:
    """Soft encoding: the nearest bins of each colour, with Gaussian weights (Zhang et al. 2016, section 2.1).

    Args:
        ab: N,2,h,w in Lab units.
        bins: Q,2.
        neighbours: Bins of a colour that count.
        sigma: Of the Gaussian, Lab units.

    Returns:
        N,K,h,w int64, the nearest first, and N,K,h,w float, of sum 1 over K.
    """
    offsets = ab.permute(0, 2, 3, 1)[..., None, :] - bins.to(ab)
    distance, index = offsets.square().sum(-1).topk(neighbours, largest=False)
    weight = torch.softmax(-distance / (2 * sigma ** 2), dim=-1)
    return index.permute(0, 3, 1, 2), weight.permute(0, 3, 1, 2)


def annealed_mean(logits: Tensor, bins: Tensor, temperature: float = 0.38) -> Tensor:
    """The colour that a distribution stands for: the mean after sharpening it (Zhang et al. 2016, eq. 5).

    Args:
        logits: N,Q,h,w.
        bins: Q,2.
        temperature: 1 is the mean, towards 0 the mode; 0.38 is the paper's.

    Returns:
        N,2,h,w, of the unit of ``bins``. f_T(z) = exp(log(z) / T) / sum is a softmax of logits / T.
    """
    return torch.einsum('nqhw,qc->nchw', torch.softmax(logits / temperature, dim=1), bins.to(logits))


def rebalancing_weights(prior: Tensor, uniform: float = 0.5) -> Tensor:
    """How much a pixel of each bin counts, so that rare colours do (Zhang et al. 2016, eq. 4).

    Args:
        prior: Q, how frequent each bin is, of sum 1.
        uniform: Share of the uniform distribution, the paper's lambda.

    Returns:
        Q: proportional to 1 / ((1 - uniform) * prior + uniform / Q), of mean 1 under ``prior``.
    """
    weights = 1 / ((1 - uniform) * prior + uniform / len(prior))
    return weights / (prior * weights).sum()
