"""Conditional gradient repair of MornGAN: the background keeps the stronger gradients of the input."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from nightgen.functional import at_least_single, gradient_magnitude
from nightgen.registry import LOSSES

from .checks import require_equal_shapes, require_images


def conditional_gradient_repair(translated: Tensor, source: Tensor, background: Tensor, pad: str = 'zeros') -> Tensor:
    """What the translation lacks of the input's gradients, where these are above average (specs: morngan 2.9).

    With the gradient magnitudes g_r of the input and g_f of the translation and the region R: rho is the mean of g_r
    over R, H is where ``g_r R > rho``, and the loss ``sum relu(H (g_r - g_f)) / sum(H g_r)``. An image in which R or H
    is empty counts 0.

    Args:
        translated: N,3,H,W in [-1, 1].
        source: Same shape, the image that was translated; taken as a constant.
        background: N,H,W or N,1,H,W, true (or 1) in the region.
        pad: What lies around the image, see :func:`nightgen.models.layers.gradient_magnitude`.

    Returns:
        0-d tensor in [0, 1), the mean over images.

    Raises:
        ValueError: Shapes that do not fit, or an unknown padding.
    """
    who = 'conditional_gradient_repair'
    require_images(translated, who, channels=3)
    require_equal_shapes(who, translated=translated, source=source)
    batch, _, height, width = translated.shape
    if background.shape not in ((batch, height, width), (batch, 1, height, width)):
        raise ValueError(f'{who}: background must be N,H,W or N,1,H,W at the size of the images '
                         f'{tuple(translated.shape)}, got {tuple(background.shape)}')
    region = background.reshape(batch, -1) > 0
    wanted = gradient_magnitude(at_least_single(source.detach()), pad).flatten(1)
    found = gradient_magnitude(at_least_single(translated), pad).flatten(1)
    inside = wanted * region
    average = inside.sum(dim=1, keepdim=True) / region.sum(dim=1, keepdim=True).clamp(min=1)
    strong = wanted * (inside > average)
    lacking = torch.relu(strong - found).sum(dim=1)
    total = strong.sum(dim=1)
    return torch.where(total > 0, lacking / total.clamp(min=torch.finfo(total.dtype).tiny), 0.0).mean()


@LOSSES.register_module()
class ConditionalGradientRepairLoss(nn.Module):
    """:func:`conditional_gradient_repair` with a fixed padding."""

    def __init__(self, pad: str = 'zeros'):
        super().__init__()
        gradient_magnitude(torch.zeros(1, 3, 3, 3), pad)  # refuses an unknown padding now, not in training
        self.pad = pad

    def forward(self, translated: Tensor, source: Tensor, background: Tensor) -> Tensor:
        return conditional_gradient_repair(translated, source, background, self.pad)
