"""One optimizer per player, gradients averaged where it steps, and the model wrapper that this allows."""

from .broadcast_wrapper import BroadcastWrapper
from .constructor import PlayerOptimWrapperConstructor
from .gradient_averaging import average_gradients, broadcast_buffers
from .player_optim_wrapper import PlayerOptimWrapper, PlayerOptimWrapperDict

__all__ = ['BroadcastWrapper', 'PlayerOptimWrapper', 'PlayerOptimWrapperConstructor', 'PlayerOptimWrapperDict',
           'average_gradients', 'broadcast_buffers']
