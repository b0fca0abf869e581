"""The Inception network of the FID, without torchvision."""

from __future__ import annotations

from pathlib import Path

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from nightgen.registry import MODELS

from .frozen import FrozenModel
from .weights import load_weight_file

FID_SHA256 = '6726825d'
"""SHA-256 (beginning) of pt_inception-2015-12-05-6726825d.pth, the weights of the original FID for PyTorch."""


class _Conv(nn.Module):
    """Convolution without bias, batch normalisation, ReLU."""

    def __init__(self, inputs: int, outputs: int, kernel: int | tuple[int, int], stride: int = 1,
                 padding: int | tuple[int, int] = 0):
        super().__init__()
        self.conv = nn.Conv2d(inputs, outputs, kernel, stride, padding, bias=False)
        self.bn = nn.BatchNorm2d(outputs, eps=0.001)

    def forward(self, x: Tensor) -> Tensor:
        return F.relu(self.bn(self.conv(x)), inplace=True)


def _row(inputs: int, outputs: int) -> _Conv:
    return _Conv(inputs, outputs, (1, 7), padding=(0, 3))


def _column(inputs: int, outputs: int) -> _Conv:
    return _Conv(inputs, outputs, (7, 1), padding=(3, 0))


def _mean3(x: Tensor) -> Tensor:
    # TensorFlow's average leaves the padding out; torchvision's own Inception counts it
    return F.avg_pool2d(x, 3, stride=1, padding=1, count_include_pad=False)


class _MixedA(nn.Module):
    """Blocks at 35x35."""

    def __init__(self, inputs: int, pooled: int):
        super().__init__()
        self.branch1x1 = _Conv(inputs, 64, 1)
        self.branch5x5_1, self.branch5x5_2 = _Conv(inputs, 48, 1), _Conv(48, 64, 5, padding=2)
        self.branch3x3dbl_1, self.branch3x3dbl_2 = _Conv(inputs, 64, 1), _Conv(64, 96, 3, padding=1)
        self.branch3x3dbl_3 = _Conv(96, 96, 3, padding=1)
        self.branch_pool = _Conv(inputs, pooled, 1)

    def forward(self, x: Tensor) -> Tensor:
        double = self.branch3x3dbl_3(self.branch3x3dbl_2(self.branch3x3dbl_1(x)))
        return torch.cat([self.branch1x1(x), self.branch5x5_2(self.branch5x5_1(x)), double,
                          self.branch_pool(_mean3(x))], 1)


class _MixedB(nn.Module):
    """From 35x35 to 17x17."""

    def __init__(self, inputs: int):
        super().__init__()
        self.branch3x3 = _Conv(inputs, 384, 3, stride=2)
        self.branch3x3dbl_1, self.branch3x3dbl_2 = _Conv(inputs, 64, 1), _Conv(64, 96, 3, padding=1)
        self.branch3x3dbl_3 = _Conv(96, 96, 3, stride=2)

    def forward(self, x: Tensor) -> Tensor:
        double = self.branch3x3dbl_3(self.branch3x3dbl_2(self.branch3x3dbl_1(x)))
        return torch.cat([self.branch3x3(x), double, F.max_pool2d(x, 3, stride=2)], 1)


class _MixedC(nn.Module):
    """Blocks at 17x17."""

    def __init__(self, inputs: int, inner: int):
        super().__init__()
        self.branch1x1 = _Conv(inputs, 192, 1)
        self.branch7x7_1, self.branch7x7_2, self.branch7x7_3 = \
            _Conv(inputs, inner, 1), _row(inner, inner), _column(inner, 192)
        self.branch7x7dbl_1, self.branch7x7dbl_2 = _Conv(inputs, inner, 1), _column(inner, inner)
        self.branch7x7dbl_3, self.branch7x7dbl_4, self.branch7x7dbl_5 = \
            _row(inner, inner), _column(inner, inner), _row(inner, 192)
        self.branch_pool = _Conv(inputs, 192, 1)

    def forward(self, x: Tensor) -> Tensor:
        single = self.branch7x7_3(self.branch7x7_2(self.branch7x7_1(x)))
        double = self.branch7x7dbl_3(self.branch7x7dbl_2(self.branch7x7dbl_1(x)))
        double = self.branch7x7dbl_5(self.branch7x7dbl_4(double))
        return torch.cat([self.branch1x1(x), single, double, self.branch_pool(_mean3(x))], 1)


class _MixedD(nn.Module):
    """From 17x17 to 8x8."""

    def __init__(self, inputs: int):
        super().__init__()
        self.branch3x3_1, self.branch3x3_2 = _Conv(inputs, 192, 1), _Conv(192, 320, 3, stride=2)
        self.branch7x7x3_1, self.branch7x7x3_2 = _Conv(inputs, 192, 1), _row(192, 192)
        self.branch7x7x3_3, self.branch7x7x3_4 = _column(192, 192), _Conv(192, 192, 3, stride=2)

    def forward(self, x: Tensor) -> Tensor:
        long = self.branch7x7x3_4(self.branch7x7x3_3(self.branch7x7x3_2(self.branch7x7x3_1(x))))
        return torch.cat([self.branch3x3_2(self.branch3x3_1(x)), long, F.max_pool2d(x, 3, stride=2)], 1)


class _MixedE(nn.Module):
    """Blocks at 8x8. The last one takes a maximum where the others take a mean, as the FID's network does."""

    def __init__(self, inputs: int, maximum: bool):
        super().__init__()
        self.maximum = maximum
        self.branch1x1 = _Conv(inputs, 320, 1)
        self.branch3x3_1 = _Conv(inputs, 384, 1)
        self.branch3x3_2a, self.branch3x3_2b = self._cross()
        self.branch3x3dbl_1, self.branch3x3dbl_2 = _Conv(inputs, 448, 1), _Conv(448, 384, 3, padding=1)
        self.branch3x3dbl_3a, self.branch3x3dbl_3b = self._cross()
        self.branch_pool = _Conv(inputs, 192, 1)

    @staticmethod
    def _cross() -> tuple[_Conv, _Conv]:
        return _Conv(384, 384, (1, 3), padding=(0, 1)), _Conv(384, 384, (3, 1), padding=(1, 0))

    def forward(self, x: Tensor) -> Tensor:
        single, double = self.branch3x3_1(x), self.branch3x3dbl_2(self.branch3x3dbl_1(x))
        pooled = F.max_pool2d(x, 3, stride=1, padding=1) if self.maximum else _mean3(x)
        return torch.cat([self.branch1x1(x), self.branch3x3_2a(single), self.branch3x3_2b(single),
                          self.branch3x3dbl_3a(double), self.branch3x3dbl_3b(double), self.branch_pool(pooled)], 1)


class FIDInception(nn.Module):
    """Inception v3 of 2015 up to its last pooling: N,3,299,299 in [-1, 1] to N,2048. Keys as torchvision names them."""

    def __init__(self) -> None:
        super().__init__()
        self.Conv2d_1a_3x3, self.Conv2d_2a_3x3 = _Conv(3, 32, 3, stride=2), _Conv(32, 32, 3)
        self.Conv2d_2b_3x3 = _Conv(32, 64, 3, padding=1)
        self.Conv2d_3b_1x1, self.Conv2d_4a_3x3 = _Conv(64, 80, 1), _Conv(80, 192, 3)
        self.Mixed_5b, self.Mixed_5c, self.Mixed_5d = _MixedA(192, 32), _MixedA(256, 64), _MixedA(288, 64)
        self.Mixed_6a, self.Mixed_6b = _MixedB(288), _MixedC(768, 128)
        self.Mixed_6c, self.Mixed_6d, self.Mixed_6e = _MixedC(768, 160), _MixedC(768, 160), _MixedC(768, 192)
        self.Mixed_7a, self.Mixed_7b, self.Mixed_7c = _MixedD(768), _MixedE(1280, False), _MixedE(2048, True)

    def forward(self, x: Tensor) -> Tensor:
        x = F.max_pool2d(self.Conv2d_2b_3x3(self.Conv2d_2a_3x3(self.Conv2d_1a_3x3(x))), 3, stride=2)
        x = F.max_pool2d(self.Conv2d_4a_3x3(self.Conv2d_3b_1x1(x)), 3, stride=2)
        for name, block in self.named_children():
            if name.startswith('Mixed'):
                x = block(x)
        return x.mean(dim=(2, 3))


@MODELS.register_module()
class InceptionFeatures(FrozenModel):
    """The 2048 features on which the FID is defined.

    Args:
        weights: ``pt_inception-2015-12-05-6726825d.pth`` of the pytorch-fid release ``fid_weights`` (or another file of
            the same keys). It is never downloaded, and nothing takes its place.
        sha256: Of the file, or its beginning; None takes any.
        resize: To 299x299. ``bilinear``: torch's, without antialiasing, as pytorch-fid does. ``clean``: bicubic with
            antialiasing, as clean-fid does. Numbers of the two must not be compared.

    Raises:
        ValueError, FileNotFoundError, CheckpointMismatchError: See :func:`~.weights.load_weight_file`.
    """

    def __init__(self, weights: str | Path | None = None, sha256: str | None = FID_SHA256, resize: str = 'bilinear'):
        if resize not in ('bilinear', 'clean'):
            raise ValueError(f"resize is 'bilinear' or 'clean', got {resize!r}")
        network = FIDInception()
        digest = load_weight_file(network, weights, sha256, drop=('fc.', 'AuxLogits.'),
                                  what='the FID Inception (pt_inception-2015-12-05-6726825d.pth of pytorch-fid)')
        super().__init__(network)
        self.resize, self.digest = resize, digest

    @property
    def identity(self) -> dict[str, str]:
        """What a distance on these features must say beside its number."""
        how = 'bilinear' if self.resize == 'bilinear' else 'bicubic antialiased'
        return dict(name='inception', sha256=self.digest, resize=f'299x299 {how}')

    @torch.no_grad()
    def forward(self, images: Tensor) -> Tensor:
        """Uint8 N,3,H,W RGB to float32 N,2048."""
        if images.dtype != torch.uint8 or images.ndim != 4 or images.shape[1] != 3:
            raise TypeError(f'uint8 N,3,H,W is expected, got {images.dtype} {tuple(images.shape)}')
        x = images.to(next(self.network.parameters()).device).float()
        if self.resize == 'bilinear':
            return self.network(F.interpolate(x, (299, 299), mode='bilinear', align_corners=False) / 127.5 - 1)
        x = F.interpolate(x, (299, 299), mode='bicubic', align_corners=False, antialias=True).clamp(0, 255)
        return self.network((x - 128) / 128)
