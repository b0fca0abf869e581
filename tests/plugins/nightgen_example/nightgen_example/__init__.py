"""A package outside nightgen; importing it registers what it adds."""

from .parts import DarknessLoss, ShallowNet, StepCounterHook, UndoGamma

__all__ = ['DarknessLoss', 'ShallowNet', 'StepCounterHook', 'UndoGamma']
