"""Pictures side by side in one picture."""

from collections.abc import Sequence

import cv2
import numpy as np
from torch import Tensor

from nightgen.utils.images import tensor_to_image, to_uint8

BACKGROUND = 255
GAP = 4
_FONT = cv2.FONT_HERSHEY_SIMPLEX


def make_grid(rows: Sequence[Sequence[np.ndarray | Tensor | None]], titles: Sequence[str] = (), max_cell: int = 512,
              labels: Sequence[str] = ()) -> np.ndarray:
    """Lay out pictures in rows and columns on white.

    Pictures of a row are brought to the height of its first; none is enlarged beyond that, and all are shrunk so that
    no cell is wider or higher than ``max_cell``. Cells are aligned by column; a missing picture leaves its cell white.

    Args:
        rows: Pictures by row: RGB or grey, uint8 or uint16, arrays H,W,3 or H,W, or tensors C,H,W; None for none.
        titles: Of the columns, written above.
        max_cell: Largest side of a cell in pixels.
        labels: Of the rows, written into the upper left corner of their first picture.

    Returns:
        uint8 H,W,3 RGB.

    Raises:
        ValueError: No picture at all, or a picture of another shape than described.
    """
    cells = [[None if picture is None else _as_rgb(picture) for picture in row] for row in rows]
    if not any(cell is not None for row in cells for cell in row):
        raise ValueError('make_grid: there is no image to show')
    cells = [_same_height(row, max_cell) for row in cells]
    for row, label in zip(cells, labels, strict=False):
        if row and row[0] is not None:
            row[0] = labelled(row[0], label)
    columns = max(map(len, cells))
    widths = [max((row[c].shape[1] for row in cells if c < len(row) and row[c] is not None), default=0)
              for c in range(columns)]
    heights = [max((cell.shape[0] for cell in row if cell is not None), default=0) for row in cells]
    top = _title_height(widths) if any(titles) else 0
    grid = np.full((top + sum(heights) + GAP * (len(cells) + 1), sum(widths) + GAP * (columns + 1), 3), BACKGROUND,
                   np.uint8)
    for column, title in enumerate(titles[:columns]):
        _write(grid, title, (GAP + sum(widths[:column]) + column * GAP, GAP), top - GAP, widths[column])
    y = top + GAP
    for row, height in zip(cells, heights, strict=True):
        x = GAP
        for column, cell in enumerate(row):
            if cell is not None:
                grid[y:y + cell.shape[0], x:x + cell.shape[1]] = cell
            x += widths[column] + GAP
        y += height + GAP
    return grid


def _as_rgb(picture: np.ndarray | Tensor) -> np.ndarray:
    image = tensor_to_image(picture) if isinstance(picture, Tensor) and picture.ndim == 3 else np.asarray(picture)
    if image.ndim == 2:
        image = image[..., None]
    if image.ndim != 3 or image.shape[2] not in (1, 3):
        raise ValueError(f'make_grid takes RGB or grey images, got {type(picture).__name__} {tuple(picture.shape)}')
    image = to_uint8(image)
    return np.repeat(image, 3, axis=2) if image.shape[2] == 1 else image


def _same_height(row: list[np.ndarray | None], max_cell: int) -> list[np.ndarray | None]:
    shown = [cell for cell in row if cell is not None]
    if not shown:
        return row
    height = shown[0].shape[0]
    widest = max(cell.shape[1] * height / cell.shape[0] for cell in shown)
    height = max(1, round(height * min(1.0, max_cell / height, max_cell / widest)))
    return [None if cell is None else _resize(cell, height) for cell in row]


def _resize(image: np.ndarray, height: int) -> np.ndarray:
    if image.shape[0] == height:
        return image
    width = max(1, round(image.shape[1] * height / image.shape[0]))
    return cv2.resize(image, (width, height), interpolation=cv2.INTER_AREA if height < image.shape[0] else
                      cv2.INTER_LINEAR)


def _title_height(widths: Sequence[int]) -> int:
    return int(np.clip(max(widths) // 12, 16, 40)) + GAP


def _scale(text: str, height: int, width: int) -> float:
    """Font scale with which ``text`` fits into a box of this height and width."""
    (w, h), baseline = cv2.getTextSize(text, _FONT, 1.0, 1)
    return min(0.8 * height / (h + baseline), width / max(w, 1))


def _write(image: np.ndarray, text: str, corner: tuple[int, int], height: int, width: int,
           colour: tuple[int, int, int] = (0, 0, 0)) -> None:
    if not text or width < 8:
        return
    scale = _scale(text, height, width)
    (_, h), _ = cv2.getTextSize(text, _FONT, scale, 1)
    cv2.putText(image, text, (corner[0], corner[1] + (height + h) // 2), _FONT, scale, colour, 1, cv2.LINE_AA)


def labelled(image: np.ndarray, label: str) -> np.ndarray:
    """A copy of an image, H,W,3 uint8, with a line of text in its upper left corner, white on a darkened strip."""
    image = np.ascontiguousarray(image).copy()
    height = int(np.clip(image.shape[0] // 10, 10, 24))
    scale = _scale(label, height, image.shape[1])
    width = min(image.shape[1], round(cv2.getTextSize(label, _FONT, scale, 1)[0][0]) + 4)
    image[:height, :width] = image[:height, :width] // 4
    _write(image, label, (2, 0), height, image.shape[1] - 4, (255, 255, 255))
    return image
