"""How long it takes from a stroke on a label map to the new picture, and what a faster form changes in it."""

from __future__ import annotations

import statistics
import time
from collections.abc import Sequence
from typing import Any

import numpy as np

from nightgen.models.translators import SemanticColorizationTranslator
from nightgen.utils.timing import stopwatch

from .colorization import PhotoColorization
from .semantic_editor import SemanticMapEditor, resize_label

BRUSH = 0.1  # its side, of the map's shorter one


def time_strokes(model: SemanticColorizationTranslator, picture: np.ndarray, label: np.ndarray | None = None,
                 precisions: Sequence[str] = ('fp32', 'bf16'), size: Sequence[int] | None = None, rounds: int = 5
                 ) -> list[dict[str, Any]]:
    """Strokes in editors of several precisions, in turn; what the page does between a stroke and its picture.

    The grey stream is computed when the photo is opened, before the clock starts. Each round draws a horizontal stroke
    of another class in another place, the same in all editors. One more round before is not counted.

    Args:
        model: A semantic colorizer in evaluation mode.
        picture: The photo, H,W,3 uint8 RGB.
        label: Its map, of any size; by default all is the unlabelled class.
        precisions: See :class:`~nightgen.apis.ImageTranslation`; differences are to the first.
        size: Height and width of the network's picture; the model's ``photo_size`` by default.
        rounds: Strokes that count.

    Returns:
        One dictionary for each precision: ``precision``, ``seconds`` (median), ``fastest``, ``slowest``,
        ``cpu_seconds`` (median of the processor's time), ``largest_difference`` and ``mean_difference`` in grey levels
        of 255 over all strokes.

    Raises:
        TypeError, ValueError: A model that takes no maps, or that lacks a precision.
    """
    label_set = model.label_set
    editors: list[SemanticMapEditor] = []
    for precision in precisions:
        photo = PhotoColorization(model, precision=precision, size=size).open(picture)
        given = np.full((1, 1), label_set.unlabelled, np.uint8) if label is None else label
        whole = resize_label(given, (photo.size[0], photo.size[1]))
        editors.append(SemanticMapEditor(label_set, whole, photo))
        editors[-1].recolor()
    height, width = editors[0].label.shape
    taken: list[list[tuple[float, float]]] = [[] for _ in precisions]
    differences: list[list[np.ndarray]] = [[] for _ in precisions]
    for index in range(rounds + 1):
        y, kind = (2 * index + 1) * height // (2 * rounds + 2), (index + 1) % len(label_set.classes)
        pictures = []
        for editor, times in zip(editors, taken, strict=True):
            start = time.process_time()
            seconds, made = stopwatch(_stroke, editor, [(width // 4, y), (3 * width // 4, y)], kind,
                                      max(1, round(BRUSH * min(height, width))))
            pictures.append(made.astype(np.int16))
            times.append((seconds, time.process_time() - start))
        for made, found in zip(pictures, differences, strict=True):
            found.append(np.abs(made - pictures[0]))
    rows: list[dict[str, Any]] = []
    for precision, times, found in zip(precisions, taken, differences, strict=True):
        clock, worked = zip(*times[1:], strict=True)
        rows.append(dict(precision=precision, seconds=statistics.median(clock), fastest=min(clock),
                         slowest=max(clock), cpu_seconds=statistics.median(worked),
                         largest_difference=int(max(part.max() for part in found)),
                         mean_difference=float(np.mean([part.mean() for part in found]))))
    return rows


def _stroke(editor: SemanticMapEditor, points: list[tuple[int, int]], kind: int, size: int) -> np.ndarray:
    editor.stroke(points, kind, size)
    return editor.recolor()
