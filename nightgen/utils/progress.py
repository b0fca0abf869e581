"""Progress of a command: a bar on a terminal, a line per tenth of the work elsewhere."""

import sys
import time
from typing import TextIO

WIDTH = 30
TENTHS, LIVE_STEPS = 10, 200


class ProgressBar:
    """Counts what is done and shows it.

    Args:
        what: What is being done, one word.
        total: How many there are; 0 or less if that is not known.
        stream: Where to show it; default stderr.
    """

    def __init__(self, what: str, total: int = 0, stream: TextIO | None = None):
        self.what, self.total, self.stream = what, total, stream or sys.stderr
        self.live = self.stream.isatty()
        self.done, self._shown, self._start = 0, -1, time.monotonic()

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
        rate = self.done / max(time.monotonic() - self._start, 1e-6)
        if self.total > 0:
            filled = min(WIDTH * self.done // self.total, WIDTH)
            left = max(self.total - self.done, 0) / rate
            text = (f'{self.what} [{"#" * filled}{"." * (WIDTH - filled)}] {self.done}/{self.total}  {rate:.1f}/s  '
                    f'{left:.0f} s left')
        else:
            text = f'{self.what} {self.done}  {rate:.1f}/s'
        self.stream.write(f'\r{text:<100}' if self.live else f'{text}\n')
        self.stream.flush()

    def close(self) -> None:
        """End the line of a bar on a terminal."""
        if self.live and self.done:
            self.stream.write('\n')
            self.stream.flush()
