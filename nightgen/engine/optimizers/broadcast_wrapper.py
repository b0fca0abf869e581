"""The model wrapper of distributed runs: equal weights at the start, and nothing in between."""

from __future__ import annotations

from typing import Any

import torch
from mmengine.dist import broadcast, get_world_size
from torch import nn

from nightgen.registry import MODEL_WRAPPERS

from .gradient_averaging import broadcast_buffers


@MODEL_WRAPPERS.register_module()
class BroadcastWrapper(nn.Module):
    """Stand where mmengine expects a wrapped model, without DDP.

    Weights and buffers of rank 0 are sent to every process once. Afterwards gradients are averaged where an optimizer
    steps (:class:`PlayerOptimWrapper`), so that a direct call of a sub-network, a frozen player or an unused parameter
    can neither hang nor drift. Checkpoint keys are those of the bare model.

    Args:
        module: The model.
    """

    def __init__(self, module: nn.Module):
        super().__init__()
        self.module = module
        self.broadcast()

    @torch.no_grad()
    def broadcast(self) -> None:
        """Send rank 0's parameters and buffers to every process."""
        if get_world_size() == 1:
            return
        for parameter in self.module.parameters():
            value = parameter.detach().contiguous()
            broadcast(value, 0)
            parameter.copy_(value)
        broadcast_buffers(self.module)

    def train_step(self, data: Any, optim_wrapper: Any) -> dict:
        return self.module.train_step(data, optim_wrapper)

    def val_step(self, data: Any) -> list:
        return self.module.val_step(data)

    def test_step(self, data: Any) -> list:
        return self.module.test_step(data)

    def forward(self, *args, **kwargs) -> Any:
        return self.module(*args, **kwargs)

    def state_dict(self, *args, **kwargs) -> dict:
        return self.module.state_dict(*args, **kwargs)

    def load_state_dict(self, *args, **kwargs) -> Any:
        return self.module.load_state_dict(*args, **kwargs)
