"""Convolutions whose weight is divided by its largest singular value (Miyato et al., ICLR 2018)."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from .blocks import no_autocast

EPS = 1e-12


class SpectralWeight(nn.Module):
    """What makes a convolution a spectral one; comes before it among the bases.

    The convolution has the weight W / sigma(W), sigma by one power iteration in every forward pass.

    In training each forward keeps its left vector ``u`` for the next one; in evaluation it is not kept, so that
    translating twice gives the same. Gradients flow through sigma = u W v, with u and v as constants. W is the
    parameter itself: initialisation by layer type, ``load_state_dict`` and memory formats work as for a plain
    convolution (torch's parametrization hides the weight from the first). sigma is found in the weight's own precision,
    autocast or not: in bfloat16 its relative error would be near one percent and change from step to step.

    As BigGAN's and PearlGAN's (specs: morngan 1.4).

    Attributes:
        u (Tensor): Buffer of shape (out_channels,), a unit vector, part of the state dict.
    """

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.register_buffer('u', F.normalize(torch.randn(self.out_channels), dim=0, eps=EPS))

    def normalised_weight(self) -> Tensor:
        """W / sigma(W), of the shape of ``weight``; moves ``u`` one power iteration on in training mode."""
        with no_autocast(self.weight):
            matrix = self._rows().flatten(1)
            v = F.normalize(matrix.detach().t() @ self.u, dim=0, eps=EPS)
            image = matrix @ v
            u = F.normalize(image.detach(), dim=0, eps=EPS)
            if self.training:
                self.u.copy_(u)
            return self.weight / torch.dot(u, image)

    def _rows(self) -> Tensor:
        """The weight with its output channels first."""
        raise NotImplementedError(f'{type(self).__name__} must say where its output channels are')


class SpectralConv2d(SpectralWeight, nn.Conv2d):
    """``nn.Conv2d`` with the weight W / sigma(W), see :class:`SpectralWeight`."""

    def _rows(self) -> Tensor:
        # Flattening the rest copies nothing: in the channels-last format the columns come in another order, which
        # changes v and neither u nor sigma.
        last = self.weight.is_contiguous(memory_format=torch.channels_last)
        return self.weight.permute(0, 2, 3, 1) if last else self.weight

    def forward(self, x: Tensor) -> Tensor:
        return self._conv_forward(x, self.normalised_weight(), self.bias)


class SpectralConvTranspose2d(SpectralWeight, nn.ConvTranspose2d):
    """``nn.ConvTranspose2d`` with the weight W / sigma(W), see :class:`SpectralWeight`."""

    def _rows(self) -> Tensor:
        return self.weight.transpose(0, 1)

    def forward(self, x: Tensor) -> Tensor:
        return F.conv_transpose2d(x, self.normalised_weight(), self.bias, self.stride, self.padding,
                                  self.output_padding, self.groups, self.dilation)


def conv_class(spectral: bool, transposed: bool = False) -> type[nn.Conv2d] | type[nn.ConvTranspose2d]:
    """The (transposed) convolution of a network with or without spectral norm."""
    if transposed:
        return SpectralConvTranspose2d if spectral else nn.ConvTranspose2d
    return SpectralConv2d if spectral else nn.Conv2d
