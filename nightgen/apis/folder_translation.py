"""Many pictures, from files to files: one that fails need not stop the others, and a run goes on where one stopped."""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np

from nightgen.utils.batches import equal_batches
from nightgen.utils.files import write_text
from nightgen.utils.images import BrokenImageError, read_image
from nightgen.utils.ranges import Range

from .files import write_picture

RECORD = '.translation.json'
"""File in a folder of results that says what made them."""
Translate = Callable[[list[np.ndarray], dict[str, list[np.ndarray]]], list[np.ndarray]]


class Job(NamedTuple):
    """A picture, the place of its result, and its path inside its folder without the ending."""

    source: Path
    target: Path
    key: str = ''


class PictureError(ValueError):
    """The network cannot take a picture; the message names it."""


def outstanding(jobs: Sequence[Job], out: Path, made_by: Mapping[str, str], overwrite: bool = False) -> list[Job]:
    """The jobs whose results are not there yet, or older than their pictures or than the record of what makes them.

    Args:
        jobs: All of them.
        out: The folder of the results, with the :data:`RECORD` of what made them.
        made_by: What makes results now: weights, direction, precision. Those of something else are not gone on with.
        overwrite: Do all jobs anew.

    Raises:
        ValueError: Results that something else made, or nobody knows what.
    """
    record = out / RECORD
    there = [job.target for job in jobs if job.target.is_file()]
    known = record.read_text(encoding='utf-8') if record.is_file() else None
    if there and not overwrite and known != _as_text(made_by):
        raise ValueError(f'{len(there)} of {len(jobs)} results are in {out} already, of other weights or options, the '
                         f'first is {there[0]}; --overwrite makes them anew, or choose another folder')
    if overwrite or not there:
        return list(jobs)
    # Older than the record are those that an --overwrite which was stopped has not come to.
    since = record.stat().st_mtime_ns
    return [job for job in jobs if not job.target.is_file()
            or job.target.stat().st_mtime_ns < max(since, job.source.stat().st_mtime_ns)]


def write_record(out: Path, made_by: Mapping[str, str], overwrite: bool = False) -> None:
    """Say in a folder what makes the results in it, before the first one; anew only if they are all made anew."""
    record, text = out / RECORD, _as_text(made_by)
    if overwrite or not record.is_file() or record.read_text(encoding='utf-8') != text:
        write_text(record, text)


def _as_text(made_by: Mapping[str, str]) -> str:
    return json.dumps(dict(made_by), indent=2, sort_keys=True) + '\n'


def translate_files(jobs: Sequence[Job], translate: Translate, batch_size: int = 1, keep_going: bool = False,
                    value_range: Range = 'full', beside: Callable[[str], dict[str, np.ndarray]] = lambda key: {},
                    progress: Callable[[], None] = lambda: None) -> list[str]:
    """Translate images; each output is written atomically.

    Args:
        jobs: What to do.
        translate: From H,W,3 pictures, and what lies beside them by name, to as many pictures of the same sizes.
        batch_size: Pictures that run together. Where one fails, its batch is done again one by one.
        keep_going: Go on past pictures that cannot be read or that the network fails on, for whatever reason.
        value_range: See :func:`~nightgen.utils.ranges.to_range`.
        beside: From a job's key to what the network takes beside its picture, by name.
        progress: Called after each picture.

    Returns:
        What was passed over, and why.

    Raises:
        BrokenImageError: A picture that cannot be read, without ``keep_going``.
        PictureError: One that the network cannot take, without ``keep_going``.
        OSError: A result that cannot be written, in any case.
    """
    failed: list[str] = []

    def read() -> Iterator[tuple[Job, np.ndarray, dict[str, np.ndarray]]]:
        for job in jobs:
            try:
                picture, named = read_image(str(job.source), value_range=value_range), beside(job.key)
            except BrokenImageError as error:
                if not keep_going:
                    raise
                failed.append(str(error))
                progress()
            else:
                yield job, picture, named

    for batch in equal_batches(read(), batch_size):
        made_of_all = _results([item[1:] for item in batch], translate)
        for (job, *_), made in zip(batch, made_of_all, strict=True):
            if isinstance(made, np.ndarray):
                write_picture(job.target, made)
            elif keep_going:
                failed.append(f'{job.source}: {_reason(made)}')
            elif isinstance(made, ValueError | RuntimeError):
                raise PictureError(f'{job.source}: {_reason(made)}') from made
            else:
                raise made
            progress()
    return failed


def _results(inputs: list[tuple[np.ndarray, dict]], translate: Translate) -> list[np.ndarray | Exception]:
    """What becomes of each picture, given with what lies beside it."""
    try:
        return translate([picture for picture, _ in inputs],
                         {name: [named[name] for _, named in inputs] for name in inputs[0][1]})
    except Exception as error:  # noqa: BLE001  a network may fail in any way on a picture that it was not made for
        if len(inputs) == 1:
            return [error]
        return [result for item in inputs for result in _results([item], translate)]


def _reason(error: Exception) -> str:
    text = str(error).strip()
    return text.splitlines()[0] if text and isinstance(error, ValueError | RuntimeError) else \
        f'{type(error).__name__}: {text}'
