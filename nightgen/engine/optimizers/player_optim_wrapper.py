"""One optimizer per player, and what belongs to the run: autocast dtype, accumulation count, loss scaler."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager

import torch
from mmengine.optim import OptimWrapper, OptimWrapperDict
from torch import Tensor, nn
from torch.nn.utils import get_total_norm
from torch.optim import Optimizer

from .gradient_averaging import average_gradients

AMP_DTYPES = {'off': None, 'fp16': torch.float16, 'bf16': torch.bfloat16}


class PlayerOptimWrapper(OptimWrapper):
    """The optimizer of one player. It averages gradients over processes where it steps.

    Args:
        optimizer: Over this player's parameters.
        scaler: The run's loss scaler.
        clip_grad: As in mmengine, for example ``dict(max_norm=1.0)``.

    Attributes:
        gradient_norm (Tensor | None): Of the last step, before clipping: NaN or infinite if any element was (or if it
            overflows); None with loss scaling.
    """

    def __init__(self, optimizer: Optimizer, scaler: torch.amp.GradScaler, clip_grad: dict | None = None):
        super().__init__(optimizer, clip_grad=dict(clip_grad) if clip_grad else None)
        self.scaler = scaler
        self.stepped = False
        self.gradient_norm: Tensor | None = None

    def step(self, parameters: Sequence[nn.Parameter] | None = None) -> None:
        """Average gradients, unscale, clip, step, and clear the gradients.

        Args:
            parameters: Those scheduled to train, the same on every process; all of the optimizer's by default.
        """
        if parameters is None:
            parameters = [p for group in self.optimizer.param_groups for p in group['params']]
        average_gradients(parameters)  # of the scaled gradients, so that an overflow on one process reaches all
        if any(p.grad is not None for p in parameters):
            self.scaler.unscale_(self.optimizer)
            # Kept on the device: FiniteLossHook reads it with the losses. Loss scaling skips such a step by itself.
            gradients = [p.grad for p in parameters if p.grad is not None]
            self.gradient_norm = None if self.scaler.is_enabled() else get_total_norm(gradients)
            if self.clip_grad_kwargs:
                self._clip_grad()
            self.scaler.step(self.optimizer)
            self.stepped = True
        self.optimizer.zero_grad(set_to_none=True)


class PlayerOptimWrapperDict(OptimWrapperDict):
    """The players' optimizers of one run.

    Args:
        players: Optimizers keyed by player.
        scaler: Shared by all of them.
        accumulate: Iterations per update. An update is due at iteration i when ``(i + 1) % accumulate == 0``.
        amp: ``off``, ``fp16`` (with loss scaling) or ``bf16``.

    Raises:
        ValueError: For an unknown ``amp`` or ``accumulate`` below 1.
    """

    def __init__(self, players: dict[str, PlayerOptimWrapper], scaler: torch.amp.GradScaler, accumulate: int = 1,
                 amp: str = 'off'):
        if amp not in AMP_DTYPES:
            raise ValueError(f'amp must be one of {list(AMP_DTYPES)}, got {amp!r}')
        if accumulate < 1:
            raise ValueError(f'accumulate must be 1 or more, got {accumulate}')
        super().__init__(**players)
        self.scaler = scaler
        self.accumulate = accumulate
        self.amp = amp

    def update_due(self, iteration: int) -> bool:
        return (iteration + 1) % self.accumulate == 0

    def autocast(self, device_type: str) -> AbstractContextManager:
        """A fresh autocast context for one turn."""
        dtype = AMP_DTYPES[self.amp]
        return torch.autocast(device_type, dtype=dtype or torch.bfloat16, enabled=dtype is not None)

    def backward(self, loss: Tensor, inputs: Sequence[nn.Parameter], retain_graph: bool = False) -> None:
        """Accumulate the gradient of ``loss / accumulate``, scaled, in exactly ``inputs``."""
        scaled = self.scaler.scale(loss / self.accumulate)
        torch.autograd.backward(scaled, inputs=list(inputs), retain_graph=retain_graph)

    def after_update(self) -> None:
        """Adapt the loss scale; once an update, after every due player has stepped."""
        if self.scaler.is_enabled() and any(wrapper.stepped for wrapper in self.values()):
            self.scaler.update()
        for wrapper in self.values():
            wrapper.stepped = False

    def run_state(self) -> dict:
        """What a resume needs beside the optimizers' state: the open window's gradients (per process), the scale."""
        gradients = {name: [None if p.grad is None else p.grad.detach().clone() for p in self._parameters(name)]
                     for name in self.optim_wrappers}
        return {'gradients': gradients, 'scaler': self.scaler.state_dict(), 'accumulate': self.accumulate}

    def load_run_state(self, state: dict) -> None:
        """Take up :meth:`run_state`.

        Raises:
            ValueError: If the run accumulated over another number of iterations and stopped inside a window.
        """
        is_open = any(gradient is not None for owned in state['gradients'].values() for gradient in owned)
        if is_open and state['accumulate'] != self.accumulate:
            raise ValueError('the checkpoint was saved inside an accumulation window of '
                             f'{state["accumulate"]} iterations and cannot go on with accumulate={self.accumulate}; '
                             'resume with the same count')
        for name, gradients in state['gradients'].items():
            for parameter, gradient in zip(self._parameters(name), gradients, strict=True):
                parameter.grad = None if gradient is None else gradient.to(parameter.device, copy=True)
        self.scaler.load_state_dict(state['scaler'])

    def _parameters(self, name: str) -> list[nn.Parameter]:
        return [p for group in self.optim_wrappers[name].optimizer.param_groups for p in group['params']]
