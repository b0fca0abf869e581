"""Files that are written atomically: beside their place, flushed to the disk, and then renamed."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def whole_file(target: str | os.PathLike, keep_ending: bool = False) -> Iterator[Path]:
    """Yields a path to write to; when the block ends without an error, what was written replaces ``target``.

    A file of the target's name is whole at every moment, also when the disk fills, the process is killed or the power
    fails: the path lies beside the target and is hidden; it is flushed and renamed, and the rename is flushed. After an
    error nothing is left behind, and what was there stays. Folders are made as they are needed.

    Args:
        target: The file.
        keep_ending: The path ends as the target does: for encoders that go by it.

    Raises:
        OSError: The file could not be written or renamed.
    """
    target = Path(target)
    target.parent.mkdir(parents=True, exist_ok=True)
    partial = target.with_name(f'.{target.name}.{os.getpid()}.partial{target.suffix if keep_ending else ""}')
    try:
        yield partial
        with partial.open('rb') as file:
            os.fsync(file.fileno())
        os.replace(partial, target)
        _flush_folder(target.parent)
    finally:
        partial.unlink(missing_ok=True)


def write_text(target: str | os.PathLike, text: str) -> None:
    """Write a UTF-8 text file atomically; see :func:`whole_file`."""
    with whole_file(target) as partial:
        partial.write_text(text, encoding='utf-8')


def _flush_folder(folder: Path) -> None:
    """Make a rename survive a power cut."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
