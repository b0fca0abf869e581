"""Keeps an image grey: the largest difference between the channels of a pixel."""

from __future__ import annotations

from torch import Tensor, nn

from nightgen.registry import LOSSES

from .checks import require_images


def monochromatic(image: Tensor) -> Tensor:
    """Per image, the largest max - min over the channels of one pixel; the mean over images (specs: morngan 2.5, T_mr).

    The gradient reaches two values of one pixel of each image, as in the paper's code.

    Args:
        image: N,C,H,W, usually a translated thermal image in [-1, 1].

    Returns:
        0-d tensor in [0, 2]; 0 for grey images.

    Raises:
        ValueError: Another shape.
    """
    require_images(image, 'monochromatic')
    spread = image.max(dim=1).values - image.min(dim=1).values
    return spread.flatten(1).max(dim=1).values.mean()


@LOSSES.register_module()
class MonochromaticLoss(nn.Module):
    """:func:`monochromatic` of ``image``."""

    def forward(self, image: Tensor) -> Tensor:
        return monochromatic(image)
