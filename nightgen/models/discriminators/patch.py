"""Networks that score overlapping patches of an image: CycleGAN's 70x70 PatchGAN and its relatives."""

from collections.abc import Sequence

import torch.nn.functional as F
from mmengine.model import BaseModule
from torch import Tensor, nn

from nightgen.models.layers import BlurDownsample, build_norm, conv_class
from nightgen.registry import DISCRIMINATORS

SLOPE = 0.2
INIT_CFG = dict(type='Normal', layer='Conv2d', std=0.02)
# Stride of the last convolution before the head, and padding of the head (left, right, top, bottom).
STRIDES = dict(basic=(1, (1, 1, 1, 1)), released=(2, (1, 2, 1, 2)))


def patch_network(widths: Sequence[int], strides: Sequence[int], norms: Sequence[str], head_kernel: int = 4,
                  head_padding: tuple[int, int, int, int] = (1, 1, 1, 1), spectral: bool = False,
                  norm_bias: bool = True, antialias: bool = False, padding_mode: str = 'zeros') -> nn.Sequential:
    """4x4 convolutions with leaky ReLU, a norm from the second on, then a convolution to one score a patch.

    Args:
        widths: Channels of the input and after each convolution.
        strides: Of each convolution.
        norms: Of each convolution but the first, see :func:`nightgen.models.layers.build_norm`.
        head_kernel: Side of the last convolution's kernel.
        head_padding: Zeros at the left, right, top and bottom before it.
        spectral: Spectral norm in every convolution, the head included.
        norm_bias: Whether a convolution before a norm has a bias.
        antialias: Convolve with stride 1 and blur where the stride is 2.
        padding_mode: Of the convolutions but the last.
    """
    convolution = conv_class(spectral)
    layers: list[nn.Module] = []
    for index, (before, after, stride) in enumerate(zip(widths, widths[1:], strides, strict=False)):
        norm = norms[index - 1] if index else None
        bias = norm_bias or norm in (None, 'none')
        blur = antialias and stride == 2
        layers.append(convolution(before, after, 4, stride=1 if blur else stride, padding=1, bias=bias,
                                  padding_mode=padding_mode))
        if norm is not None:
            layers.append(build_norm(norm, after))
        layers.append(nn.LeakyReLU(SLOPE, inplace=True))
        if blur:
            layers.append(BlurDownsample())
    if len(set(head_padding)) > 1:
        layers.append(nn.ZeroPad2d(head_padding))
        head_padding = (0,)
    return nn.Sequential(*layers, convolution(widths[-1], 1, head_kernel, padding=head_padding[0]))


@DISCRIMINATORS.register_module()
class PatchDiscriminator(BaseModule):
    """The PatchGAN of pix2pix and CycleGAN: 2,764,737 parameters, a score sees 70x70 pixels.

    ``num_layers`` strided convolutions, one more of stride 1, a convolution to the score; no norm after the first.
    Source: specs/cgan_colorization 3 and 14.

    Args:
        in_channels: Channels of the image, or of image and condition together.
        base: Width after the first convolution; it doubles with every further one up to 8 times ``base``.
        num_layers: Strided convolutions, 3 for patches of 70 pixels.
        norm: See :func:`nightgen.models.layers.build_norm`; or one for each of the ``num_layers`` convolutions from the
            second on.
        spectral: Spectral norm in every convolution (then usually ``norm='none'``).
        strides: ``'basic'``, or ``'released'`` as the code of the conditional-GAN colorization paper has it: stride 2
            in the last convolution before the head as well, so that a score sees 94 pixels, and a head that keeps the
            size of its input.
        num_scales: As many networks with separate weights, each on an image of half the side (2x2 average).
        norm_bias: Biases before norms; pix2pix leaves them out before BatchNorm.
        antialias: Convolve with stride 1 and halve by blur pooling in place of strided convolutions, as CUT does; same
            parameters and sizes, and a score sees 84 pixels.
        init_cfg: mmengine's initialisation config. The default draws weights from N(0, 0.02).

    Shape: N,in_channels,H,W to a list of ``num_scales`` linear score maps N,1,h,w, finest first (30x30 for 256 pixels,
        16x16 with ``strides='released'``).

    Raises:
        ValueError: For an unknown ``strides``, norms that do not fit ``num_layers``, or an image that is too small.
    """

    def __init__(self, in_channels: int = 3, base: int = 64, num_layers: int = 3,
                 norm: str | Sequence[str] = 'instance', spectral: bool = False, strides: str = 'basic',
                 num_scales: int = 1, norm_bias: bool = True, antialias: bool = False,
                 init_cfg: dict | list | None = INIT_CFG) -> None:
        super().__init__(init_cfg)
        if strides not in STRIDES:
            raise ValueError(f'PatchDiscriminator: strides must be one of {list(STRIDES)}, got {strides!r}')
        norms = [norm] * num_layers if isinstance(norm, str) else list(norm)
        if len(norms) != num_layers:
            raise ValueError(f'PatchDiscriminator: {num_layers} layers take {num_layers} norms, got {norms}')
        widths = [in_channels, *(base * min(2 ** layer, 8) for layer in range(num_layers + 1))]
        last_stride, head_padding = STRIDES[strides]
        self.all_strides = [2] * num_layers + [last_stride]
        self.scales = nn.ModuleList([
            patch_network(widths, self.all_strides, norms, 4, head_padding, spectral, norm_bias, antialias)
            for _ in range(num_scales)])

    def forward(self, x: Tensor) -> list[Tensor]:
        scores = []
        for index, network in enumerate(self.scales):
            x = F.avg_pool2d(x, 2) if index else x
            self._check_size(*x.shape[-2:])
            scores.append(network(x))
        return scores

    def _check_size(self, height: int, width: int) -> None:
        rows, columns = height, width
        for stride in self.all_strides:
            rows, columns = ((side - 2) // stride + 1 for side in (rows, columns))
        if min(rows, columns) < 2:
            raise ValueError(f'PatchDiscriminator: no patch fits into {height}x{width} pixels with strides '
                             f'{self.all_strides}; use larger images, or fewer layers or scales')
