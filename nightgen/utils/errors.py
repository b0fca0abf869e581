"""The error that a user's setting or command causes, and the names that were perhaps meant."""

import difflib
import errno
from collections.abc import Iterable

FULL_DISK = (errno.ENOSPC, errno.EDQUOT)
"""What a system says of a disk or a quota that is full."""


class UsageError(ValueError):
    """A command or setting that cannot do what it was asked for; tools print the message and exit with status 2."""


def meant(name: str, known: Iterable[str], cutoff: float = 0.6) -> str:
    """What to say after an unknown name: `` (did you mean ...?)``, or nothing where no known one is like it."""
    close = difflib.get_close_matches(name, sorted(known), n=3, cutoff=cutoff)
    return f' (did you mean {" or ".join(close)}?)' if close else ''


def message_of(error: BaseException) -> str:
    """What an exception says: a KeyError without the quotes around it."""
    return str(error.args[0] if isinstance(error, KeyError) and error.args else error).strip()


def first_line(error: BaseException) -> str:
    """The first line of what an exception says; the next one too if that ends in a colon."""
    lines = [line.strip() for line in message_of(error).split('\n') if line.strip()] or [type(error).__name__]
    return ' '.join(lines[:2]) if lines[0].endswith(':') else lines[0]
