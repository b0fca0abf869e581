"""What stock training loops cannot do."""

from .epoch_loop import ResumableEpochLoop
from .loops import ResumableTrainLoop

__all__ = ['ResumableEpochLoop', 'ResumableTrainLoop']
