"""One part of each kind."""

import numpy as np
import torch
from mmcv.transforms import BaseTransform
from mmengine.hooks import Hook
from torch import Tensor, nn

from nightgen.registry import BACKBONES, HOOKS, LOSSES, TRANSFORMS


@LOSSES.register_module()
class DarknessLoss(nn.Module):
    """Mean darkness 1 - (x + 1) / 2 of an image N,C,H,W in [-1, 1] above a threshold."""

    def __init__(self, threshold: float = 0.0):
        super().__init__()
        self.threshold = threshold

    def forward(self, image: Tensor) -> Tensor:
        return torch.relu(1 - (image + 1) / 2 - self.threshold).mean()


@BACKBONES.register_module()
class ShallowNet(nn.Module):
    """A 1x1 convolution: N,3,H,W to the same."""

    def __init__(self):
        super().__init__()
        self.mix = nn.Conv2d(3, 3, 1)

    def forward(self, x: Tensor) -> Tensor:
        return self.mix(x)


@TRANSFORMS.register_module()
class UndoGamma(BaseTransform):
    """Raise an 8-bit image to ``gamma``."""

    def __init__(self, gamma: float):
        self.gamma = gamma

    def transform(self, results: dict) -> dict:
        results['img'] = (255 * (results['img'] / 255.0) ** self.gamma).round().astype(np.uint8)
        return results


@HOOKS.register_module()
class StepCounterHook(Hook):
    """Count training iterations."""

    def __init__(self):
        self.steps = 0

    def after_train_iter(self, runner, batch_idx, data_batch=None, outputs=None) -> None:
        self.steps += 1
