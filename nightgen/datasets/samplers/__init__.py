"""Samplers, and the pairing rule that remembers."""

from .memory_guided import MemoryGuidedPairing
from .resumable import ResumableSampler

__all__ = ['MemoryGuidedPairing', 'ResumableSampler']
