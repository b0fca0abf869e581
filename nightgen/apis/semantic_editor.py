"""A label map that is edited over a photo, and the colours that follow; no user interface in it."""

from __future__ import annotations

import io
import os
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

import cv2
import numpy as np
from PIL import Image

from nightgen.structures.class_maps import UNLABELLED
from nightgen.structures.label_sets import LabelSet
from nightgen.utils.files import whole_file
from nightgen.utils.images import decode_image

from .colorization import OpenPhoto

SHAPES = ('square', 'disc')
MOST_CLASSES = 255  # the palette of an indexed PNG, and 255 is kept for unlabelled
Point = tuple[int, int]
LONGEST_STROKE = 200_000
"""Pixels of one stroke's line; a stroke over the whole of a map of 352 pixels has a hundredth."""


class Edit(NamedTuple):
    """What one step of the history changed: the box's top and left, and what stood in it before and after."""

    top: int
    left: int
    before: np.ndarray
    after: np.ndarray


class SemanticMapEditor:
    """Edits a label map, and recolours the photo under it with nothing but the colour network run again.

    Positions are pixels of the map, ``x`` to the right and ``y`` down. An edit says whether it changed anything; one
    that did can be undone. Labels are integers throughout: the map is never read back from what a network was fed
    (which is how the released demo loses classes; specs/semantic_colorization 8.6).

    Args:
        label_set: Names, colours and the unlabelled class, by label.
        label: The map H,W; integers that are classes, or 255, which is read as the unlabelled class.
        photo: What colours are asked of; without one the map alone can be edited.
        steps: How many edits can be undone; the oldest are forgotten.

    Raises:
        ValueError: A map with other values or of another shape, more classes than an indexed PNG can hold.
    """

    def __init__(self, label_set: LabelSet, label: np.ndarray, photo: OpenPhoto | None = None, steps: int = 200):
        if not 1 <= len(label_set.classes) <= MOST_CLASSES or len(label_set.palette) != len(label_set.classes):
            raise ValueError(f'{len(label_set.classes)} classes with {len(label_set.palette)} colours: one for each is '
                             f'needed, and at most {MOST_CLASSES} fit an indexed PNG')
        self.label_set, self.photo, self.steps = label_set, photo, steps
        self._label = self._checked(label)
        self._done: list[Edit] = []
        self._undone: list[Edit] = []
        self._colours: np.ndarray | None = None

    @property
    def label(self) -> np.ndarray:
        """The map, H,W uint8, to be read only."""
        view = self._label.view()
        view.flags.writeable = False
        return view

    @property
    def can_undo(self) -> bool:
        return bool(self._done)

    @property
    def can_redo(self) -> bool:
        return bool(self._undone)

    def brush(self, x: int, y: int, label: int, size: int = 1, shape: str = 'square') -> bool:
        """One stamp of the brush; see :meth:`stroke`."""
        return self.stroke([(x, y)], label, size, shape)

    def stroke(self, points: Iterable[Point], label: int, size: int = 1, shape: str = 'square') -> bool:
        """Draw a brush along a line through points; what lies outside the map is cut off.

        Args:
            points: (x, y) of the brush's centre, also outside the map; between them it goes straight.
            label: The class that is painted.
            size: Side of the square or diameter of the disc in pixels; an even one reaches one pixel further to the
                left and up than to the right and down.
            shape: ``square`` or ``disc``.

        Returns:
            Whether a pixel has changed.

        Raises:
            ValueError: An unknown class or shape, a size that is not positive or wider than the map.
        """
        self._check_class(label)
        if size > max(self._label.shape):
            raise ValueError(f'a brush of {size} pixels is wider than the map of {self._label.shape}')
        stamp = brush_stamp(size, shape)
        touched = np.zeros(self._label.shape, bool)
        for x, y in straight_line(points):
            top, left = y - size // 2, x - size // 2
            inside = touched[max(top, 0):max(top + size, 0), max(left, 0):max(left + size, 0)]
            from_top, from_left = max(-top, 0), max(-left, 0)
            inside |= stamp[from_top:from_top + inside.shape[0], from_left:from_left + inside.shape[1]]
        return self._paint(touched, label)

    def pick(self, x: int, y: int) -> int:
        """The class at a position.

        Raises:
            ValueError: It is outside the map.
        """
        height, width = self._label.shape
        if not (0 <= x < width and 0 <= y < height):
            raise ValueError(f'({x}, {y}) is outside the map of {width}x{height} pixels')
        return int(self._label[y, x])

    def region(self, x: int, y: int) -> np.ndarray:
        """The pixels that hang together with a position, by their sides, and have its class: H,W bool."""
        self.pick(x, y)
        found = np.zeros((self._label.shape[0] + 2, self._label.shape[1] + 2), np.uint8)
        cv2.floodFill(self._label.copy(), found, (x, y), 0, flags=4 | cv2.FLOODFILL_MASK_ONLY | 1 << 8)
        return found[1:-1, 1:-1].astype(bool)

    def fill(self, x: int, y: int, label: int) -> bool:
        """Give the whole :meth:`region` of a position another class."""
        self._check_class(label)
        return self._paint(self.region(x, y), label)

    def replace_class(self, old: int, new: int, region: np.ndarray | tuple[int, int, int, int] | None = None) -> bool:
        """Turn a class into another, everywhere or in a region.

        Args:
            old, new: The classes.
            region: An H,W bool array, or a box (left, top, right, bottom) without its right and lower end.

        Raises:
            ValueError: An unknown class, a region of another shape, or a box that ends before it starts.
        """
        self._check_class(old)
        self._check_class(new)
        return self._paint((self._label == old) & self._region(region), new)

    def remove_class(self, label: int, region: np.ndarray | tuple[int, int, int, int] | None = None) -> bool:
        """Turn a class into the unlabelled one; see :meth:`replace_class`."""
        return self.replace_class(label, self.label_set.unlabelled, region)

    def set_label(self, label: np.ndarray) -> bool:
        """Take another map; it can be undone. A map of another size is brought to this one's without mixing classes.

        Raises:
            ValueError: Values that are no classes, or not H,W.
        """
        label = self._checked(label)
        return self._paint(np.ones(self._label.shape, bool), resize_label(label, self._label.shape))

    def undo(self) -> bool:
        """Take the last edit back; False if there is none."""
        return self._move(self._done, self._undone, 'before')

    def redo(self) -> bool:
        """Do the edit again that was taken back last; False if there is none, or another edit came since."""
        return self._move(self._undone, self._done, 'after')

    def recolor(self) -> np.ndarray:
        """The photo in the colours that the map says, H,W,3 uint8 RGB; computed only where the map has changed since.

        Raises:
            ValueError: There is no photo.
        """
        if self.photo is None:
            raise ValueError('this editor has no photo: give it one to have it coloured')
        if self._colours is None:
            self._colours = self.photo.colour(self._label.copy())
        return self._colours

    def to_png(self, size: tuple[int, int] | None = None) -> bytes:
        """The map as an indexed PNG with the classes' colours.

        Args:
            size: Height and width to write it in, the photo's say; the map's own by default. Where neither is smaller
                than the map's, nothing is lost: :meth:`set_label` finds the same map again.
        """
        label = self._label if size is None else resize_label(self._label, size)
        picture = Image.fromarray(label)
        picture.putpalette(np.array(self.label_set.palette, np.uint8).tobytes())
        data = io.BytesIO()
        picture.save(data, 'PNG')
        return data.getvalue()

    def save(self, path: str | os.PathLike, size: tuple[int, int] | None = None) -> None:
        """Write :meth:`to_png` to a file, whole or not at all.

        Raises:
            OSError: It cannot be written.
        """
        with whole_file(path) as partial:
            partial.write_bytes(self.to_png(size))

    def load(self, source: str | os.PathLike | bytes) -> bool:
        """Take the map of a PNG: indices into a palette, or the grey values of one without.

        Args:
            source: A file, or what it holds.

        Raises:
            nightgen.utils.images.BrokenImageError: It cannot be read, or has colours instead of classes.
            ValueError: Values that are no classes.
        """
        data = source if isinstance(source, bytes) else Path(source).read_bytes()
        name = 'the label map' if isinstance(source, bytes) else str(source)
        return self.set_label(decode_image(data, name, 'label'))

    def _paint(self, where: np.ndarray, label: int | np.ndarray) -> bool:
        """Write a class, or a map, where a mask says so: one step of the history, if it changes anything."""
        changed = where & (self._label != label)
        rows, columns = changed.any(axis=1).nonzero()[0], changed.any(axis=0).nonzero()[0]
        if not rows.size:
            return False
        box = slice(rows[0], rows[-1] + 1), slice(columns[0], columns[-1] + 1)
        before = self._label[box].copy()
        np.copyto(self._label, np.asarray(label, np.uint8), where=changed)
        self._done.append(Edit(int(rows[0]), int(columns[0]), before, self._label[box].copy()))
        del self._done[:-self.steps]
        self._undone.clear()
        self._colours = None
        return True

    def _move(self, source: list[Edit], target: list[Edit], side: str) -> bool:
        if not source:
            return False
        edit = source.pop()
        target.append(edit)
        height, width = edit.before.shape
        self._label[edit.top:edit.top + height, edit.left:edit.left + width] = getattr(edit, side)
        self._colours = None
        return True

    def _region(self, region: np.ndarray | tuple[int, int, int, int] | None) -> np.ndarray:
        mask = np.zeros(self._label.shape, bool)
        if region is None:
            return ~mask
        if isinstance(region, np.ndarray):
            if region.shape != mask.shape or region.dtype != bool:
                raise ValueError(f'a region is a bool array of the map\'s shape {mask.shape}, got {region.dtype} of '
                                 f'{region.shape}')
            return region
        left, top, right, bottom = region
        if not (left < right and top < bottom):
            raise ValueError(f'a box is (left, top, right, bottom) with left < right and top < bottom, got {region}')
        mask[max(top, 0):max(bottom, 0), max(left, 0):max(right, 0)] = True
        return mask

    def _check_class(self, label: int) -> None:
        if not 0 <= label < len(self.label_set.classes):
            raise ValueError(f'there is no class {label}: they are 0 to {len(self.label_set.classes) - 1}')

    def _checked(self, label: np.ndarray) -> np.ndarray:
        """A map of classes alone, uint8, of its own memory."""
        label = np.asarray(label)
        if label.ndim != 2 or 0 in label.shape or not np.issubdtype(label.dtype, np.integer):
            raise ValueError(f'a label map is H,W integers, got {label.dtype} of {label.shape}')
        label = np.where(label == UNLABELLED, self.label_set.unlabelled, label)
        wrong = np.unique(label[(label < 0) | (label >= len(self.label_set.classes))])
        if wrong.size:
            raise ValueError(f'the label map holds {wrong[:8].tolist()}: classes are 0 to '
                             f'{len(self.label_set.classes) - 1}, and {UNLABELLED} where unlabelled')
        return label.astype(np.uint8)


def brush_stamp(size: int, shape: str) -> np.ndarray:
    """The pixels of a brush, size,size bool: all of a square; of a disc those whose centres lie inside the circle.

    Raises:
        ValueError: An unknown shape or a size below 1.
    """
    if size < 1 or shape not in SHAPES:
        raise ValueError(f'a brush is {" or ".join(SHAPES)} and at least 1 pixel wide, got {shape!r} of {size}')
    if shape == 'square':
        return np.ones((size, size), bool)
    from_centre = 2 * np.arange(size) + 1 - size  # in half pixels
    return from_centre[:, None] ** 2 + from_centre ** 2 <= size ** 2


def straight_line(points: Iterable[Point]) -> list[Point]:
    """Every pixel on the way through points, in order; a step goes to the next pixel along the longer side.

    Raises:
        ValueError: There is no point, or the way is longer than :data:`LONGEST_STROKE`.
    """
    points = list(points)
    steps = [max(abs(x1 - x0), abs(y1 - y0)) for (x0, y0), (x1, y1) in zip(points, points[1:], strict=False)]
    if not points or sum(steps) > LONGEST_STROKE:
        raise ValueError(f'a stroke has at least one point and at most {LONGEST_STROKE} pixels, got {len(points)} '
                         f'points over {sum(steps)} pixels')
    line = points[:1]
    for (x0, y0), (x1, y1), count in zip(points, points[1:], steps, strict=False):
        line += [(x0 + _rounded((x1 - x0) * step, count), y0 + _rounded((y1 - y0) * step, count))
                 for step in range(1, count + 1)]
    return line


def _rounded(numerator: int, denominator: int) -> int:
    """Halves go up, in whole numbers: a page's preview can draw the same pixels."""
    return (2 * numerator + denominator) // (2 * denominator)


def resize_label(label: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    """A map at another height and width: every pixel takes the class at its centre, so that classes are never mixed."""
    rows, columns = (((2 * np.arange(new) + 1) * old) // (2 * new) for old, new in zip(label.shape, size, strict=True))
    return label[rows[:, None], columns]
