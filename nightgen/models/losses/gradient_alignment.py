"""Structured gradient alignment of PearlGAN: where the input has edges, the translation shall have some of its own."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from nightgen.functional import at_least_single, gradient_magnitude
from nightgen.registry import LOSSES

from .checks import require_images

Cell = tuple[int, int]


def structured_gradient_alignment(translated: Tensor, edges: Tensor, cell: Cell | None = None, threshold: float = 0.8,
                                  grid: int = 8, pad: str = 'zeros') -> Tensor:
    """How far gradients at edges stay below a share of the strongest gradient nearby (specs: morngan 2.4).

    The image is cut into ``grid`` x ``grid`` cells. In one of them, with the edges E and the gradient magnitude g of
    the translation: ``sum relu(threshold E - g / max g) / (sum E + 1)``. Each image draws its own cell, evenly among
    those with an edge, from torch's random generator; an image without an edge counts 0.

    Args:
        translated: N,3,H,W in [-1, 1].
        edges: N,1,H,W in [0, 1], the edge map of the image that was translated; it may be soft.
        cell: Row and column of the cell to use in every image instead of drawing one.
        threshold: Share of the strongest gradient of the cell: 0.8 for FLIR, 0.44 for KAIST.
        grid: Cells along each side; where it does not divide a side, cells differ by a pixel.
        pad: What lies around the image, see :func:`nightgen.models.layers.gradient_magnitude`.

    Returns:
        0-d tensor in [0, threshold), the mean over images.

    Raises:
        ValueError: Shapes that do not fit, or a cell outside of the grid.
    """
    who = 'structured_gradient_alignment'
    require_images(translated, who, channels=3)
    batch, _, height, width = translated.shape
    if edges.shape != (batch, 1, height, width):
        raise ValueError(f'{who}: edges must be N,1,H,W at the size of the image {tuple(translated.shape)}, got '
                         f'{tuple(edges.shape)}')
    if not 1 <= grid <= min(height, width):
        raise ValueError(f'{who}: a grid of {grid} x {grid} cells does not fit {height} x {width} pixels')
    translated, edges = at_least_single(translated), at_least_single(edges)
    rows, columns = (torch.arange(side, device=edges.device) * grid // side for side in (height, width))
    chosen = _draw_cells(edges, rows, columns, grid) if cell is None else _same_cell(cell, edges, grid)
    inside = (rows[:, None] == chosen[:, 0, None, None]) & (columns == chosen[:, 1, None, None])  # N,H,W
    gradient = gradient_magnitude(translated, pad).squeeze(1)
    strongest = gradient.masked_fill(~inside, 0).flatten(1).max(dim=1).values[:, None, None]
    edges = edges.squeeze(1) * inside
    missing = torch.relu(threshold * edges - gradient / strongest)  # 0 outside the cell, where there are no edges
    return (missing.sum(dim=(1, 2)) / (edges.sum(dim=(1, 2)) + 1)).mean()


def _draw_cells(edges: Tensor, rows: Tensor, columns: Tensor, grid: int) -> Tensor:
    """Row and column of a random cell with an edge, of each image; of any cell where there is no edge: N,2."""
    numbers = torch.arange(grid, device=edges.device)
    has_edge = (edges.squeeze(1) > 0).float()
    total = (rows == numbers[:, None]).float() @ has_edge @ (columns[:, None] == numbers).float()
    chances = (total > 0).flatten(1).float()
    number = (chances + torch.rand_like(chances)).argmax(dim=1)  # any of those in [1, 2), if there is one
    return torch.stack([number // grid, number % grid], dim=1)


def _same_cell(cell: Cell, edges: Tensor, grid: int) -> Tensor:
    row, column = cell
    if not (0 <= row < grid and 0 <= column < grid):
        raise ValueError(f'structured_gradient_alignment: cell {tuple(cell)} lies outside of the {grid} x {grid} grid')
    return torch.tensor([[row, column]], device=edges.device).expand(edges.shape[0], 2)


@LOSSES.register_module()
class StructuredGradientAlignmentLoss(nn.Module):
    """:func:`structured_gradient_alignment` with fixed settings.

    Args:
        threshold, grid, pad: See :func:`structured_gradient_alignment`.
    """

    def __init__(self, threshold: float = 0.8, grid: int = 8, pad: str = 'zeros'):
        super().__init__()
        structured_gradient_alignment(torch.zeros(1, 3, grid, grid), torch.zeros(1, 1, grid, grid), (0, 0), threshold,
                                      grid, pad)  # refuses what is unknown now, not in training
        self.threshold, self.grid, self.pad = threshold, grid, pad

    def forward(self, translated: Tensor, edges: Tensor, cell: Cell | None = None) -> Tensor:
        return structured_gradient_alignment(translated, edges, cell, self.threshold, self.grid, self.pad)
