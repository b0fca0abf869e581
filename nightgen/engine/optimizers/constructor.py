"""Build the optimizers of all players from one config entry."""

from __future__ import annotations

import torch
from mmengine.model import is_model_wrapper
from mmengine.registry import OPTIMIZERS
from torch import nn

from nightgen.registry import OPTIM_WRAPPER_CONSTRUCTORS

from .player_optim_wrapper import AMP_DTYPES, PlayerOptimWrapper, PlayerOptimWrapperDict


@OPTIM_WRAPPER_CONSTRUCTORS.register_module()
class PlayerOptimWrapperConstructor:
    """One optimizer per player of a translator.

    Config::

        optim_wrapper = dict(
            constructor='PlayerOptimWrapperConstructor', accumulate=1, amp='off',
            generator=dict(optimizer=dict(type='Adam', lr=1e-4), clip_grad=None),
            discriminator=dict(optimizer=dict(type='Adam', lr=1e-4)))

    Args:
        optim_wrapper_cfg: The entry without ``constructor``.
        paramwise_cfg: Must be None; mmengine passes it by name.

    Raises:
        ValueError: Players and optimizers that do not match, parameters in no optimizer or in two, ``amp='fp16'``
            without a GPU.
    """

    def __init__(self, optim_wrapper_cfg: dict, paramwise_cfg: dict | None = None):
        if paramwise_cfg:
            raise ValueError('PlayerOptimWrapperConstructor takes no paramwise_cfg; give each player its own optimizer')
        config = dict(optim_wrapper_cfg)
        self.accumulate = config.pop('accumulate', 1)
        self.amp = config.pop('amp', 'off')
        if self.amp not in AMP_DTYPES:
            raise ValueError(f'optim_wrapper: amp must be one of {list(AMP_DTYPES)}, got {self.amp!r}')
        if self.amp == 'fp16' and not torch.cuda.is_available():
            raise ValueError("optim_wrapper: amp='fp16' needs a GPU, and none is here; use amp='bf16' or amp='off'")
        for name, entry in config.items():
            if not isinstance(entry, dict):
                raise ValueError(f'optim_wrapper: {name} must be dict(optimizer=dict(type=...)), got {entry!r}')
        self.players = {name: dict(entry) for name, entry in config.items()}

    def __call__(self, model: nn.Module) -> PlayerOptimWrapperDict:
        if is_model_wrapper(model):
            model = model.module
        modules = model.player_modules()
        if set(modules) != set(self.players):
            raise ValueError(f'optim_wrapper: it has optimizers for {sorted(self.players)}, and the players are '
                             f'{sorted(modules)}')
        parameters = {player: [p for module in networks for p in module.parameters() if p.requires_grad]
                      for player, networks in modules.items()}
        self._check_ownership(model, parameters)
        scaler = torch.amp.GradScaler('cuda', enabled=self.amp == 'fp16')
        wrappers = {player: self._build(player, parameters[player], scaler) for player in modules}
        return PlayerOptimWrapperDict(wrappers, scaler, self.accumulate, self.amp)

    def _build(self, player: str, parameters: list[nn.Parameter], scaler: torch.amp.GradScaler) -> PlayerOptimWrapper:
        entry = dict(self.players[player])
        optimizer, clip_grad = entry.pop('optimizer', None), entry.pop('clip_grad', None)
        if optimizer is None or entry:
            raise ValueError(f'optim_wrapper: {player}=dict(optimizer=dict(type=...), clip_grad=None) is what an entry '
                             f'holds, got {self.players[player]}')
        if not parameters:
            raise ValueError(f'optim_wrapper: player {player!r} has no trainable parameter')
        return PlayerOptimWrapper(OPTIMIZERS.build({**optimizer, 'params': parameters}), scaler, clip_grad)

    @staticmethod
    def _check_ownership(model: nn.Module, parameters: dict[str, list[nn.Parameter]]) -> None:
        owners: dict[int, list[str]] = {}
        for player, owned in parameters.items():
            for parameter in owned:
                owners.setdefault(id(parameter), []).append(player)
        for name, parameter in model.named_parameters():
            holders = owners.get(id(parameter), [])
            if len(holders) > 1:
                raise ValueError(f'parameter {name!r} belongs to several players: {holders}')
            if not holders and parameter.requires_grad:
                raise ValueError(f'parameter {name!r} requires gradients and belongs to no player; freeze it, list '
                                 'its module in player_modules(), or give its entry of tensors a player')
