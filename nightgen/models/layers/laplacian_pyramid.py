"""Laplacian pyramid with the 1-4-6-4-1 kernel: exact to decompose and reconstruct, at any size."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from nightgen.functional import no_autocast
from nightgen.registry import BACKBONES


@BACKBONES.register_module()
class LaplacianPyramid(nn.Module):
    """Split an image into high-frequency bands and a low band, and put it together again.

    One level down: blur with the outer product of 1-4-6-4-1 (over 256, reflected borders), keep the even rows and
    columns. One level up: put the samples on the even rows and columns of zeros, blur with four times the kernel. At
    an odd size the result is one row or column too long and is cut, which is what the nearest resize of LPTN does.
    The filters are fixed buffers that no checkpoint holds. Autocast does not reach in here: 16-bit filters would
    break the exactness.

    Source: N2D-LPNet section 3.1; LPTN's ``Lap_Pyramid_Conv`` (spec n2d_lpnet 1.1).

    Args:
        num_levels: Number of high bands L, at least 1.

    Shape:
        ``decompose``: N,C,H,W to ``[F_0, ..., F_{L-1}, P_L]``; ``F_i`` has size ``ceil(H / 2^i), ceil(W / 2^i)`` and
        ``P_L`` ``ceil(H / 2^L), ceil(W / 2^L)``. ``reconstruct`` is the reverse. Any float dtype, any range.
    """

    def __init__(self, num_levels: int = 3) -> None:
        super().__init__()
        if num_levels < 1:
            raise ValueError(f'LaplacianPyramid needs num_levels >= 1, got {num_levels}')
        self.num_levels = num_levels
        down = torch.tensor([1., 4., 6., 4., 1.]) / 16
        # The up filter on the samples alone, without the zeros between them: one tap row for even, one for odd output.
        phases = torch.tensor([[1., 6., 1.], [0., 4., 4.]]) / 8
        self.register_buffer('down_kernel', torch.outer(down, down)[None, None], persistent=False)
        self.register_buffer(
            'up_kernels', torch.einsum('ai,bj->abij', phases, phases).reshape(4, 1, 3, 3), persistent=False)

    def down(self, x: Tensor) -> Tensor:
        """Blur and halve: N,C,H,W to N,C,ceil(H/2),ceil(W/2)."""
        with no_autocast(x):
            n, c, h, w = x.shape
            padded = F.pad(x.reshape(n * c, 1, h, w), (2, 2, 2, 2), mode='reflect')
            small = F.conv2d(padded, self.down_kernel.to(x.dtype), stride=2)
            return small.reshape(n, c, *small.shape[-2:])

    def up(self, x: Tensor, size: tuple[int, int] | torch.Size | None = None) -> Tensor:
        """Double and blur: N,C,h,w to N,C,2h,2w, cut to ``size`` (H, W) where that is given."""
        with no_autocast(x):
            n, c, h, w = x.shape
            flat = x.reshape(n * c, 1, h, w)
            # Reflection around the first sample, and around the zero after the last one (which repeats the last).
            flat = torch.cat([flat[..., 1:2, :], flat, flat[..., -1:, :]], dim=-2)
            flat = torch.cat([flat[..., 1:2], flat, flat[..., -1:]], dim=-1)
            large = F.pixel_shuffle(F.conv2d(flat, self.up_kernels.to(x.dtype)), 2).reshape(n, c, 2 * h, 2 * w)
            return large if size is None else large[..., :size[0], :size[1]]

    def decompose(self, x: Tensor) -> list[Tensor]:
        """Split N,C,H,W into ``num_levels`` high bands, finest first, and the low band.

        Raises:
            ValueError: If a side is less than ``2^num_levels + 1``: a reflected border of two pixels needs three.
        """
        smallest = 2 ** self.num_levels + 1
        if min(x.shape[-2:]) < smallest:
            raise ValueError(f'an image of height and width {tuple(x.shape[-2:])} is too small for a pyramid of '
                             f'{self.num_levels} levels; both sides must be at least {smallest}')
        bands = []
        for _ in range(self.num_levels):
            small = self.down(x)
            bands.append(x - self.up(small, x.shape[-2:]))
            x = small
        return [*bands, x]

    def reconstruct(self, bands: list[Tensor]) -> Tensor:
        """Put ``[F_0, ..., F_{L-1}, P_L]`` together: N,C,H,W of the size of ``F_0``.

        Raises:
            ValueError: If the number of bands is not ``num_levels + 1``.
        """
        if len(bands) != self.num_levels + 1:
            raise ValueError(f'expected {self.num_levels} high bands and a low band, got {len(bands)} tensors')
        x = bands[-1]
        for band in reversed(bands[:-1]):
            x = self.up(x, band.shape[-2:]) + band
        return x
