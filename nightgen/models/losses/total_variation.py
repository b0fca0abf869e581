"""Total variation: squared differences of neighbouring pixels (specs: morngan 2.3)."""

from __future__ import annotations

from torch import Tensor, nn

from nightgen.functional import darkness
from nightgen.registry import LOSSES


def total_variation(image: Tensor, weight: Tensor | None = None) -> Tensor:
    """Twice the mean squared difference to the next row, plus twice that to the next column.

    Args:
        image: N,C,H,W, usually in [-1, 1]; H and W at least 2.
        weight: N,1,H,W, of each difference that of its upper or left pixel; None for 1 everywhere. The mean is over all
            pixels, so less weight is a smaller value.

    Returns:
        0-d tensor.

    Raises:
        ValueError: If the image has a single row or column.
    """
    if image.ndim != 4 or min(image.shape[-2:]) < 2:
        raise ValueError(f'total_variation: expected N,C,H,W with at least two rows and columns, got '
                         f'{tuple(image.shape)}')
    down = (image[:, :, 1:] - image[:, :, :-1]).square()
    right = (image[:, :, :, 1:] - image[:, :, :, :-1]).square()
    if weight is not None:
        down, right = down * weight[:, :, :-1], right * weight[:, :, :, :-1]
    return 2 * (down.mean() + right.mean())


@LOSSES.register_module()
class TotalVariationLoss(nn.Module):
    """:func:`total_variation` of ``image``; where the term also reads ``source``, weighted by its darkness.

    Args:
        dark_below: Given a source, a difference weighs as much as its pixel is black there, and nothing where a channel
            reaches this value on the scale of 0 to 1 (:func:`~nightgen.functional.darkness.darkness`).
    """

    def __init__(self, dark_below: float = 0.1) -> None:
        super().__init__()
        self.dark_below = dark_below

    def forward(self, image: Tensor, source: Tensor | None = None) -> Tensor:
        return total_variation(image, None if source is None else darkness(source, self.dark_below).detach())
