"""Where the daytime reference of a picture is: one for a data set, or one for each camera."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from mmengine.fileio import exists

REFERENCE = 'reference_day'
"""The batch entry, whatever domain loads it."""


def reference_path(pattern: str, root: str, record: Mapping, who: str) -> str:
    """The file that a pattern means for one picture.

    Args:
        pattern: A path in which ``{root}`` is the data set's folder and ``{camera}`` the picture's camera:
            ``'{root}/{camera}/background.png'``, ``'{root}_references/{camera}.png'``.
        root: The data set's folder.
        record: The picture's record or meta information.
        who: Name for messages.

    Raises:
        ValueError: A pattern that asks for a camera, and a picture that has none, or for anything else.
    """
    known = dict(root=str(root).rstrip('/') or '.')
    if record.get('camera'):
        known['camera'] = record['camera']
    try:
        return pattern.format(**known)
    except (KeyError, IndexError, ValueError) as error:
        raise ValueError(f'{who}: the reference {pattern!r} cannot be filled in ({error!r}) for '
                         f'{record.get("img_path")}; of this image there are {known}') from error


def add_references(records: Sequence[dict], pattern: str, root: str, who: str, backend_args: dict | None = None
                   ) -> list[dict]:
    """The records with ``reference_day_path``, which is packed as ``reference_day`` whatever domain they are of.

    Raises:
        FileNotFoundError: A reference is not there; names the command that makes it.
    """
    paths = [reference_path(pattern, root, record, who) for record in records]
    for path in dict.fromkeys(paths):
        if not exists(path, backend_args=backend_args):
            raise FileNotFoundError(f'{who}: there is no daytime reference {path}; `python '
                                    f'tools/dataset_converters/make_reference.py <folder of day images> {path}` '
                                    'makes it')
    return [{**record, f'{REFERENCE}_path': path, 'full_names': (REFERENCE,)}
            for record, path in zip(records, paths, strict=True)]
