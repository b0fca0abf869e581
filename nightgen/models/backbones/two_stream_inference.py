"""The two-stream U-Net for inference only: channels-last, in 16 bit where asked, skips added without joining them."""

from __future__ import annotations

import copy

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from nightgen.models.layers import pad_to_multiple

from .n2d_lpnet_inference import ONES, check_dtype, fused_operators


class TwoStreamInference(nn.Module):
    """The function of a :class:`~.two_stream_unet.TwoStreamUNet`, called in the same ways, without autograd.

    On a CPU a convolution and the leaky ReLU behind it are one operator. Skips are added half by half, in place, and
    the grey half of the decoder's first convolution is part of what is kept. In 16 bit the first convolution of a
    single channel stays in fp32, which keeps all codes of classes apart, and so do norms and the last activation. fp32
    goes in and comes out.

    Args:
        network: The trained network; it is copied, later changes of it do not arrive here.
        dtype: What convolutions compute in.

    Raises:
        ValueError: The device does not support the dtype.
    """

    def __init__(self, network: nn.Module, dtype: torch.dtype) -> None:
        super().__init__()
        device = next(network.parameters()).device
        check_dtype(dtype, device)
        self.dtype, self.fused = dtype, device.type == 'cpu' and fused_operators()
        network = copy.deepcopy(network).eval().requires_grad_(False).float().to(memory_format=torch.channels_last)
        self.network = network
        first, bottom = network.encoder[0], network.decoder[0].conv1
        for convolution in self._convolutions(first.conv2, *network.encoder[1:], *network.decoder, network.head):
            convolution.to(dtype)
        if network.label_encoding == 'onehot':
            network.label_conv.to(dtype)
        half = bottom.in_channels // 2
        self.register_buffer('bottom_grey', bottom.weight[:half].contiguous(), persistent=False)
        self.register_buffer('bottom_label', bottom.weight[half:].contiguous(), persistent=False)
        del bottom.weight  # in halves now

    @staticmethod
    def _convolutions(*parts: nn.Module) -> list[nn.Module]:
        return [m for part in parts for m in part.modules() if isinstance(m, nn.Conv2d | nn.ConvTranspose2d)]

    def check_label(self, label: Tensor) -> None:
        """See ``TwoStreamUNet.check_label``."""
        self.network.check_label(label)

    @torch.no_grad()
    def forward(self, grey: Tensor, label: Tensor, kept: list[Tensor] | None = None) -> Tensor:
        height, width = grey.shape[-2:]
        greys = self.encode_grey(grey) if kept is None else kept
        labels = self._encode_label(label)
        x = greys[-1] + self._transposed(labels[-1], self.bottom_label)
        for index, layer in enumerate(self.network.decoder):
            if index:
                x = self._transposed(x, layer.conv1.weight)
            F.leaky_relu_(x, layer.slope)
            skip = greys[-2 - index]
            x[:, :skip.shape[1]] += skip
            x[:, skip.shape[1]:] += labels[-2 - index]
            x = self._conv(layer.conv2, x, layer.slope)
        last, act = self.network.head
        return act(self._conv(last, x).float())[..., :height, :width].contiguous()

    @torch.no_grad()
    def encode_grey(self, grey: Tensor) -> list[Tensor]:
        """What does not depend on the map: the halves of all skips but the last, and what the decoder makes of that."""
        network = self.network
        x = pad_to_multiple(grey.float(), network.multiple, network.least)
        made = [norm(features.float()).to(self.dtype).contiguous(memory_format=torch.channels_last)
                for norm, features in zip(network.grey_norms, self._encode(x, network.encoder[0].conv1), strict=True)]
        return [*made[:-1], self._transposed(made[-1], self.bottom_grey)]

    def _encode_label(self, label: Tensor) -> list[Tensor]:
        network = self.network
        picture = pad_to_multiple(network.label_picture(label).float(), network.multiple, network.least)
        onehot = network.label_encoding == 'onehot'
        return self._encode(picture, network.label_conv if onehot else network.encoder[0].conv1)

    def _encode(self, x: Tensor, first: nn.Conv2d) -> list[Tensor]:
        made = []
        for index, layer in enumerate(self.network.encoder):
            x = self._conv(first if index == 0 else layer.conv1, x, layer.slope)
            x = self._conv(layer.conv2, x, layer.slope)
            made.append(x)
        return made

    def _conv(self, convolution: nn.Conv2d, x: Tensor, slope: float | None = None) -> Tensor:
        """A convolution in the dtype of its weights, then a leaky ReLU where there is a slope."""
        x = x.to(convolution.weight.dtype).contiguous(memory_format=torch.channels_last)
        if self.fused:
            kind, scalars = ('none', []) if slope is None else ('leaky_relu', [slope])
            return torch.ops.mkldnn._convolution_pointwise(
                x, convolution.weight, convolution.bias, convolution.padding, convolution.stride, ONES, 1, kind,
                scalars, '')
        x = convolution(x)
        return x if slope is None else F.leaky_relu_(x, slope)

    @staticmethod
    def _transposed(x: Tensor, weight: Tensor) -> Tensor:
        return F.conv_transpose2d(x.contiguous(memory_format=torch.channels_last), weight, stride=2, padding=1,
                                  output_padding=1)
