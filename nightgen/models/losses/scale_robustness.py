"""Scale robustness of MornGAN: an image translated at another size gives the same translation."""

from __future__ import annotations

from torch import Tensor, nn

from nightgen.registry import LOSSES

from .pixel import pixel
from .ssim import ssim


def scale_robustness(scaled: Tensor, reference: Tensor, l1_weight: float = 10.0, window_size: int = 3) -> Tensor:
    """``l1_weight`` times the smooth L1 distance, plus 1 - SSIM (specs: morngan 2.10).

    Args:
        scaled: N,C,H,W in [-1, 1], the translation of the input at another size, brought to the size of the reference.
        reference: Same shape, the translation at the usual size; taken as a constant.
        l1_weight: Of the distance (beta 1).
        window_size: Of SSIM.

    Returns:
        0-d tensor, at least 0.

    Raises:
        ValueError: Shapes that differ, or images smaller than the window.
    """
    reference = reference.detach()
    return l1_weight * pixel(scaled, reference, 'smooth_l1') + ssim(scaled, reference, window_size)


@LOSSES.register_module()
class ScaleRobustnessLoss(nn.Module):
    """:func:`scale_robustness` with fixed settings."""

    def __init__(self, l1_weight: float = 10.0, window_size: int = 3):
        super().__init__()
        self.l1_weight, self.window_size = l1_weight, window_size

    def forward(self, scaled: Tensor, reference: Tensor) -> Tensor:
        return scale_robustness(scaled, reference, self.l1_weight, self.window_size)
