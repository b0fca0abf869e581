"""Keeps pedestrians of a translated thermal image warmer than the road."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from nightgen.functional import at_least_single, luma
from nightgen.registry import LOSSES

from .checks import require_images, require_label

_FLOOR = 1e-4


def temperature(image: Tensor, label: Tensor, road: int = 0, person: int = 11, quantile: float = 0.0) -> Tensor:
    """How far the coldest pedestrian pixel is below the road's mean, relative to that (specs: morngan 2.5, T_tr).

    Of the luma in [0, 1]: ``relu(v_road - v_person) / (v_road + 1e-4)``, with the mean ``v_road`` of the road as a
    constant and the smallest value ``v_person`` of the persons, or a quantile of them. An image without road or without
    persons counts 0.

    Args:
        image: N,3,H,W in [-1, 1], a day image translated into a thermal one.
        label: N,H,W integers, the classes of the day image.
        road, person: Class numbers; Cityscapes train ids by default.
        quantile: In [0, 1]; which value of the persons counts, without interpolation. 0 is the papers' minimum; 0.5,
            the (lower) median, is less at the mercy of pixels that are wrongly labelled as persons.

    Returns:
        0-d tensor in [0, 1), the mean over images.

    Raises:
        ValueError: Other shapes.
        TypeError: A label that is not of integers.
    """
    require_images(image, 'temperature', channels=3)
    require_label(label, image, 'temperature')
    values = (luma(at_least_single(image)) + 1).squeeze(1) / 2
    on_road, on_person = ((label == number).flatten(1) for number in (road, person))
    values = values.flatten(1)
    mean_road = (values.detach() * on_road).sum(dim=1) / on_road.sum(dim=1).clamp(min=1)
    ascending = values.masked_fill(~on_person, torch.inf)
    rank = (quantile * (on_person.sum(dim=1) - 1).clamp(min=0)).long()
    coldest = ascending.min(dim=1).values if quantile == 0 else ascending.sort(dim=1).values.gather(
        1, rank[:, None]).squeeze(1)
    too_cold = torch.relu(mean_road - coldest) / (mean_road + _FLOOR)
    return torch.where(on_road.any(dim=1) & on_person.any(dim=1), too_cold, 0.0).mean()


@LOSSES.register_module()
class TemperatureLoss(nn.Module):
    """:func:`temperature` with fixed classes."""

    def __init__(self, road: int = 0, person: int = 11, quantile: float = 0.0):
        super().__init__()
        if not 0 <= quantile <= 1:
            raise ValueError(f'TemperatureLoss: quantile must be in [0, 1], got {quantile}')
        self.road, self.person, self.quantile = road, person, quantile

    def forward(self, image: Tensor, label: Tensor) -> Tensor:
        return temperature(image, label, self.road, self.person, self.quantile)
