"""The device that a user asks for, checked before anything is loaded onto it."""

import torch
from mmengine.device import get_device

from .cli import UsageError


def chosen_device(name: str | torch.device | None = None) -> torch.device:
    """A device that works; by default a GPU where there is one.

    Raises:
        UsageError: No such device here; says what torch says.
    """
    try:
        device = torch.device(name or get_device())
        torch.empty(1, device=device)
    except (RuntimeError, AssertionError, NotImplementedError) as error:  # what torch raises, by kind of device
        reason = str(error).strip().splitlines()[0]
        raise UsageError(f'device {name} cannot be used here: {reason}; name none, and a GPU or else the CPU is taken'
                         ) from error
    return device
