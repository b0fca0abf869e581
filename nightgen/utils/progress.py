"""Progress of a command: a bar on a terminal, a line per tenth of the work elsewhere."""

from __future__ import annotations

import sys
import time
from typing import TYPE_CHECKING, TextIO

if TYPE_CHECKING:
    from rich.progress import Progress

TENTHS, LIVE_STEPS = 10, 200


class ProgressBar:
    """Counts what is done and shows it.

    Args:
        what: What is being done, one word.
        total: How many there are; 0 or less if that is not known.
        stream: Where to show it; default stderr.
        transient: Take the bar off a terminal when it is closed.
    """

    def __init__(self, what: str, total: int = 0, stream: TextIO | None = None, transient: bool = False):
        self.what, self.total, self.stream, self.transient = what, total, stream or sys.stderr, transient
        self.live = self.stream.isatty()
        self.done, self._shown, self._start = 0, -1, time.monotonic()
        self._bar: Progress | None = None

    def update(self, count: int = 1) -> None:
        """Count ``count`` more as done."""
        self.done += count
        steps = LIVE_STEPS if self.live else TENTHS
        step = self.done * steps // self.total if self.total > 0 else self.done // (1 if self.live else 100)
        if step != self._shown or self.done == self.total:
            self._shown = step
            self._show()

    def __call__(self, done: int, total: int) -> None:
        """Say how many of how many are done: for code that reports through a function."""
        self.total = total
        self.update(done - self.done)
        if done == total:
            self.close()

    def _show(self) -> None:
        total = self.total if self.total > 0 else None
        if self.live:
            self._bar = self._bar or self._open()
            self._bar.update(self._bar.task_ids[0], completed=self.done, total=total, refresh=True)
            return
        rate = self.done / max(time.monotonic() - self._start, 1e-6)
        left = '' if total is None else f'  {max(total - self.done, 0) / rate:.0f} s left'
        self.stream.write(f'{self.what} {self.done}{"" if total is None else f"/{total}"}  {rate:.1f}/s{left}\n')
        self.stream.flush()

    def _open(self) -> Progress:
        from rich.console import Console  # only here: a renderer's worker loads this file too
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
        # No thread draws, for processes may be forked meanwhile, and what a command prints goes where it should.
        bar = Progress(TextColumn('{task.description}'), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn(),
                       console=Console(file=self.stream), auto_refresh=False, transient=self.transient,
                       redirect_stdout=False, redirect_stderr=False)
        bar.add_task(self.what, total=None if self.total <= 0 else self.total)
        bar.start()
        bar.console.show_cursor(True)  # else it stays hidden where an error ends the command
        return bar

    def close(self) -> None:
        """End a bar on a terminal."""
        if self._bar is not None:
            self._bar.stop()
            self._bar = None
