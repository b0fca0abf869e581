"""What stock training loops cannot do."""

from .loops import ResumableTrainLoop

__all__ = ['ResumableTrainLoop']
