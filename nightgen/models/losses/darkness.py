"""A loss on the colours that are made up where a night image shows nothing."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from nightgen.functional import at_least_single, darkness
from nightgen.registry import LOSSES

EPS = 1e-6


def dark_chroma(image: Tensor, source: Tensor, threshold: float = 0.1) -> Tensor:
    """Variance of an image's colour where its source is black: nothing there says that one place is bluer than another.

    Colour is each channel's difference from the mean of the three. Its mean over the black, weighted by
    :func:`~nightgen.functional.darkness.darkness`, is free: a sky and a road that are black alike may become any one
    colour, not two.

    Args:
        image: The translation, N,3,H,W in [-1, 1].
        source: What it was made from, of the same shape.
        threshold: See :func:`~nightgen.functional.darkness.darkness`.

    Returns:
        0-d tensor: the weighted mean square distance from the weighted mean, summed over channels; mean over images. An
        image whose source has no black counts as 0.

    Raises:
        ValueError: Shapes that differ, or a threshold outside (0, 1].
    """
    if image.shape != source.shape or image.ndim != 4 or image.shape[1] != 3:
        raise ValueError(f'dark_chroma: expected two N,3,H,W of one shape, got {tuple(image.shape)} and '
                         f'{tuple(source.shape)}')
    image, weight = at_least_single(image), darkness(source, threshold).detach()
    share = weight / (weight.sum(dim=(2, 3), keepdim=True) + EPS)
    chroma = image - image.mean(dim=1, keepdim=True)
    distance = chroma - (share * chroma).sum(dim=(2, 3), keepdim=True)
    return (share * distance.square()).sum(dim=(1, 2, 3)).mean()


@LOSSES.register_module()
class DarkChromaLoss(nn.Module):
    """:func:`dark_chroma` of a translation and its ``source``.

    Args:
        threshold: See :func:`~nightgen.functional.darkness.darkness`.
    """

    def __init__(self, threshold: float = 0.1) -> None:
        super().__init__()
        darkness(torch.zeros(1, 3, 1, 1), threshold)  # refuses a bad one here
        self.threshold = threshold

    def forward(self, image: Tensor, source: Tensor) -> Tensor:
        return dark_chroma(image, source, self.threshold)
