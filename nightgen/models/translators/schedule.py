"""When a loss term or a player is on."""

from __future__ import annotations

import math
from dataclasses import dataclass


@dataclass(frozen=True)
class Schedule:
    """On from ``begin`` (inclusive, 0-based) to ``end`` (exclusive), in epochs or iterations."""

    begin: int = 0
    end: float = math.inf
    by_epoch: bool = True

    @classmethod
    def pop_from(cls, config: dict, owner: str) -> Schedule:
        """Take ``begin``, ``end`` and ``by_epoch`` out of a config entry.

        Raises:
            ValueError: They leave no time to be on.
        """
        begin, end = config.pop('begin', 0), config.pop('end', None)
        schedule = cls(begin, math.inf if end is None else end, config.pop('by_epoch', True))
        if begin < 0 or schedule.end <= begin:
            raise ValueError(f'{owner}: begin={begin}, end={end} leave no time to be on; give 0 <= begin < end')
        return schedule

    @property
    def always(self) -> bool:
        return self.begin == 0 and self.end == math.inf

    def active(self, iteration: int, epoch: int) -> bool:
        return self.begin <= (epoch if self.by_epoch else iteration) < self.end

    def overlaps(self, other: Schedule) -> bool:
        """Whether both can be on at once; what counts epochs and what counts iterations cannot be told apart."""
        if self.by_epoch != other.by_epoch and not (self.always or other.always):
            return True
        return self.begin < other.end and other.begin < self.end
