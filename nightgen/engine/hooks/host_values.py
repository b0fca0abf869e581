"""Many small tensors brought to the host at once."""

from collections.abc import Mapping

import torch
from torch import Tensor


def to_host(values: Mapping[str, Tensor | float]) -> dict[str, float]:
    """Numbers for a dictionary of 0-d (or one-element) tensors and numbers, in a single transfer per device.

    Values that are already numbers are returned as they are.

    Raises:
        ValueError: For a tensor of more than one element, with its name.
    """
    by_device: dict[torch.device, list[str]] = {}
    for name, value in values.items():
        if isinstance(value, Tensor):
            if value.numel() != 1:
                raise ValueError(f'log value {name!r} has shape {tuple(value.shape)}; a single number is logged')
            by_device.setdefault(value.device, []).append(name)
    numbers = {name: value for name, value in values.items() if not isinstance(value, Tensor)}
    for names in by_device.values():
        stacked = torch.stack([values[name].detach().reshape(()).double() for name in names])
        numbers.update(zip(names, stacked.tolist(), strict=True))
    return {name: numbers[name] for name in values}
