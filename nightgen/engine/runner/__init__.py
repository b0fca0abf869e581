"""What stock training loops and the stock Runner cannot do."""

from .epoch_loop import ResumableEpochLoop
from .loops import ResumableTrainLoop
from .short_log import ShortLogRunner

__all__ = ['ResumableEpochLoop', 'ResumableTrainLoop', 'ShortLogRunner']
