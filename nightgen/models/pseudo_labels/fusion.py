"""One label map out of two experts' (MornGAN's labels of the day domain)."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from torch import Tensor

from nightgen.structures.class_maps import UNLABELLED

from .checks import require_label_map

PERSON_LIKE = {11: 11}
FUSION_RULES: Mapping[int, Mapping[int, int]] = MappingProxyType({
    11: PERSON_LIKE, 12: PERSON_LIKE,  # persons and riders: where both see a person
    13: {13: 13, 14: 14},  # cars, which the second expert may call trucks
    2: {2: 2}})  # buildings
"""MornGAN's (specs: morngan 3.3), by train ids: of the first expert's class, from the second expert's to the result."""


def fuse_labels(semantic: Tensor, panoptic: Tensor, rules: Mapping[int, Mapping[int, int]] = FUSION_RULES) -> Tensor:
    """The first expert's labels, checked against the second's for some classes.

    A pixel of a class with a rule becomes what the rule says for the second expert's class, and unlabelled where it
    says nothing. All other pixels keep the first expert's class.

    Args:
        semantic: N,H,W or H,W integers, train ids of a model of Cityscapes; 255 unlabelled.
        panoptic: Same shape, train ids of a panoptic model of COCO.
        rules: See :data:`FUSION_RULES`.

    Returns:
        Same shape and dtype as ``semantic``.

    Raises:
        ValueError: Shapes that differ.
        TypeError: Labels that are not of integers.
    """
    require_label_map(semantic, 'fuse_labels')
    require_label_map(panoptic, 'fuse_labels')
    if semantic.shape != panoptic.shape:
        raise ValueError(f'fuse_labels: the two label maps differ in shape, {tuple(semantic.shape)} and '
                         f'{tuple(panoptic.shape)}')
    fused = semantic.clone()
    for own, table in rules.items():
        fused[semantic == own] = UNLABELLED
        for other, result in table.items():
            fused[(semantic == own) & (panoptic == other)] = result
    return fused
