"""Averaging over processes without wrapping a network: gradients when an optimizer steps, buffers on demand."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

import torch
from mmengine.dist import all_reduce, broadcast, get_world_size
from torch import Tensor, nn


@torch.no_grad()
def average_gradients(parameters: Sequence[nn.Parameter]) -> None:
    """Replace each gradient by its mean over all processes, in one flat all-reduce per dtype and device.

    A flag per parameter travels along: a gradient that is None on every process stays None; one that is None on some
    counts as zero there. Every process must call this with the same parameters, whatever its own gradients are.
    """
    world = get_world_size()
    if world == 1:
        return
    groups: dict[tuple, list[nn.Parameter]] = defaultdict(list)
    for parameter in parameters:
        groups[parameter.dtype, parameter.device].append(parameter)
    for (dtype, device), members in groups.items():
        pieces = [torch.zeros(p.numel(), dtype=dtype, device=device) if p.grad is None else p.grad.flatten()
                  for p in members]
        flags = torch.tensor([p.grad is not None for p in members], dtype=dtype, device=device)
        flat = torch.cat([*pieces, flags])
        all_reduce(flat)
        *means, flags = flat.split([*(p.numel() for p in members), len(members)])
        present = (flags > 0).tolist()
        for parameter, mean, has_gradient in zip(members, means, present, strict=True):
            if has_gradient:
                parameter.grad = torch.empty_like(parameter).copy_((mean / world).view(parameter.shape))


@torch.no_grad()
def broadcast_buffers(model: nn.Module) -> None:
    """Send rank 0's buffers (BatchNorm statistics above all) to every process.

    Called on every process before validation and before a checkpoint is saved.
    """
    if get_world_size() > 1:
        for buffer in model.buffers():
            broadcast(_contiguous(buffer), 0)


def _contiguous(tensor: Tensor) -> Tensor:
    if not tensor.is_contiguous():
        raise RuntimeError(f'a buffer of shape {tuple(tensor.shape)} is not contiguous; it cannot be broadcast')
    return tensor
