"""Pairing by memory: a day with rare classes meets a remembered night whose rare classes are distributed alike."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

import numpy as np

from nightgen.datasets.pairing import PairingRule
from nightgen.datasets.transforms.geometry import RandomCropImages, RandomFlipTranspose, ResizeImages
from nightgen.registry import TASK_UTILS
from nightgen.utils.images import read_image
from nightgen.utils.seeding import Draw, Pick

RARE_CLASSES = (6, 7, 11, 14, 15, 17)
"""Traffic lights and signs, persons, trucks, buses and motorcycles, as train ids (specs: morngan 3.1)."""
_EQUAL = 1e-9  # similarities that differ by rounding alone


class Row(NamedTuple):
    """A remembered crop: the draw that showed it, the picture, the window in it, and its pixels of each class."""

    draw: int
    index: int
    crop_box: tuple[int, int, int, int]
    counts: tuple[int, ...]


def class_counts(label: np.ndarray, classes: Sequence[int]) -> tuple[int, ...]:
    """Number of pixels of each class."""
    return tuple(int((label == number).sum()) for number in classes)


def distribution_vector(counts: Sequence[int]) -> np.ndarray:
    """Shares of some classes less their mean, divided by the length of that (specs: morngan 3.5).

    Of two such vectors the scalar product is the cosine similarity. The number of all pixels cancels out.

    Args:
        counts: Pixels of each class.

    Returns:
        float64 of the same length, of length 1; zeros where the classes are equally frequent, or absent.
    """
    centred = np.asarray(counts, dtype=np.float64) - np.mean(counts, dtype=np.float64)
    length = np.linalg.norm(centred)
    return centred / length if length > 0 else np.zeros_like(centred)


def most_similar(vectors: np.ndarray, query: np.ndarray, k: int, rng: np.random.RandomState) -> np.ndarray:
    """Indices of the ``k`` rows with the largest scalar product; which of equal ones are among them is drawn.

    Crops with one rare class have the same vector whatever its area, so that ties are the rule: without the draw the
    same few rows would be shown for ever.

    Args:
        vectors: M,D.
        query: D.
        k: Number of rows; all where there are no more.
        rng: Draws among equals.

    Returns:
        min(k, M) indices, in no particular order.
    """
    similarity = vectors @ query
    if k >= len(similarity):
        return np.arange(len(similarity))
    last = np.partition(similarity, -k)[-k]
    sure = np.flatnonzero(similarity > last + _EQUAL)
    tied = np.flatnonzero(np.abs(similarity - last) <= _EQUAL)
    return np.concatenate([sure, rng.choice(tied, k - len(sure), replace=False)])


@TASK_UTILS.register_module()
class MemoryGuidedPairing(PairingRule):
    """Every domain with replacement, until the memory is full; then the partner of a day is chosen by similarity.

    MornGAN's memory unit and memory-guided sample selection (specs: morngan 3.5). A hook, ``LabelMemoryHook``, puts
    every crop that is shown of the domain ``memory`` into the memory, once for each picture. While fewer than
    ``random_until`` of the pictures are remembered, they are drawn at random; then among those that are not remembered.
    When ``guided_from`` are, by default all, a crop of the domain ``query`` is cut here, its label map read, and one of
    the ``k`` most similar remembered crops is shown beside it, as it was remembered (mirrored anew). A query without a
    rare class gets a random picture.

    Rows are looked at only when they are ``delay`` draws old, so that the pairs do not depend on the number of data
    workers, nor on the number of processes that share the batch.

    Args:
        query: The domain with label maps: its dataset is asked for them with ``inputs`` (or has them ``beside``), and
            its pipeline has a ``RandomCropImages`` with neither resizing nor mirroring before it.
        memory: The other domain; its pipeline has a ``RandomCropImages`` too.
        delay: Draws that a row must be old, at least (workers * prefetch factor + 1) * batch size * processes.
        classes: The rare classes.
        k: Number of candidates; one of them is drawn. The paper gives none, the released code says 10 (and by a
            mistake draws among ten arbitrary rows, which is not offered here).
        random_until: Share of the pictures.
        guided_from: Share of the pictures from which on the memory guides; all of them in the released code, fewer
            where a run is too short for that.

    Raises:
        ValueError: Arguments without meaning; other domains than these; a dataset that does not fit.
    """

    def __init__(self, delay: int, query: str = 'day', memory: str = 'thermal', classes: Sequence[int] = RARE_CLASSES,
                 k: int = 10, random_until: float = 0.5,
                 guided_from: float = 1.0):
        shares = 0 <= random_until <= 1 and 0 < guided_from <= 1
        if k < 1 or delay < 0 or not shares or not 2 <= len(classes) == len(set(classes)):
            raise ValueError('MemoryGuidedPairing: k is 1 or more, delay 0 or more, random_until in [0, 1], '
                             'guided_from in (0, 1] and classes are two or more different ones, got '
                             f'k={k}, delay={delay}, random_until={random_until}, guided_from={guided_from}, '
                             f'classes={tuple(classes)}')
        self.query, self.memory, self.delay, self.k = query, memory, delay, k
        self.classes, self.random_until, self.guided_from = tuple(classes), random_until, guided_from
        self._rows: dict[int, Row] = {}  # by picture
        self._forget_order()

    # What is remembered

    @property
    def rows(self) -> list[Row]:
        """The memory in the order of the draws."""
        if self._sorted is None:
            self._sorted = sorted(self._rows.values())
        return self._sorted

    @property
    def vectors(self) -> np.ndarray:
        """The distribution vectors of :attr:`rows`, in their order."""
        if self._vectors is None:
            self._vectors = np.stack([distribution_vector(row.counts) for row in self.rows])
        return self._vectors

    def _forget_order(self) -> None:
        self._sorted: list[Row] | None = None
        self._vectors: np.ndarray | None = None

    def remember(self, rows: Iterable[Row]) -> None:
        """Add crops that were shown, of all processes. A picture keeps the crop of the earliest draw that showed it."""
        for row in rows:
            if row.index not in self._rows or row.draw < self._rows[row.index].draw:
                self._rows[row.index] = row
                self._forget_order()

    def shared_run_state(self) -> dict:
        return dict(classes=list(self.classes), rows=[[row.draw, row.index, list(row.crop_box), list(row.counts)]
                                                      for row in self.rows])

    def load_shared_run_state(self, state: dict) -> None:
        if tuple(state['classes']) != self.classes:
            raise ValueError(f'the memory of the checkpoint counts the classes {state["classes"]}, this run '
                             f'{list(self.classes)}: resume with MemoryGuidedPairing(classes={state["classes"]})')
        rows = (Row(draw, index, tuple(box), tuple(counts)) for draw, index, box, counts in state['rows'])
        self._rows = {row.index: row for row in rows}
        self._forget_order()

    # Choosing

    def bind(self, datasets: Mapping[str, object]) -> None:
        if set(datasets) != {self.query, self.memory}:
            raise ValueError(f'MemoryGuidedPairing: it pairs {self.query!r} (query=) and {self.memory!r} (memory=), '
                             f'the data set has the domains {list(datasets)}')
        self.dataset = datasets[self.query]
        self.crop_size = _crop_size(self.dataset, self.query)
        _crop_size(datasets[self.memory], self.memory)
        if 'label_path' not in self.dataset.get_data_info(0):
            raise ValueError(f"MemoryGuidedPairing: the images of '{self.query}' have no label maps beside them; "
                             f"ask for them with train_dataloader.dataset.inputs=('label_{self.query}', ...)")

    def __call__(self, draw: Draw | int, sizes: dict[str, int], rng: np.random.RandomState) -> dict[str, int | Pick]:
        query, pictures = int(rng.randint(sizes[self.query])), sizes[self.memory]
        # a plain integer is a look at the data outside training, which no memory guides
        rows = self.rows[:bisect_left(self.rows, (draw.draw - self.delay,))] if isinstance(draw, Draw) else []
        if len(rows) < min(self.random_until, self.guided_from) * pictures:
            return {self.query: query, self.memory: int(rng.randint(pictures))}
        if len(rows) < self.guided_from * pictures:
            unseen = np.setdiff1d(np.arange(pictures), [row.index for row in rows])
            return {self.query: query, self.memory: int(rng.choice(unseen))}
        pick, vector = self._cut(query, rng)
        if not vector.any():
            return {self.query: pick, self.memory: int(rng.randint(pictures))}
        row = rows[rng.choice(most_similar(self.vectors[:len(rows)], vector, self.k, rng))]
        return {self.query: pick, self.memory: Pick(row.index, crop_box=row.crop_box)}

    def _cut(self, index: int, rng: np.random.RandomState) -> tuple[Pick, np.ndarray]:
        """A random window of a picture of the query's domain, and the vector of its label map."""
        path = self.dataset.get_data_info(index)['label_path']
        label = read_image(path, 'label', getattr(self.dataset, 'backend_args', None))
        rows, columns = self.crop_size
        if label.shape[0] < rows or label.shape[1] < columns:
            raise ValueError(f'the label map {path} is {label.shape[0]}x{label.shape[1]} (height x width), smaller '
                             f'than the crop {rows}x{columns}')
        top, left = int(rng.randint(label.shape[0] - rows + 1)), int(rng.randint(label.shape[1] - columns + 1))
        counts = class_counts(label[top:top + rows, left:left + columns], self.classes)
        return Pick(index, crop_box=(top, left, rows, columns)), distribution_vector(counts)


def _crop_size(dataset: object, domain: str) -> tuple[int, int]:
    """Height and width that a pipeline crops to, in pixels of the files."""
    for transform in getattr(getattr(dataset, 'pipeline', None), 'transforms', ()):
        if isinstance(transform, RandomCropImages):
            return transform.crop_size
        if isinstance(transform, ResizeImages | RandomFlipTranspose):
            raise ValueError(f"MemoryGuidedPairing: the pipeline of '{domain}' has {type(transform).__name__} before "
                             'RandomCropImages; windows are remembered in pixels of the files, so crop first')
    raise ValueError(f"MemoryGuidedPairing: the pipeline of '{domain}' has no RandomCropImages, which replays a "
                     'remembered window')
