"""What the numbers of label maps mean, and in which other numbers files hold them; data files beside this one."""

from __future__ import annotations

import functools
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from nightgen.structures.class_maps import UNLABELLED

_FOLDER = Path(__file__).parent
_STORED = 2 ** 16  # a label map has 8 or 16 bits


@dataclass(frozen=True)
class LabelSet:
    """Classes in the order of their numbers.

    Attributes:
        name: Under which it is loaded.
        classes: Names; a class's number is its place.
        palette: (red, green, blue) of each class.
        unlabelled: The class of what has none: PASCAL-Context's background. 255 is read as it.
        aliases: Other names of classes.
        readings: By name, class names by stored value and the class of every other value (None: there is none).
    """

    name: str
    classes: tuple[str, ...]
    palette: tuple[tuple[int, int, int], ...]
    unlabelled: int
    aliases: Mapping[str, str]
    readings: Mapping[str, tuple[Mapping[int, str], str | None]]

    def numbers(self, names: Sequence[str]) -> list[int]:
        """The number of each of somebody else's classes, found by name.

        Raises:
            KeyError: Names that are no class here.
        """
        own = {**{name: number for number, name in enumerate(self.classes)},
               **{alias: self.classes.index(name) for alias, name in self.aliases.items()}}
        unknown = [name for name in names if name not in own]
        if unknown:
            raise KeyError(f'the label set {self.name!r} has no {", ".join(unknown[:8])}'
                           f'{", ..." if len(unknown) > 8 else ""}; its classes are {", ".join(self.classes)}')
        return [own[name] for name in names]

    def table(self, reading: str | None = None) -> np.ndarray:
        """From the 65,536 values that a file may hold to class numbers, int32; -1 for what must not occur; 255 stays,
        unless the reading knows it.

        Args:
            reading: How the file holds them; None for the numbers of this label set.

        Raises:
            KeyError: An unknown reading.
        """
        table = np.full(_STORED, -1, np.int32)
        if reading is None:
            table[:len(self.classes)] = np.arange(len(self.classes))
        elif reading not in self.readings:
            raise KeyError(f'the label set {self.name!r} has no reading {reading!r}; there are {sorted(self.readings)}')
        else:
            values, otherwise = self.readings[reading]
            if otherwise is not None:
                table[:] = self.classes.index(otherwise)
            table[list(values)] = self.numbers(list(values.values()))
        if table[UNLABELLED] < 0:
            table[UNLABELLED] = UNLABELLED
        return table


def label_set_names() -> list[str]:
    """The label sets that are shipped."""
    return sorted(path.stem for path in _FOLDER.glob('*.json'))


@functools.cache
def load_label_set(name: str | Path) -> LabelSet:
    """A label set.

    Args:
        name: One of :func:`label_set_names`, or the path of a JSON file of the same form.

    Raises:
        FileNotFoundError: No such label set and no such file.
        ValueError: A file of another form.
    """
    path = _FOLDER / f'{name}.json' if str(name) in label_set_names() else Path(name).expanduser()
    if not path.is_file():
        raise FileNotFoundError(f'no label set {name}: it is no file and none of {", ".join(label_set_names())}')
    try:
        content = json.loads(path.read_text(encoding='utf-8'))
        classes = tuple(content['classes'])
        readings = {key: ({int(value): label for value, label in reading['values'].items()}, reading.get('otherwise'))
                    for key, reading in content.get('readings', {}).items()}
        return LabelSet(str(name), classes, tuple(tuple(colour) for colour in content['classes'].values()),
                        classes.index(content['background']), content.get('aliases', {}), readings)
    except (KeyError, ValueError, AttributeError, TypeError) as error:
        raise ValueError(f"{path} is no label set: a JSON object with 'classes' (colours by name) and 'background' is "
                         f'expected, as in {_FOLDER} ({error})') from error


@functools.cache
def label_table(label_set: str) -> np.ndarray:
    """The table of ``'<label set>'`` or ``'<label set>:<reading>'``, see :meth:`LabelSet.table`; not to be written to.

    Raises:
        FileNotFoundError, KeyError, ValueError: As :func:`load_label_set` and :meth:`LabelSet.table`.
    """
    name, _, reading = label_set.partition(':')
    table = load_label_set(name).table(reading or None)
    table.flags.writeable = False
    return table


def read_labels(stored: np.ndarray, label_set: str, source: str = 'the label map') -> np.ndarray:
    """Class numbers of a map as a file holds it.

    Args:
        stored: H,W integers of 8 or 16 bits.
        label_set: See :func:`label_table`.
        source: Its name, for the message.

    Returns:
        uint8 H,W: class numbers, 255 where unlabelled.

    Raises:
        ValueError: Values that are no class.
    """
    labels = label_table(label_set)[stored]
    if labels.min(initial=0) < 0:
        wrong = np.unique(stored[labels < 0])
        raise ValueError(f'{source} holds {wrong[:8].tolist()}, which are no class of the label set {label_set!r}')
    return labels.astype(np.uint8)
