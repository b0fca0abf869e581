"""Small pieces that several networks are made of: normalisation, activation, residual block, padding to a multiple."""

import torch.nn.functional as F
from torch import Tensor, nn

from .norms import InstanceBatchNorm2d, SampleNorm2d

NORMS = ('instance', 'instance_affine', 'batch', 'batch_keras', 'ibn_a', 'sample', 'group', 'none')
ACTIVATIONS = ('relu', 'leaky_relu', 'prelu', 'tanh', 'sigmoid', 'none')


def build_norm(kind: str, channels: int, groups: int = 32) -> nn.Module:
    """Make a 2-d normalisation layer.

    Args:
        kind: ``'instance'`` (no affine, no running statistics: CycleGAN's and pix2pixHD's), ``'instance_affine'``,
            ``'batch'``, ``'batch_keras'`` (as Keras has it: momentum 0.01, eps 1e-3), ``'ibn_a'`` (half of each),
            ``'sample'`` (over all channels, see :class:`~.norms.SampleNorm2d`), ``'group'`` (affine) or ``'none'``.
        channels: Number of feature channels.
        groups: Groups of a group norm; they must divide the channels.

    Raises:
        ValueError: If the kind is unknown, or the groups do not divide the channels.
    """
    if kind == 'instance':
        return nn.InstanceNorm2d(channels)
    if kind == 'instance_affine':
        return nn.InstanceNorm2d(channels, affine=True)
    if kind == 'batch':
        return nn.BatchNorm2d(channels)
    if kind == 'batch_keras':
        return nn.BatchNorm2d(channels, eps=1e-3, momentum=0.01)
    if kind == 'ibn_a':
        return InstanceBatchNorm2d(channels)
    if kind == 'sample':
        return SampleNorm2d()
    if kind == 'group':
        return nn.GroupNorm(groups, channels)
    if kind == 'none':
        return nn.Identity()
    raise ValueError(f'unknown norm {kind!r}; known: {NORMS}')


def build_activation(kind: str, negative_slope: float = 0.01, inplace: bool = False) -> nn.Module:
    """Make an activation layer.

    Args:
        kind: One of ``'relu'``, ``'leaky_relu'``, ``'prelu'`` (one learnt slope for all channels, 0.25 at first),
            ``'tanh'``, ``'sigmoid'``, ``'none'``.
        negative_slope: Slope of the leaky ReLU below zero.
        inplace: Whether (leaky) ReLU overwrites its input.

    Raises:
        ValueError: If the kind is unknown.
    """
    if kind == 'relu':
        return nn.ReLU(inplace)
    if kind == 'leaky_relu':
        return nn.LeakyReLU(negative_slope, inplace)
    if kind == 'prelu':
        return nn.PReLU()
    if kind == 'tanh':
        return nn.Tanh()
    if kind == 'sigmoid':
        return nn.Sigmoid()
    if kind == 'none':
        return nn.Identity()
    raise ValueError(f'unknown activation {kind!r}; known: {ACTIVATIONS}')


class ResidualBlock(nn.Module):
    """``x + conv3x3(act(conv3x3(x)))`` with optional norms after both convolutions and no activation after the sum.

    Under autocast the sum stays in the dtype of ``x`` when that is the wider one: a stream that enters in fp32 leaves
    in fp32, whatever the convolutions run in.

    Args:
        channels: Channels in and out.
        norm: See :func:`build_norm`.
        activation: See :func:`build_activation`.
        negative_slope: Slope of a leaky ReLU.
        padding_mode: ``'zeros'`` (LPTN, N2D-LPNet) or ``'reflect'`` (CycleGAN).
        bias: Biases of both convolutions.

    Shape: N,C,H,W to N,C,H,W.
    """

    def __init__(self, channels: int, norm: str = 'none', activation: str = 'leaky_relu',
                 negative_slope: float = 0.01, padding_mode: str = 'zeros', bias: bool = True) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(channels, channels, 3, padding=1, padding_mode=padding_mode, bias=bias)
        self.norm1 = build_norm(norm, channels)
        self.act = build_activation(activation, negative_slope)
        self.conv2 = nn.Conv2d(channels, channels, 3, padding=1, padding_mode=padding_mode, bias=bias)
        self.norm2 = build_norm(norm, channels)

    def forward(self, x: Tensor) -> Tensor:
        return x + self.norm2(self.conv2(self.act(self.norm1(self.conv1(x)))))


def pad_to_multiple(x: Tensor, multiple: int, least: int = 1) -> Tensor:
    """Repeat the last row and column until both sides divide by ``multiple``, ``least`` times or more.

    N,C,H,W, returned as is if they do.
    """
    height, width = x.shape[-2:]
    bottom, right = (max(-side % multiple, least * multiple - side) for side in (height, width))
    return F.pad(x, (0, right, 0, bottom), mode='replicate') if bottom or right else x
