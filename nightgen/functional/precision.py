"""What must not be rounded to 16 bit."""

from contextlib import AbstractContextManager, nullcontext

import torch
from torch import Tensor


def no_autocast(x: Tensor) -> AbstractContextManager:
    """A context in which operators run in the dtype of their inputs, for code that must not be rounded to 16 bit."""
    kind = x.device.type
    return torch.autocast(kind, enabled=False) if torch.amp.is_autocast_available(kind) else nullcontext()


def at_least_single(x: Tensor) -> Tensor:
    """The tensor in float32, or in float64 if it has that already: 16 bits are too few for sums and small floors."""
    return x.float() if x.dtype in (torch.float16, torch.bfloat16) else x
