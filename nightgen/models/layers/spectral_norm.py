"""A convolution whose weight is divided by its largest singular value (Miyato et al., ICLR 2018)."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from .blocks import no_autocast

EPS = 1e-12


class SpectralConv2d(nn.Conv2d):
    """``nn.Conv2d`` with the weight W / sigma(W), sigma by one power iteration in every forward pass.

    In training each forward keeps its left vector ``u`` for the next one; in evaluation it is not kept, so that
    translating twice gives the same. Gradients flow through sigma = u W v, with u and v as constants. W is the
    parameter itself: initialisation by layer type, ``load_state_dict`` and memory formats work as for a plain
    convolution (torch's parametrization hides the weight from the first). sigma is found in the weight's own precision,
    autocast or not: in bfloat16 its relative error would be near one percent and change from step to step.

    As BigGAN's and PearlGAN's (specs: morngan 1.4); takes the arguments of ``nn.Conv2d``.

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
        """The weight with its output channels first, so that flattening the rest copies nothing.

        In the channels-last format the columns come in another order, which changes v and neither u nor sigma.
        """
        last = self.weight.is_contiguous(memory_format=torch.channels_last)
        return self.weight.permute(0, 2, 3, 1) if last else self.weight

    def forward(self, x: Tensor) -> Tensor:
        return self._conv_forward(x, self.normalised_weight(), self.bias)


def conv_class(spectral: bool) -> type[nn.Conv2d]:
    """The convolution of a network with or without spectral norm."""
    return SpectralConv2d if spectral else nn.Conv2d
