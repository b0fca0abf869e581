"""Label maps of grey pictures by a frozen segmentor, in the numbers of a label set."""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor, nn

from nightgen.functional import luma_to_grey
from nightgen.registry import MODELS
from nightgen.structures.class_maps import UNLABELLED
from nightgen.structures.label_sets import LabelSet


class LumaLabels(nn.Module):
    """Labels lumas with an expert, which is built when it is first needed.

    A colorizer's config names the segmentor that belongs to it; training it, and colouring with given maps, does not
    need the segmentor's weights. The expert's classes are found in the label set by name.

    Args:
        expert: Config of a :class:`~.segmentation.SegmentationExpert` without ``class_map``, or the expert.
        label_set: Whose numbers the maps have.
    """

    def __init__(self, expert: Mapping | nn.Module, label_set: LabelSet) -> None:
        super().__init__()
        self.config, self.label_set, self.expert = expert, label_set, None

    def build(self, device: torch.device | str = 'cpu') -> LumaLabels:
        """Build the expert now, so that what is wrong with it is told now.

        Raises:
            KeyError: A class that the label set does not have.
            nightgen.models.experts.building.MissingPackageError, FileNotFoundError, ValueError: As the expert says.
        """
        if self.expert is None:
            config = self.config
            expert = config if isinstance(config, nn.Module) else MODELS.build(dict(config))
            numbers = self.label_set.numbers(expert.classes)
            table = torch.full((UNLABELLED + 1,), UNLABELLED)
            table[:len(numbers)] = torch.tensor(numbers)
            self.register_buffer('numbers', table, persistent=False)
            self.expert, self.config = expert, None
            self.to(device)
        return self

    @torch.no_grad()
    def forward(self, luma: Tensor) -> Tensor:
        """Label maps N,H,W int64 (255 unlabelled) of lumas N,1,H,W in [-1, 1]."""
        self.build(luma.device)
        return self.numbers[self.expert(luma_to_grey(luma).clamp(-1, 1))]
