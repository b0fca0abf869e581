"""Normalisations that torch has no layer for."""

import torch
from torch import Tensor, nn


class InstanceBatchNorm2d(nn.Module):
    """IBN-a of IBN-Net (Pan et al., ECCV 2018): InstanceNorm on the first half of the channels, BatchNorm on the rest.

    Both affine. The conditional-GAN colorization paper's own IBN is another thing: whole layers of one or the other
    (specs/cgan_colorization 4).

    Args:
        channels: Two or more.

    Shape: N,C,H,W to N,C,H,W.
    """

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.half = channels // 2
        self.instance = nn.InstanceNorm2d(self.half, affine=True)
        self.batch = nn.BatchNorm2d(channels - self.half)

    def forward(self, x: Tensor) -> Tensor:
        first, rest = x.split([self.half, x.shape[1] - self.half], dim=1)
        return torch.cat([self.instance(first), self.batch(rest)], dim=1)


class SampleNorm2d(nn.Module):
    """Each sample by the mean and deviation of all its channels and positions, with one scale and one shift.

    What the released code of the conditional-GAN colorization paper calls instance normalisation: keras-contrib's layer
    without an axis (specs/cgan_colorization 4). The divisor is std + eps.

    Args:
        eps: Added to the standard deviation.

    Shape: N,C,H,W to N,C,H,W.
    """

    def __init__(self, eps: float = 1e-3) -> None:
        super().__init__()
        self.eps = eps
        self.weight, self.bias = nn.Parameter(torch.ones(1)), nn.Parameter(torch.zeros(1))

    def forward(self, x: Tensor) -> Tensor:
        wide = x.float() if x.dtype in (torch.float16, torch.bfloat16) else x  # squares overflow in 16 bits
        centred = wide - wide.mean(dim=(1, 2, 3), keepdim=True)
        variance = centred.square().mean(dim=(1, 2, 3), keepdim=True)
        # a constant sample has no deviation, and its root no slope
        deviation = variance.clamp(min=torch.finfo(wide.dtype).tiny).sqrt()
        return (centred / (deviation + self.eps) * self.weight + self.bias).to(x.dtype)
