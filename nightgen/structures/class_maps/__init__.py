"""Tables from a model's classes to Cityscapes train ids, kept as data files beside this one."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

UNLABELLED = 255
"""What a label map holds where a pixel has no class."""

CITYSCAPES_CLASSES = (
    'road', 'sidewalk', 'building', 'wall', 'fence', 'pole', 'traffic light', 'traffic sign', 'vegetation', 'terrain',
    'sky', 'person', 'rider', 'car', 'truck', 'bus', 'train', 'motorcycle', 'bicycle')
"""Names of the Cityscapes train ids 0 to 18."""

_FOLDER = Path(__file__).parent


def class_map_names() -> list[str]:
    """The tables that are shipped."""
    return sorted(path.stem for path in _FOLDER.glob('*.json'))


def load_class_map(table: str | Path | Mapping[str, int | None]) -> dict[str, int | None]:
    """A table from class names to train ids.

    Args:
        table: One of :func:`class_map_names`, the path of a JSON file of the same form, or the table itself.

    Returns:
        The train id of each class; None for a class that Cityscapes does not have.

    Raises:
        FileNotFoundError: No table of this name and no such file.
        ValueError: An id outside 0 to 18, or a file of another form.
    """
    source = 'the class map of the config'
    if not isinstance(table, Mapping):
        path = _FOLDER / f'{table}.json' if str(table) in class_map_names() else Path(table).expanduser()
        if not path.is_file():
            raise FileNotFoundError(f'no class map {table}: it is no file and none of {", ".join(class_map_names())}')
        source, table = str(path), json.loads(path.read_text())
        if not isinstance(table, dict) or not isinstance(table.get('train_ids'), dict):
            raise ValueError(f"{source} is no class map: a JSON object with 'train_ids' is expected, as in {_FOLDER}")
        table = table['train_ids']
    wrong = {name: number for name, number in table.items()
             if number is not None and (type(number) is not int or not 0 <= number < len(CITYSCAPES_CLASSES))}
    if wrong:
        raise ValueError(f'{source}: train ids are integers from 0 to 18, or null for unlabelled; got {wrong}')
    return dict(table)


def train_id_lookup(classes: Sequence[str], table: Mapping[str, int | None]) -> list[int]:
    """The train id of each of a model's classes, :data:`UNLABELLED` where it has none.

    Raises:
        KeyError: Classes that the table does not mention; they must be mapped, or set to null, on purpose.
    """
    unknown = [name for name in classes if name not in table]
    if unknown:
        raise KeyError(f'the class map lacks {len(unknown)} of the {len(classes)} classes of the model: '
                       f'{", ".join(unknown[:8])}{", ..." if len(unknown) > 8 else ""}; map each to a Cityscapes train '
                       'id, or to null')
    return [UNLABELLED if table[name] is None else table[name] for name in classes]
