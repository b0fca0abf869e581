"""Where a night image shows nothing: a weight for it, and a loss on the colours that are made up there."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from nightgen.functional import at_least_single
from nightgen.registry import LOSSES

EPS = 1e-6


def darkness(source: Tensor, threshold: float = 0.1) -> Tensor:
    """How black a pixel is: 1 where all channels are 0, falling linearly to 0 where one reaches ``threshold``.

    Args:
        source: N,3,H,W in [-1, 1].
        threshold: In (0, 1], on the scale of 0 to 1.

    Returns:
        N,1,H,W in [0, 1].
    """
    if not 0 < threshold <= 1:
        raise ValueError(f'darkness: threshold is in (0, 1], got {threshold}')
    brightest = (at_least_single(source).amax(dim=1, keepdim=True) + 1) / 2
    return (1 - brightest / threshold).clamp(0, 1)


def dark_chroma(image: Tensor, source: Tensor, threshold: float = 0.1) -> Tensor:
    """Variance of an image's colour where its source is black: nothing there says that one place is bluer than another.

    Colour is each channel's difference from the mean of the three. Its mean over the black, weighted by
    :func:`darkness`, is free: a sky and a road that are black alike may become any one colour, not two.

    Args:
        image: The translation, N,3,H,W in [-1, 1].
        source: What it was made from, of the same shape.
        threshold: See :func:`darkness`.

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
        threshold: See :func:`darkness`.
    """

    def __init__(self, threshold: float = 0.1) -> None:
        super().__init__()
        darkness(torch.zeros(1, 3, 1, 1), threshold)  # refuses a bad one here
        self.threshold = threshold

    def forward(self, image: Tensor, source: Tensor) -> Tensor:
        return dark_chroma(image, source, self.threshold)
