"""The U-Net of pix2pix and of the conditional-GAN colorization paper: a norm for every block, skips at every size."""

from __future__ import annotations

from collections.abc import Sequence

import torch
import torch.nn.functional as F
from mmengine.model import BaseModule
from torch import Tensor, nn

from nightgen.models.layers import build_activation, build_norm, conv_class, pad_to_multiple
from nightgen.models.layers.nearest_conv import NearestConv2d, SpectralNearestConv2d
from nightgen.registry import BACKBONES

SLOPE = 0.2
UPSAMPLINGS = ('nearest', 'bilinear', 'transposed')
_PER_SAMPLE = ('instance', 'instance_affine', 'ibn_a')  # norms that need more than one position
# Keras's initialisation, which the released code keeps (specs/cgan_colorization 8).
INIT_CFG = dict(type='Xavier', layer=['Conv2d', 'ConvTranspose2d'], distribution='uniform', bias=0)


def upsampling_layers(kind: str, before: int, after: int, bias: bool, spectral: bool) -> list[nn.Module]:
    """Layers from ``before`` channels to ``after`` at twice the size, with a 4x4 kernel.

    The image is enlarged, padded as Keras's ``'same'`` (one row above, two below) and convolved.
    """
    if kind == 'nearest':
        return [(SpectralNearestConv2d if spectral else NearestConv2d)(before, after, bias=bias)]
    convolution = conv_class(spectral, transposed=kind == 'transposed')
    if kind == 'transposed':
        return [convolution(before, after, 4, stride=2, padding=1, bias=bias)]
    resize = nn.Upsample(scale_factor=2, mode='bilinear', align_corners=False)
    return [resize, nn.ZeroPad2d((1, 2, 1, 2)), convolution(before, after, 4, bias=bias)]


@BACKBONES.register_module()
class UNet(BaseModule):
    """``num_levels`` strided 4x4 convolutions down, as many up, a skip at every size.

    The default is the generator of "End-to-End Conditional GAN-based Architectures for Image Colourisation"
    (specs/cgan_colorization 2): 41,821,570 parameters in convolutions, 41,830,402 with batch norms. pix2pix's own
    (section 14) has ``num_levels=8, upsampling='transposed', bias=False, skip_activation='relu'``, the encoder norms
    ``['none', 'batch', ..., 'batch', 'none']`` and dropout: 54,409,858 from 1 to 2 channels.

    Args:
        in_channels: Channels of the input, 1 for a luma.
        out_channels: Channels of the output, 2 for a chroma.
        base: Width after the first convolution; it doubles with every further one up to 8 times ``base``.
        num_levels: Strided convolutions.
        encoder_norms: See :func:`nightgen.models.layers.build_norm`; one kind for every block but the first, which has
            none, or a kind for each of the ``num_levels`` blocks.
        decoder_norms: One kind, or a kind for each of the ``num_levels - 1`` blocks before the output. The paper's IBN
            has ``['batch'] * 5 + ['instance_affine']``.
        upsampling: ``'nearest'`` or ``'bilinear'`` resize before a convolution, or ``'transposed'`` convolutions.
        spectral: Spectral norm in every convolution, the output's included.
        bias: Biases of all convolutions but the output's, which has one.
        dropout: Rate after the norm of each decoder block (a number, or one for each), in training only.
        skip_activation: What the decoder gets of an encoder block: after its ``'leaky_relu'``, or (pix2pix, which
            applies activations before convolutions) after a ``'relu'`` of its own.
        out_act: ``'tanh'`` or another activation of :func:`nightgen.models.layers.build_activation`.
        init_cfg: mmengine's initialisation config; the default is Keras's, Glorot uniform.

    Shape: N,in_channels,H,W in [-1, 1] to N,out_channels,H,W in [-1, 1]. Sides that ``2 ** num_levels`` does not divide
        are padded at the right and bottom by repetition, and the result is cut.

    Raises:
        ValueError: Norms or rates that do not fit the number of blocks, an unknown upsampling or activation.
    """

    def __init__(self, in_channels: int = 1, out_channels: int = 2, base: int = 64, num_levels: int = 7,
                 encoder_norms: str | Sequence[str] = 'batch', decoder_norms: str | Sequence[str] = 'batch',
                 upsampling: str = 'nearest', spectral: bool = False, bias: bool = True,
                 dropout: float | Sequence[float] = 0.0, skip_activation: str = 'leaky_relu', out_act: str = 'tanh',
                 init_cfg: dict | list | None = INIT_CFG) -> None:
        super().__init__(init_cfg)
        if num_levels < 2:
            raise ValueError(f'UNet: num_levels must be 2 or more, got {num_levels}')
        if upsampling not in UPSAMPLINGS or skip_activation not in ('leaky_relu', 'relu'):
            raise ValueError(f"UNet: upsampling is one of {UPSAMPLINGS} and skip_activation 'leaky_relu' or 'relu', "
                             f'got {upsampling!r} and {skip_activation!r}')
        encoder_norms = ('none', *[encoder_norms] * (num_levels - 1)) if isinstance(encoder_norms, str) \
            else _one_each(encoder_norms, num_levels, 'encoder_norms')
        decoder_norms = _one_each(decoder_norms, num_levels - 1, 'decoder_norms')
        rates = _one_each(dropout, num_levels - 1, 'dropout')
        self.multiple, self.skip_activation = 2 ** num_levels, skip_activation
        self.least = 2 if encoder_norms[-1] in _PER_SAMPLE else 1  # such a norm of a single position has no meaning
        widths = [base * min(2 ** level, 8) for level in range(num_levels)]
        convolution = conv_class(spectral)
        self.encoder = nn.ModuleList([
            nn.Sequential(convolution(before, after, 4, stride=2, padding=1, bias=bias), build_norm(norm, after))
            for before, after, norm in zip((in_channels, *widths), widths, encoder_norms, strict=False)])
        decoder, before = [], widths[-1]
        for after, norm, rate in zip(widths[-2::-1], decoder_norms, rates, strict=True):
            decoder.append(nn.Sequential(*upsampling_layers(upsampling, before, after, bias, spectral),
                                         build_norm(norm, after), *([nn.Dropout(rate)] if rate else [])))
            before = 2 * after
        self.decoder = nn.ModuleList(decoder)
        self.head = nn.Sequential(*upsampling_layers(upsampling, before, out_channels, True, spectral),
                                  build_activation(out_act))

    def forward(self, x: Tensor) -> Tensor:
        height, width = x.shape[-2:]
        x = pad_to_multiple(x, self.multiple, self.least)
        features = []
        for block in self.encoder:
            before = block(x)
            x = F.leaky_relu(before, SLOPE)
            features.append(x if self.skip_activation == 'leaky_relu' else F.relu(before))
        x = features.pop()
        for block in self.decoder:
            x = torch.cat([F.relu(block(x)), features.pop()], dim=1)
        return self.head(x)[..., :height, :width]



def _one_each(value: str | float | Sequence, number: int, name: str) -> list:
    values = [value] * number if isinstance(value, str | float | int) else list(value)
    if len(values) != number:
        raise ValueError(f'UNet: {name} takes one value for each of {number} blocks, got {values}')
    return values
