"""How long a call takes, the work that it leaves to a GPU included."""

import time
from collections.abc import Callable
from typing import Any

import torch


def synchronise() -> None:
    """Wait for the GPU, where there is one: its work is queued, not done, when a call returns."""
    if torch.cuda.is_available():
        torch.cuda.synchronize()


def stopwatch(function: Callable, *args: Any, **kwargs: Any) -> tuple[float, Any]:
    """Seconds that a call took, and what it returned."""
    synchronise()
    start = time.perf_counter()
    result = function(*args, **kwargs)
    synchronise()
    return time.perf_counter() - start, result
