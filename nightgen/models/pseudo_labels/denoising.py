"""Semantic denoising: a pixel keeps its label only if it looks more like its own class than like those it is taken for.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any

import torch
from torch import Tensor, nn

from nightgen.functional import at_least_single, luma
from nightgen.registry import MODELS
from nightgen.structures.class_maps import UNLABELLED

from .checks import require_label_map

POLE, VEGETATION, SKY, PERSON = 5, 8, 10, 11
DENOISING_RULES: Mapping[str, Mapping[str, Any]] = MappingProxyType({
    'day': dict(order=(VEGETATION, POLE, SKY), confusers={VEGETATION: (SKY,), POLE: (SKY,), SKY: (POLE, VEGETATION)}),
    'thermal': dict(order=(SKY, POLE, PERSON, VEGETATION), halfway={POLE: SKY}, grey=True, confusers={
        SKY: (VEGETATION,), POLE: (SKY,), PERSON: (VEGETATION,), VEGETATION: (SKY, PERSON)}),
    'thermal_paper': dict(order=(SKY, POLE, PERSON, VEGETATION), grey=True, confusers={
        SKY: (VEGETATION, POLE), POLE: (SKY,), PERSON: (VEGETATION,), VEGETATION: (SKY, PERSON)})})
"""Arguments of :class:`SemanticDenoising` by name (specs: morngan 3.2). Paper and released code agree on day images; on
thermal ones the code (``thermal``) compares the sky with vegetation alone, and a pole with the mean of pole and sky."""


def semantic_denoise(label: Tensor, image: Tensor, order: Sequence[int], confusers: Mapping[int, Sequence[int]],
                     halfway: Mapping[int, int] = MappingProxyType({})) -> Tensor:
    """Take the label from pixels that look more like another class (specs: morngan 3.2, SDP).

    Classes are treated in ``order``. A pixel of a class becomes unlabelled if its squared distance to the mean colour
    of the class is larger than that to the mean of any of its ``confusers`` that the image has. The mean of a class
    is taken anew of the pixels that it keeps, for the classes that come after it; a class that keeps none keeps its
    mean. Each image of a batch is treated by itself.

    Args:
        label: N,H,W (or H,W) integers, 255 unlabelled.
        image: N,C,H,W (or C,H,W) of the same size, any range: only the order of distances counts.
        order: The classes, from first to last.
        confusers: For each of them the classes that it is taken for.
        halfway: A class that is compared with the middle of its mean and that of another class, where the image has
            this other class, in place of its mean.

    Returns:
        Label map of the same shape and dtype.

    Raises:
        ValueError: Shapes that do not fit, or an order and confusers that do not.
        TypeError: A label that is not of integers.
    """
    _check(label, image, order, confusers, halfway)
    if label.ndim == 2:
        return semantic_denoise(label[None], image[None], order, confusers, halfway)[0]
    colours = at_least_single(image.detach() if image.is_floating_point() else image.float())
    known = sorted({*order, *halfway.values(), *(other for others in confusers.values() for other in others)})
    present = {number: label == number for number in known}
    means = {number: _mean(colours, mask) for number, mask in present.items()}
    there = {number: mask.flatten(1).any(dim=1)[:, None, None] for number, mask in present.items()}
    for number in order:
        own = means[number]
        if number in halfway:
            other = halfway[number]
            own = torch.where(there[other][..., None], (own + means[other]) / 2, own)
        distance = _distance(colours, own)
        wrong = torch.zeros_like(present[number])
        for other in confusers[number]:
            wrong |= (distance > _distance(colours, means[other])) & there[other]
        kept = present[number] & ~wrong
        label = torch.where(present[number] & wrong, UNLABELLED, label)
        means[number] = torch.where(kept.flatten(1).any(dim=1)[:, None, None, None], _mean(colours, kept),
                                    means[number])
    return label


def _mean(colours: Tensor, mask: Tensor) -> Tensor:
    """N,C,1,1: the mean over the pixels of a mask N,H,W, 0 where there is none. Nothing waits for the device."""
    total = torch.where(mask[:, None], colours, 0).sum(dim=(2, 3), keepdim=True)
    return total / mask.sum(dim=(1, 2)).clamp(min=1)[:, None, None, None]


def _distance(colours: Tensor, mean: Tensor) -> Tensor:
    return (colours - mean).square().sum(dim=1)


def _check(label: Tensor, image: Tensor, order: Sequence[int], confusers: Mapping, halfway: Mapping) -> None:
    who = 'semantic_denoise'
    require_label_map(label, who)
    if image.ndim != label.ndim + 1 or image.shape[-2:] != label.shape[-2:] or image.shape[:-3] != label.shape[:-2]:
        raise ValueError(f'{who}: the image must be N,C,H,W (or C,H,W) at the size of the label {tuple(label.shape)}, '
                         f'got {tuple(image.shape)}')
    if len(set(order)) != len(order) or set(order) != set(confusers) or not set(halfway) <= set(order):
        raise ValueError(f'{who}: order names each class once, and confusers exactly these; got order={tuple(order)}, '
                         f'confusers of {sorted(confusers)}, halfway of {sorted(halfway)}')


@MODELS.register_module()
class SemanticDenoising(nn.Module):
    """:func:`semantic_denoise` as a module: ``label`` and ``image`` to the denoised label.

    Args:
        rules: ``'day'``, ``'thermal'`` or ``'thermal_paper'`` of :data:`DENOISING_RULES`, or such arguments themselves:
            ``dict(order=..., confusers=..., halfway=..., grey=...)``. ``grey`` compares lumas in place of colours.

    Raises:
        ValueError: Unknown rules.
    """

    def __init__(self, rules: str | Mapping[str, Any]):
        super().__init__()
        if isinstance(rules, str) and rules not in DENOISING_RULES:
            raise ValueError(f'SemanticDenoising: no rules {rules!r}, there are {sorted(DENOISING_RULES)}; or give '
                             'dict(order=..., confusers=...)')
        rules = dict(DENOISING_RULES[rules] if isinstance(rules, str) else rules)
        self.grey = rules.pop('grey', False)
        self.rules = rules
        semantic_denoise(torch.zeros(1, 1, dtype=torch.long), torch.zeros(3, 1, 1), **rules)  # refuses wrong ones now

    def forward(self, label: Tensor, image: Tensor) -> Tensor:
        """N,H,W and N,3,H,W to N,H,W."""
        return semantic_denoise(label, luma(image) if self.grey else image, **self.rules)
