"""The pictures of a folder: one listing for training, testing, translating and measuring."""

import logging
import os
import re
from collections.abc import Callable, Iterator, Sequence

from mmengine.fileio import LocalBackend, get_file_backend, list_dir_or_file
from mmengine.logging import print_log

from .containers import VIDEO_EXTENSIONS
from .images import IMAGE_EXTENSIONS
from .tiff import further_pages

OTHER_EXTENSIONS = ('.heic', '.heif', '.avif', '.gif', '.jxl', '.jfif', '.jpe', '.dng', '.cr2', '.cr3', '.nef', '.arw',
                    '.raf', '.exr', '.hdr', '.psd', '.seq', *VIDEO_EXTENSIONS)
"""File endings (lower case) of pictures and videos that are not read as pictures; a folder's are named, not used."""

_HIDDEN, _NO_FILE, _DANGLING, _FORMAT, _CYCLE, _PAGES = (
    'hidden', 'no regular file', 'a link to nothing', 'a format that is not read as an image',
    'a folder that contains itself by a link', 'only the first page is used')


def natural_key(name: str) -> list:
    """Sorts 'frame_9' before 'frame_10', the same on every file system."""
    return [(1, int(part), part) if part.isdigit() else (0, part.lower(), part) for part in re.split(r'(\d+)', name)]


def list_pictures(folder: str | os.PathLike, extensions: Sequence[str] = IMAGE_EXTENSIONS, recursive: bool = True,
                  accepts: Callable[[str], bool] = lambda name: True, backend_args: dict | None = None) -> list[str]:
    """Pictures of a folder, in natural order.

    Linked folders are followed. What looks like a picture and is none, or is not used, is counted and named in one
    warning of the log: hidden files (``._a.jpg``) and what lies in hidden folders (``.ipynb_checkpoints``), pipes and
    other special files, links to nothing, formats that are not read (HEIC, GIF, videos ...), further pages of a TIFF.

    Args:
        folder: Where they are; local, or of any of mmengine's file backends.
        extensions: Endings that count, lower case; upper case files are taken too.
        recursive: Also take the pictures of sub-folders.
        accepts: Which of the names belong to what is listed; others are left out without a word.
        backend_args: Of mmengine's file backend.

    Returns:
        Paths relative to the folder, with ``/``. Links and special files can only be told apart on a local disk.
    """
    names, passed_over = [], {}
    local = isinstance(get_file_backend(str(folder), backend_args=backend_args), LocalBackend)
    files = _local_files(os.fspath(folder), recursive) if local else \
        ((name, None) for name in list_dir_or_file(str(folder), list_dir=False, recursive=recursive,
                                                   backend_args=backend_args))
    for name, problem in files:
        ending = os.path.splitext(name)[1].lower()
        other = ending in OTHER_EXTENSIONS and ending not in extensions
        if problem != _CYCLE and (not (other or ending in extensions) or not accepts(name)):
            continue
        if name.startswith('.') or '/.' in name:
            problem = _HIDDEN
        problem = problem or (_FORMAT if other else None)
        if problem is None:
            names.append(name)
            pages = further_pages(os.path.join(folder, name)) if local and ending in ('.tif', '.tiff') else 0
            problem = _PAGES if pages else None
        if problem is not None:
            passed_over.setdefault(problem, []).append(name)
    if passed_over:
        print_log(f'{str(folder).rstrip("/")}: ' + _in_words(passed_over), logger='current', level=logging.WARNING)
    return sorted(names, key=natural_key)


def _local_files(folder: str, recursive: bool, inside: str = '', above: tuple = ()) -> Iterator[tuple[str, str | None]]:
    """Every file below a folder with what is wrong with it; links are followed, never around in a circle."""
    state = os.stat(folder)
    place = (state.st_dev, state.st_ino)
    if place in above:
        yield inside.rstrip('/'), _CYCLE
        return
    with os.scandir(folder) as found:
        entries = sorted(found, key=lambda entry: entry.name)
    for entry in entries:
        name = inside + entry.name
        linked = entry.is_symlink()  # os.path takes a link to itself as a link to nothing, an entry raises
        if os.path.isdir(entry.path) if linked else entry.is_dir():
            if recursive:
                yield from _local_files(entry.path, recursive, f'{name}/', (*above, place))
        elif os.path.isfile(entry.path) if linked else entry.is_file():
            yield name, None
        else:
            yield name, _NO_FILE if os.path.exists(entry.path) else _DANGLING


def _in_words(passed_over: dict[str, list[str]]) -> str:
    parts = [f'{len(names)} {reason}: {", ".join(sorted(names, key=natural_key)[:5])}' +
             (', ...' if len(names) > 5 else '') for reason, names in passed_over.items() if reason != _PAGES]
    words = f'passed over {"; ".join(parts)}' if parts else ''
    stacks = passed_over.get(_PAGES)
    if stacks:
        words += f'{"; " if words else ""}{_PAGES} of {len(stacks)} with several: {", ".join(stacks[:5])}' + \
            (', ...' if len(stacks) > 5 else '')
    return words
