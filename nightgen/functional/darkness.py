"""Where a night image shows nothing: a weight for it, and what is left there of the colour of a translation."""

import torch
from torch import Tensor

from .precision import at_least_single


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


def mute_dark(image: Tensor, source: Tensor, share: float, threshold: float = 0.1) -> Tensor:
    """A translation with less colour where its source is black, which shows none: each pixel by itself.

    Colour is each channel's difference from the mean of the three, which stays.

    Args:
        image: The translation, N,3,H,W in [-1, 1].
        source: What it was made from, of the same shape.
        share: Of its colour that a pixel keeps whose source is 0; one of half the threshold keeps half of the rest too.
        threshold: See :func:`darkness`.

    Returns:
        N,3,H,W, ``image - (1 - share) * darkness * colour``.
    """
    grey = image.mean(dim=1, keepdim=True)
    return torch.lerp(image, grey.expand_as(image), (1 - share) * darkness(source, threshold).to(image))
