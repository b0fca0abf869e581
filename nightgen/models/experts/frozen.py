"""The holder of frozen networks: a part of the model that training cannot touch."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn

from nightgen.registry import MODELS


@MODELS.register_module()
class FrozenModel(nn.Module):
    """Own a trained network without having it as a submodule.

    A frozen network that is an ordinary submodule is in every checkpoint, in every optimizer that does not exclude it,
    is copied for averages, put back into training mode in each iteration by the loop, and given random weights by
    ``init_weights``, which the Runner calls after building. This holder keeps its network outside the module tree:

    - never in ``state_dict``, ``parameters``, ``modules``, and never reached by ``init_weights`` or ``apply``;
    - always in evaluation mode, whatever ``train()`` is called on, and its parameters never require gradients;
    - it follows ``.to()``, ``.cuda()``, ``.half()`` ... of the model that holds it;
    - a deep copy of the holder, and so of the model around it, shares the network.

    Gradients pass through to the *input*, so that a loss on the network's output can train what made the input; call it
    under ``torch.no_grad()`` where that is not wanted.

    Args:
        network: The network with its weights loaded, or its config (``dict(type=...)``).

    Raises:
        TypeError: If ``network`` is neither.
    """

    network: nn.Module

    def __init__(self, network: nn.Module | dict):
        super().__init__()
        if isinstance(network, dict):
            network = MODELS.build(network)
        if not isinstance(network, nn.Module):
            raise TypeError(f'FrozenModel holds a torch module, got {type(network).__name__}')
        network.requires_grad_(False)
        network.eval()
        object.__setattr__(self, 'network', network)  # nn.Module's own __setattr__ would register it

    def __setattr__(self, name: str, value: Any) -> None:
        if name == 'network':
            raise AttributeError('the network of a FrozenModel is given when it is built')
        super().__setattr__(name, value)

    def forward(self, *args: Any, **kwargs: Any) -> Any:
        """Call the network."""
        return self.network(*args, **kwargs)

    def train(self, mode: bool = True) -> FrozenModel:
        """Set the holder's mode; the network stays in evaluation mode."""
        super().train(mode)
        self.network.eval()
        return self

    def _apply(self, fn: Callable[[Tensor], Tensor], recurse: bool = True) -> FrozenModel:
        super()._apply(fn, recurse)
        self.network._apply(fn)
        self.network.requires_grad_(False)
        device = fn(torch.empty(0)).device
        for module in self.network.modules():  # data preprocessors of mmengine remember where they are
            if hasattr(module, '_device'):
                module._device = device
        return self

    def __deepcopy__(self, memo: dict) -> FrozenModel:
        twin = type(self).__new__(type(self))
        memo[id(self)] = twin
        memo[id(self.network)] = self.network  # shared, also where a subclass refers to it a second time
        twin.__dict__.update({key: copy.deepcopy(value, memo) for key, value in self.__dict__.items()})
        return twin

    def extra_repr(self) -> str:
        """Name and size of the network, which the module tree does not show."""
        count = sum(parameter.numel() for parameter in self.network.parameters())
        return f'{type(self.network).__name__}, {count:,} frozen parameters'
