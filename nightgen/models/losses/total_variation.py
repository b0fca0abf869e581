"""Total variation: squared differences of neighbouring pixels (specs: morngan 2.3)."""

from __future__ import annotations

from torch import Tensor, nn

from nightgen.registry import LOSSES


def total_variation(image: Tensor) -> Tensor:
    """Twice the mean squared difference to the next row, plus twice that to the next column.

    Args:
        image: N,C,H,W, usually in [-1, 1]; H and W at least 2.

    Returns:
        0-d tensor.

    Raises:
        ValueError: If the image has a single row or column.
    """
    if image.ndim != 4 or min(image.shape[-2:]) < 2:
        raise ValueError(f'total_variation: expected N,C,H,W with at least two rows and columns, got '
                         f'{tuple(image.shape)}')
    down = (image[:, :, 1:] - image[:, :, :-1]).square().mean()
    right = (image[:, :, :, 1:] - image[:, :, :, :-1]).square().mean()
    return 2 * (down + right)


@LOSSES.register_module()
class TotalVariationLoss(nn.Module):
    """:func:`total_variation` of ``image``."""

    def forward(self, image: Tensor) -> Tensor:
        return total_variation(image)
