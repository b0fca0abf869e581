"""Zhang's colorizers: blocks of dilated convolutions with distributions of colour (2016), or a U-Net of them (2017)."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from mmengine.model import BaseModule
from torch import Tensor, nn

from nightgen.functional import AB_SCALE, annealed_mean, at_least_single, colour_bins, no_autocast
from nightgen.models.layers import pad_to_multiple
from nightgen.registry import BACKBONES

SLOPE = 0.2  # of the last activation of DilatedUNet
INIT_CFG = dict(type='Kaiming', layer=['Conv2d', 'ConvTranspose2d'], mode='fan_in', nonlinearity='relu', bias=0)


def conv_block(before: int, after: int, number: int, stride: int = 1, dilation: int = 1) -> nn.Sequential:
    """``number`` 3x3 convolutions, each with a ReLU, and a batch norm; the last convolution has the stride."""
    layers: list[nn.Module] = []
    for index in range(number):
        step = stride if index == number - 1 else 1
        layers += [nn.Conv2d(before, after, 3, step, dilation, dilation), nn.ReLU(inplace=True)]
        before = after
    return nn.Sequential(*layers, nn.BatchNorm2d(after))


def context_blocks(width: int) -> list[nn.Sequential]:
    """Blocks 5 to 7 of both networks: three convolutions each, those of the first two dilated by 2."""
    return [conv_block(width, width, 3, dilation=dilation) for dilation in (2, 2, 1)]


@BACKBONES.register_module()
class ColorBinsNet(BaseModule):
    """The network of "Colorful Image Colorization" (Zhang, Isola, Efros, ECCV 2016): a distribution over bins of ab.

    Eight blocks, three of them strided, without skips; 32,235,385 parameters for one channel. A pixel's distribution at
    a quarter of the size becomes a colour by its annealed mean, which is enlarged.

    Args:
        in_channels: Channels of the input, 1 for a luma.
        base: Width of the first block; it doubles up to 8 times ``base``.
        temperature: Of the annealed mean, see :func:`nightgen.functional.annealed_mean`.
        ab_scale: What a and b are divided by in the output.
        init_cfg: mmengine's initialisation config.

    Shape: N,in_channels,H,W in [-1, 1] to N,2,H,W in [-1, 1]. Sides that 8 does not divide are padded at the right and
        bottom by repetition, and the result is cut.

    Raises:
        ValueError: A temperature or scale that is not positive.
    """

    def __init__(self, in_channels: int = 1, base: int = 64, temperature: float = 0.38, ab_scale: float = AB_SCALE,
                 init_cfg: dict | list | None = INIT_CFG) -> None:
        super().__init__(init_cfg)
        if temperature <= 0 or ab_scale <= 0:
            raise ValueError(f'ColorBinsNet: temperature and ab_scale are positive, got {temperature} and {ab_scale}')
        self.temperature = temperature
        bins = torch.from_numpy(colour_bins() / ab_scale).float()
        self.register_buffer('bins', bins, persistent=False)
        wide = 8 * base
        self.blocks = nn.Sequential(
            conv_block(in_channels, base, 2, stride=2), conv_block(base, 2 * base, 2, stride=2),
            conv_block(2 * base, 4 * base, 3, stride=2), conv_block(4 * base, wide, 3), *context_blocks(wide))
        self.head = nn.Sequential(
            nn.ConvTranspose2d(wide, 4 * base, 4, 2, 1), nn.ReLU(inplace=True),
            nn.Conv2d(4 * base, 4 * base, 3, padding=1), nn.ReLU(inplace=True),
            nn.Conv2d(4 * base, 4 * base, 3, padding=1), nn.ReLU(inplace=True), nn.Conv2d(4 * base, len(bins), 1))

    def logits(self, x: Tensor) -> Tensor:
        """Scores of the bins of every fourth pixel: N,313,ceil(H/4),ceil(W/4)."""
        height, width = (-(-side // 4) for side in x.shape[-2:])
        return self.head(self.blocks(pad_to_multiple(x, 8)))[..., :height, :width]

    def decode(self, logits: Tensor, height: int, width: int) -> Tensor:
        """The chroma N,2,H,W that scores of bins mean."""
        with no_autocast(logits):
            chroma = annealed_mean(at_least_single(logits), self.bins, self.temperature)
            larger = F.interpolate(chroma, scale_factor=4, mode='bilinear', align_corners=False)
        return larger[..., :height, :width]

    def forward(self, x: Tensor) -> Tensor:
        return self.decode(self.logits(x), *x.shape[-2:])


@BACKBONES.register_module()
class DilatedUNet(BaseModule):
    """The main branch of "Real-Time User-Guided Image Colorization" (Zhang et al., SIGGRAPH 2017), without hints.

    Blocks 1 to 7 as in :class:`ColorBinsNet`, but every second pixel of a block goes into the next in place of strides;
    three blocks up, to each of which the block of its size is added through a convolution. 34,049,346 parameters for
    one channel. What is left out: hints and their mask (three further channels), global hints, and the branch that
    predicts distributions for the interface, which sends no gradient into this one.

    Args:
        in_channels: Channels of the input, 1 for a luma.
        out_channels: Channels of the output, 2 for a chroma.
        base: Width of the first block; it doubles up to 8 times ``base``.
        init_cfg: mmengine's initialisation config.

    Shape: N,in_channels,H,W in [-1, 1] to N,out_channels,H,W in [-1, 1]. Sides that 8 does not divide are padded at the
        right and bottom by repetition, and the result is cut.
    """

    def __init__(self, in_channels: int = 1, out_channels: int = 2, base: int = 64,
                 init_cfg: dict | list | None = INIT_CFG) -> None:
        super().__init__(init_cfg)
        wide = 8 * base
        self.down = nn.ModuleList([conv_block(in_channels, base, 2), conv_block(base, 2 * base, 2),
                                   conv_block(2 * base, 4 * base, 3)])
        self.middle = nn.Sequential(conv_block(4 * base, wide, 3), *context_blocks(wide))
        self.up = nn.ModuleList([nn.ConvTranspose2d(before, after, 4, 2, 1) for before, after in
                                 ((wide, 4 * base), (4 * base, 2 * base), (2 * base, 2 * base))])
        self.skips = nn.ModuleList([nn.Conv2d(before, after, 3, padding=1) for before, after in
                                    ((4 * base, 4 * base), (2 * base, 2 * base), (base, 2 * base))])
        self.blocks = nn.ModuleList([conv_block(4 * base, 4 * base, 2), conv_block(2 * base, 2 * base, 1),
                                     nn.Sequential(nn.Conv2d(2 * base, 2 * base, 3, padding=1), nn.LeakyReLU(SLOPE))])
        self.head = nn.Sequential(nn.Conv2d(2 * base, out_channels, 1), nn.Tanh())

    def forward(self, x: Tensor) -> Tensor:
        height, width = x.shape[-2:]
        x = pad_to_multiple(x, 8)
        kept = []
        for block in self.down:
            kept.append(block(x))
            x = kept[-1][..., ::2, ::2]
        x = self.middle(x)
        for up, skip, block in zip(self.up, self.skips, self.blocks, strict=True):
            x = block(F.relu(up(x) + skip(kept.pop())))
        return self.head(x)[..., :height, :width]
