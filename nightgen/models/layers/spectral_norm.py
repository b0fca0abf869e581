"""Convolutions whose weight is divided by its largest singular value (Miyato et al., ICLR 2018)."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.autograd.function import FunctionCtx, once_differentiable

from nightgen.functional import no_autocast

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

    @torch.compiler.disable  # compiled, the backward pass reads the buffer that the next forward pass has changed
    def normalised_weight(self) -> Tensor:
        """W / sigma(W), of the shape of ``weight``; moves ``u`` one power iteration on in training mode."""
        axes = self._row_axes()
        rows = self.weight.permute(axes)
        matrix = rows.flatten(1)
        with no_autocast(self.weight):
            with torch.no_grad():
                v = F.normalize(matrix.t() @ self.u, dim=0, eps=EPS)
                image = matrix @ v
                u = F.normalize(image, dim=0, eps=EPS)
                if self.training:
                    self.u.copy_(u)
            normalised = OverSigma.apply(matrix, u, v, torch.dot(u, image))
        return normalised.view(rows.shape).permute([axes.index(axis) for axis in range(len(axes))])

    def _row_axes(self) -> tuple[int, ...]:
        """An order of the weight's axes that has the output channels first."""
        raise NotImplementedError(f'{type(self).__name__} must say where its output channels are')  # abstract


class OverSigma(torch.autograd.Function):
    """A matrix over sigma = u W v with constant u and v: (W, u, v, sigma) to W / sigma.

    The gradient of a loss that has the gradient g of the result is ``(g - <g, W / sigma> u v^T) / sigma``. Found in two
    passes over the matrix, where autograd would need about three times as many: for the 17 million weights of three
    views that is felt.
    """

    @staticmethod
    def forward(ctx: FunctionCtx, matrix: Tensor, u: Tensor, v: Tensor, sigma: Tensor) -> Tensor:
        normalised = matrix / sigma
        ctx.save_for_backward(normalised, u, v, sigma)
        return normalised

    @staticmethod
    @once_differentiable
    def backward(ctx: FunctionCtx, gradient: Tensor) -> tuple[Tensor, None, None, None]:
        normalised, u, v, sigma = ctx.saved_tensors
        along = torch.dot(gradient.reshape(-1), normalised.reshape(-1)) / sigma
        return (gradient / sigma).addr_(-along * u, v), None, None, None


class SpectralConv2d(SpectralWeight, nn.Conv2d):
    """``nn.Conv2d`` with the weight W / sigma(W), see :class:`SpectralWeight`."""

    def _row_axes(self) -> tuple[int, ...]:
        # Flattening the rest copies nothing: in the channels-last format the columns come in another order, which
        # changes v and neither u nor sigma.
        return (0, 2, 3, 1) if self.weight.is_contiguous(memory_format=torch.channels_last) else (0, 1, 2, 3)

    def forward(self, x: Tensor) -> Tensor:
        return self._conv_forward(x, self.normalised_weight(), self.bias)


class SpectralConvTranspose2d(SpectralWeight, nn.ConvTranspose2d):
    """``nn.ConvTranspose2d`` with the weight W / sigma(W), see :class:`SpectralWeight`."""

    def _row_axes(self) -> tuple[int, ...]:
        return (1, 0, 2, 3)

    def forward(self, x: Tensor) -> Tensor:
        return F.conv_transpose2d(x, self.normalised_weight(), self.bias, self.stride, self.padding,
                                  self.output_padding, self.groups, self.dilation)


def conv_class(spectral: bool, transposed: bool = False) -> type[nn.Conv2d] | type[nn.ConvTranspose2d]:
    """The (transposed) convolution of a network with or without spectral norm."""
    if transposed:
        return SpectralConvTranspose2d if spectral else nn.ConvTranspose2d
    return SpectralConv2d if spectral else nn.Conv2d
