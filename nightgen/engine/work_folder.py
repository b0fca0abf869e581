"""The work folder of a run: which checkpoint is the newest, and that one run at a time writes there."""

from __future__ import annotations

import os
import re
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from nightgen.checkpoint import CheckpointError, load_checkpoint, not_finite, weights_of
from nightgen.utils.errors import UsageError

MARK = 'last_checkpoint'
LOCK = '.running'


def newest_checkpoint(folder: str | os.PathLike) -> Path | None:
    """The checkpoint that ``last_checkpoint`` of a work folder names; None without that file.

    The mark holds an absolute path. In a folder that was copied or moved the file of the same name beside the mark
    comes first: else a copied run would go on from the original's file.
    """
    mark = Path(folder) / MARK
    if not mark.is_file():
        return None
    named = Path(mark.read_text(encoding='utf-8').strip())
    beside = Path(folder) / named.name
    return beside if beside.is_file() else named


def newest_finite(folder: str | os.PathLike) -> Path | None:
    """The newest checkpoint of a work folder that loads and whose weights are all finite."""
    for path in checkpoints(folder):
        try:
            if not not_finite(weights_of(load_checkpoint(path))):
                return path
        except (CheckpointError, FileNotFoundError):
            continue
    return None


def go_on_from(folder: str | os.PathLike) -> str:
    """What to say about going on after weights or losses became NaN or infinite."""
    path = newest_finite(folder)
    return f'the newest checkpoint with finite weights is {path}' if path else \
        f'no checkpoint in {folder} has finite weights'


def checkpoints(folder: str | os.PathLike) -> list[Path]:
    """Files to resume from, newest first: the marked one, then those of iterations or epochs before it."""
    newest = newest_checkpoint(folder)
    numbered = sorted(((int(found[1]), path) for path in Path(folder).glob('*.pth')
                       if (found := re.fullmatch(r'(?:iter|epoch)_(\d+)', path.stem))), reverse=True)
    return [*([newest] if newest else []), *(path for _, path in numbered if path != newest)]


@contextmanager
def only_run(folder: str | os.PathLike) -> Iterator[None]:
    """Hold a work folder while the block runs; another process of this machine that asks for it is refused.

    The system keeps the lock for the process and drops it when the process ends, however it ends: a killed run leaves
    nothing to clean up but the file. On file systems and systems without such locks nothing is held.

    Raises:
        UsageError: Another run holds it; says which.
    """
    if os.name != 'posix':
        yield
        return
    import fcntl
    Path(folder).mkdir(parents=True, exist_ok=True)
    with (Path(folder) / LOCK).open('a+', encoding='utf-8') as file:
        try:
            fcntl.lockf(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except (BlockingIOError, PermissionError) as error:
            file.seek(0)
            holder = file.read().strip() or 'starting'
            raise UsageError(f'work folder {folder} is in use by another run ({holder}): two runs would overwrite each '
                             'other; wait for it, end it, or give another --work-dir') from error
        except OSError:  # no locks on this file system
            yield
            return
        file.truncate(0)
        file.write(f'process {os.getpid()} on {socket.gethostname()}\n')
        file.flush()
        yield
        file.truncate(0)
