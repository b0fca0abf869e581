"""Small constant tensors, copied to a device once: a copy in every step would wait for the GPU each time."""

from functools import lru_cache

import torch
from torch import Tensor


def constant(values: tuple, like: Tensor) -> Tensor:
    """A tensor of nested tuples of numbers with the dtype and device of ``like``; shared, so never written to."""
    return _on_device(values, like.dtype, like.device)


@lru_cache(maxsize=256)
def _on_device(values: tuple, dtype: torch.dtype, device: torch.device) -> Tensor:
    with torch.inference_mode(False):  # one that is made in inference mode could not be used in training
        return torch.tensor(values, dtype=dtype, device=device)
