"""GridNet: rows of resolution streams, columns that send information down and then up again."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from mmengine.model import BaseModule
from torch import Tensor, nn

from nightgen.models.heads.grid import GridHead
from nightgen.models.layers import pad_to_multiple
from nightgen.registry import BACKBONES

ROWS = (16, 32, 64, 128, 256)


class GridBlock(nn.Module):
    """BN, ReLU, a first convolution, BN, ReLU, a 3x3 convolution; none has a bias.

    Args:
        first: The first convolution: of stride 1, of stride 2 on the way down, transposed on the way up.
    """

    def __init__(self, first: nn.Conv2d | nn.ConvTranspose2d) -> None:
        super().__init__()
        before, after = first.in_channels, first.out_channels
        self.layers = nn.Sequential(
            nn.BatchNorm2d(before), nn.ReLU(), first, nn.BatchNorm2d(after), nn.ReLU(),
            nn.Conv2d(after, after, 3, padding=1, bias=False))

    def forward(self, x: Tensor) -> Tensor:
        return self.layers(x)


class ResidualGridBlock(GridBlock):
    """A block of one size added to its input; in training the whole block is dropped at a rate.

    Args:
        channels: In and out.
        drop_rate: In training only; nothing is rescaled.
    """

    def __init__(self, channels: int, drop_rate: float) -> None:
        super().__init__(nn.Conv2d(channels, channels, 3, padding=1, bias=False))
        self.drop_rate = drop_rate

    def forward(self, x: Tensor) -> Tensor:
        change = super().forward(x)
        if self.training and self.drop_rate > 0:
            change = change * torch.rand((), device=x.device).ge(self.drop_rate).to(change.dtype)
        return x + change


class DownGridBlock(GridBlock):
    """From a row to the next lower one, of half the size."""

    def __init__(self, before: int, after: int) -> None:
        super().__init__(nn.Conv2d(before, after, 3, stride=2, padding=1, bias=False))


class UpGridBlock(GridBlock):
    """From a row to the next higher one, of twice the size."""

    def __init__(self, before: int, after: int) -> None:
        super().__init__(nn.ConvTranspose2d(before, after, 3, stride=2, padding=1, output_padding=1, bias=False))


@BACKBONES.register_module()
class GridNet(BaseModule):
    """Class scores of a grey picture; 13,206,674 parameters by default (specs/semantic_colorization 2).

    With r rows and c columns there are r (c - 1) residual blocks along the rows and (r - 1) c / 2 blocks each down (in
    the first half of the columns) and up (in the second half); where two ways meet, they are added. Source: Fourure et
    al., "Residual Conv-Deconv Grid Network for Semantic Segmentation" (BMVC 2017), as the released segmentor of
    "Semantic-driven Colorization" has it.

    Args:
        in_channels: Channels of the picture.
        num_classes: Classes of the head; None for the features alone, as a backbone of an mmseg model whose
            ``decode_head`` is ``dict(type='nightgen.GridHead')``.
        rows: Channels of the rows, finest first; each has half the size of the one above.
        columns: An even number.
        drop_rate: Rate at which residual blocks are dropped in training.
        init_cfg: mmengine's initialisation config; None keeps torch's default.

    Shape: N,in_channels,H,W in [0, 1] to logits N,num_classes,H,W, or to a tuple of one map N,rows[0],H,W. Sides that
    ``2 ** (len(rows) - 1)`` does not divide are padded at the right and bottom by repetition, and the result is cut.

    Raises:
        ValueError: An odd number of columns, no rows, a rate outside [0, 1).
    """

    def __init__(self, in_channels: int = 1, num_classes: int | None = 60, rows: Sequence[int] = ROWS,
                 columns: int = 6, drop_rate: float = 0.1, init_cfg: dict | list | None = None) -> None:
        super().__init__(init_cfg)
        rows = tuple(rows)
        if columns < 2 or columns % 2 or not rows or not 0 <= drop_rate < 1:
            raise ValueError('GridNet: columns is even and at least 2, rows are one or more, and drop_rate is in '
                             f'[0, 1); got columns={columns}, rows={rows}, drop_rate={drop_rate}')
        self.half, self.multiple = columns // 2, 2 ** (len(rows) - 1)
        self.norm = nn.BatchNorm2d(in_channels)
        self.first = nn.Sequential(
            nn.Conv2d(in_channels, rows[0], 3, padding=1, bias=False), nn.BatchNorm2d(rows[0]), nn.ReLU(),
            nn.Conv2d(rows[0], rows[0], 3, padding=1, bias=False), nn.BatchNorm2d(rows[0]), nn.ReLU())
        # along[c][r] leads from column c to c + 1; vertical[c][r] joins rows r and r + 1 in column c
        self.along = nn.ModuleList([
            nn.ModuleList([ResidualGridBlock(width, drop_rate) for width in rows]) for _ in range(columns - 1)])
        self.vertical = nn.ModuleList([
            nn.ModuleList([DownGridBlock(upper, lower) if column < self.half else UpGridBlock(lower, upper)
                           for upper, lower in zip(rows, rows[1:], strict=False)]) for column in range(columns)])
        self.head = GridHead(rows[0], num_classes) if num_classes is not None else None

    def forward(self, x: Tensor) -> Tensor | tuple[Tensor]:
        height, width = x.shape[-2:]
        grid = self._first_column(pad_to_multiple(x, self.multiple))
        for column, (along, vertical) in enumerate(zip(self.along, self.vertical[1:], strict=True), start=1):
            sides = [block(stream) for block, stream in zip(along, grid, strict=True)]
            grid = self._sent_down(sides, vertical) if column < self.half else self._sent_up(sides, vertical)
        features = grid[0][..., :height, :width]
        return (features,) if self.head is None else self.head(features)

    def _first_column(self, x: Tensor) -> list[Tensor]:
        grid = [self.first(self.norm(x))]
        for block in self.vertical[0]:
            grid.append(block(grid[-1]))
        return grid

    @staticmethod
    def _sent_down(sides: list[Tensor], vertical: nn.ModuleList) -> list[Tensor]:
        grid = sides[:1]
        for side, block in zip(sides[1:], vertical, strict=True):
            grid.append(side + block(grid[-1]))
        return grid

    @staticmethod
    def _sent_up(sides: list[Tensor], vertical: nn.ModuleList) -> list[Tensor]:
        grid = sides[-1:]
        for side, block in zip(sides[-2::-1], reversed(vertical), strict=True):
            grid.append(side + block(grid[-1]))
        return grid[::-1]
