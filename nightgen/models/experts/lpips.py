"""LPIPS (Zhang et al. 2018, version 0.1) from weight files, without its package."""

from __future__ import annotations

from pathlib import Path

import torch
from mmcv.cnn import VGG, AlexNet
from torch import Tensor, nn

from nightgen.functional import constant
from nightgen.registry import MODELS

from .frozen import FrozenModel
from .inputs import to_pixels
from .weights import load_weight_file

_TAPS = dict(alex=(1, 4, 7, 9, 11), vgg=(3, 8, 15, 22, 29))
"""Positions of the ReLUs that are compared, in torchvision's ``features``."""
_CHANNELS = dict(alex=(64, 192, 384, 256, 256), vgg=(64, 128, 256, 512, 512))
_SHIFT, _SCALE = (-0.030, -0.088, -0.188), (0.458, 0.448, 0.450)


class _Linear(nn.Module):
    """One weight per channel, under the key that the published files have (``lin0.model.1.weight``)."""

    def __init__(self, channels: int):
        super().__init__()
        self.model = nn.Sequential(nn.Identity(), nn.Conv2d(channels, 1, 1, bias=False))

    def forward(self, x: Tensor) -> Tensor:
        return self.model(x)


class _Net(nn.Module):
    def __init__(self, net: str):
        super().__init__()
        self.backbone = AlexNet() if net == 'alex' else VGG(16, with_last_pool=True)
        for module in self.backbone.features:
            if isinstance(module, nn.ReLU):
                module.inplace = False
        self.linear = nn.ModuleDict({f'lin{index}': _Linear(width) for index, width in enumerate(_CHANNELS[net])})


@MODELS.register_module()
class LPIPSNetwork(FrozenModel):
    """Learned perceptual distance of picture pairs.

    Args:
        weights: Of the network, a file with torchvision's keys (its classifier is left out), or ``'random'``.
        linear_weights: Of the five linear layers, a file of the LPIPS release (``weights/v0.1/alex.pth``), or
            ``'random'``.
        net: ``alex`` or ``vgg`` (VGG16).
        sha256, linear_sha256: Of the two files, or their beginnings.

    Raises:
        ValueError, FileNotFoundError, CheckpointMismatchError: See :func:`~.weights.load_weight_file`.
    """

    def __init__(self, weights: str | Path | None = None, linear_weights: str | Path | None = None, net: str = 'alex',
                 sha256: str | None = None, linear_sha256: str | None = None):
        if net not in _TAPS:
            raise ValueError(f"net is 'alex' or 'vgg', got {net!r}")
        network = _Net(net)
        digests = (load_weight_file(network.backbone, weights, sha256, ('classifier.',), f'LPIPS ({net}, ImageNet)'),
                   load_weight_file(network.linear, linear_weights, linear_sha256, (), f'the linear layers of LPIPS '
                                    f'({net}, v0.1)'))
        super().__init__(network)
        self.net = net
        self.identity = dict(name=f'lpips_{net}', sha256=digests[0], linear_sha256=digests[1], resize='none')

    def _features(self, images: Tensor) -> list[Tensor]:
        x = to_pixels(images.to(next(self.network.parameters()).device)) / 127.5 - 1
        x = (x - constant(_SHIFT, x).view(3, 1, 1)) / constant(_SCALE, x).view(3, 1, 1)
        found = []
        for position, module in enumerate(self.network.backbone.features):
            x = module(x)
            if position in _TAPS[self.net]:
                found.append(x / (x.square().sum(dim=1, keepdim=True).sqrt() + 1e-10))
            if position == _TAPS[self.net][-1]:
                return found
        raise RuntimeError(f'{self.net} has fewer layers than LPIPS compares')

    def forward(self, first: Tensor, second: Tensor) -> Tensor:
        """Distances N of pictures N,3,H,W, uint8 or floating point in [-1, 1]; gradients pass."""
        total = torch.zeros(len(first), device=next(self.network.parameters()).device)
        pairs = zip(self._features(first), self._features(second), self.network.linear.values(), strict=True)
        for one, other, linear in pairs:
            total = total + linear((one - other).square()).mean(dim=(1, 2, 3))
        return total
