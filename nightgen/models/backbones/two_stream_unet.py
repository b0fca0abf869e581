"""The colour network of semantic-driven colorization: grey and label map through one encoder, then one decoder."""

from __future__ import annotations

from collections.abc import Sequence

import torch
import torch.nn.functional as F
from mmengine.model import BaseModule
from torch import Tensor, nn

from nightgen.models.layers import build_activation, build_norm, pad_to_multiple
from nightgen.registry import BACKBONES
from nightgen.structures.class_maps import UNLABELLED

from .two_stream_inference import TwoStreamInference

WIDTHS = (32, 64, 128, 256, 512, 512)
LABEL_ENCODINGS = ('index', 'learned', 'onehot')


class EncoderLayer(nn.Module):
    """Two 3x3 convolutions without bias, each before a leaky ReLU; the first halves the size unless ``stride`` is 1."""

    def __init__(self, in_channels: int, out_channels: int, stride: int, slope: float) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(in_channels, out_channels, 3, stride=stride, padding=1, bias=False)
        self.conv2 = nn.Conv2d(out_channels, out_channels, 3, padding=1, bias=False)
        self.slope = slope

    def forward(self, x: Tensor) -> Tensor:
        return self.finish(self.conv1(x))

    def finish(self, x: Tensor) -> Tensor:
        """What follows the first convolution."""
        return F.leaky_relu(self.conv2(F.leaky_relu(x, self.slope)), self.slope)


class DecoderLayer(nn.Module):
    """A transposed convolution to twice the size, a leaky ReLU, the skip added, a convolution, a leaky ReLU."""

    def __init__(self, in_channels: int, out_channels: int, slope: float) -> None:
        super().__init__()
        self.conv1 = nn.ConvTranspose2d(
            in_channels, out_channels, 3, stride=2, padding=1, output_padding=1, bias=False)
        self.conv2 = nn.Conv2d(out_channels, out_channels, 3, padding=1, bias=False)
        self.slope = slope

    def forward(self, x: Tensor, skip: Tensor) -> Tensor:
        return F.leaky_relu(self.conv2(F.leaky_relu(self.conv1(x), self.slope) + skip), self.slope)


@BACKBONES.register_module()
class TwoStreamUNet(BaseModule):
    """Chroma of a luma and a label map; 37,704,096 parameters by default, the layout of the released network.

    Both inputs go through the same encoder layers. At every size the grey stream is instance-normalised on the way to
    the skip only (what goes deeper is not), the label stream is not, and both together are added to the decoder after
    its first activation. Source: "Semantic-driven Colorization" (specs: semantic_colorization 3). The paper's text read
    literally, four times down, is ``widths=(32, 64, 128, 256, 512)``: 14,111,136 parameters.

    The streams are computed apart, so that after an edit of the map only what depends on it is computed again:
    ``kept = network.encode_grey(grey)`` once, then ``network(grey, label, kept=kept)`` for every map.

    Args:
        in_channels: Channels of the grey picture; more than 1 needs ``label_encoding='onehot'``, as the encoder's first
            convolution is then not shared.
        out_channels: Channels of the result.
        num_classes: Number of classes; labels are 0 to ``num_classes - 1``.
        widths: Channels of the encoder's layers, at least two; every layer but the first halves the size. The decoder
            has twice as many at each size, and twice the second width at the bottom of a skip.
        slope: Of every leaky ReLU: 0.01 in the paper, 0.1 in the released code.
        grey_norm: ``'instance'`` or, for comparison, ``'none'``.
        out_act: ``'tanh'``, ``'none'``, or ``'leaky_relu'`` with ``slope`` (released).
        head_bias: Whether the last convolution has a bias.
        label_encoding: How the map becomes a picture: ``'index'``, the class number scaled to [-1, 1] (paper);
            ``'learned'``, one learnt number a class; ``'onehot'``, a channel for each class, with a first convolution
            of its own.
        unlabelled: The class that 255 (unlabelled) is read as; 0 is PASCAL-Context's background.
        init_cfg: mmengine's initialisation config; None keeps torch's default, as the released code.

    Shape: grey N,in_channels,H,W in [-1, 1] and label N,H,W int64 to N,out_channels,H,W, in [-1, 1] with ``tanh``.
    Sides that ``2 ** (len(widths) - 1)`` does not divide are padded at the right and bottom by repetition, and the
    result is cut.

    Raises:
        ValueError: An unknown option, fewer than two widths or classes.
    """

    def __init__(self, in_channels: int = 1, out_channels: int = 2, num_classes: int = 60,
                 widths: Sequence[int] = WIDTHS, slope: float = 0.01, grey_norm: str = 'instance',
                 out_act: str = 'tanh', head_bias: bool = False, label_encoding: str = 'index', unlabelled: int = 0,
                 init_cfg: dict | list | None = None) -> None:
        super().__init__(init_cfg)
        widths = tuple(widths)
        if len(widths) < 2 or num_classes < 2 or not 0 <= unlabelled < num_classes:
            raise ValueError('TwoStreamUNet: two widths and two classes are the least, and unlabelled is one of them; '
                             f'got widths={widths}, num_classes={num_classes}, unlabelled={unlabelled}')
        if label_encoding not in LABEL_ENCODINGS or grey_norm not in ('instance', 'none'):
            raise ValueError(f"TwoStreamUNet: label_encoding is one of {LABEL_ENCODINGS} and grey_norm 'instance' or "
                             f"'none', got {label_encoding!r} and {grey_norm!r}")
        if in_channels != 1 and label_encoding != 'onehot':
            raise ValueError(f'TwoStreamUNet: {in_channels} channels cannot share a convolution with a label map of '
                             "one; use label_encoding='onehot'")
        self.num_classes, self.unlabelled, self.label_encoding = num_classes, unlabelled, label_encoding
        self.multiple = 2 ** (len(widths) - 1)
        self.least = 2 if grey_norm == 'instance' else 1  # a norm of a single position has no meaning
        self.encoder = nn.ModuleList([
            EncoderLayer(before, after, 1 if level == 0 else 2, slope)
            for level, (before, after) in enumerate(zip((in_channels, *widths), widths, strict=False))])
        self.grey_norms = nn.ModuleList([build_norm(grey_norm, width) for width in widths])
        if label_encoding == 'learned':
            self.class_values = nn.Embedding(num_classes, 1)
        elif label_encoding == 'onehot':
            self.label_conv = nn.Conv2d(num_classes, widths[0], 3, padding=1, bias=False)
        skips = [2 * width for width in widths]
        self.decoder = nn.ModuleList([
            DecoderLayer(before, after, slope) for before, after in zip(skips[:0:-1], skips[-2::-1], strict=True)])
        self.head = nn.Sequential(nn.Conv2d(skips[0], out_channels, 3, padding=1, bias=head_bias),
                                  build_activation(out_act, slope))

    def forward(self, grey: Tensor, label: Tensor, kept: list[Tensor] | None = None) -> Tensor:
        """Chroma.

        Args:
            grey: N,in_channels,H,W.
            label: N,H,W int64, of the size of ``grey``. Values are not looked at: :meth:`check_label` does.
            kept: What :meth:`encode_grey` made of this ``grey``; the grey stream is then not computed again.

        Raises:
            ValueError: A map of another size.
        """
        if label.shape != (grey.shape[0], *grey.shape[2:]):
            raise ValueError(f'the label map has the shape {tuple(label.shape)}, an image of {tuple(grey.shape)} '
                             f'needs {(grey.shape[0], *grey.shape[2:])}')
        greys = self.encode_grey(grey) if kept is None else kept
        height, width = grey.shape[-2:]
        return self.decode(greys, self.encode_label(label))[..., :height, :width]

    def encode_grey(self, grey: Tensor) -> list[Tensor]:
        """The grey stream's half of every skip, finest first: N,width,h,w each, normalised."""
        x, made = pad_to_multiple(grey, self.multiple, self.least), []
        for layer, norm in zip(self.encoder, self.grey_norms, strict=True):
            x = layer(x)
            made.append(norm(x))
        return made

    def encode_label(self, label: Tensor) -> list[Tensor]:
        """The label stream's half of every skip, finest first: N,width,h,w each."""
        first, *rest = self.encoder
        picture = pad_to_multiple(self.label_picture(label), self.multiple, self.least)
        made = [first.finish(self.label_conv(picture)) if self.label_encoding == 'onehot' else first(picture)]
        for layer in rest:
            made.append(layer(made[-1]))
        return made

    def label_picture(self, label: Tensor) -> Tensor:
        """The map as the encoder reads it: N,1,H,W, or N,num_classes,H,W with ``'onehot'``."""
        label = label.where(label != UNLABELLED, self.unlabelled)
        if self.label_encoding == 'index':
            return (label[:, None].to(self.encoder[0].conv1.weight.dtype) * (2 / (self.num_classes - 1))) - 1
        if self.label_encoding == 'learned':
            return self.class_values(label).permute(0, 3, 1, 2)
        numbers = torch.arange(self.num_classes, device=label.device)[:, None, None]
        return (label[:, None] == numbers).to(self.encoder[0].conv1.weight.dtype)

    def decode(self, greys: Sequence[Tensor], labels: Sequence[Tensor]) -> Tensor:
        """The result at the padded size, of both streams' halves."""
        skips = [torch.cat(pair, dim=1) for pair in zip(greys, labels, strict=True)]
        x = skips.pop()
        for layer in self.decoder:
            x = layer(x, skips.pop())
        return self.head(x)

    def to_inference(self, dtype: torch.dtype = torch.float32) -> nn.Module:
        """Make a network of the same function for inference: faster, without autograd, called in the same ways.

        Weights are copied: convert again after further training. fp32 in and out. What ``encode_grey`` of the new
        network keeps fits the new network only.

        Args:
            dtype: What convolutions compute in: ``torch.float32``, ``torch.bfloat16``, on a GPU also ``torch.float16``.

        Raises:
            ValueError: If the device does not support the dtype.
        """
        return TwoStreamInference(self, dtype)

    def check_label(self, label: Tensor) -> None:
        """Refuse values that are neither a class nor 255; on a GPU it waits for them, so it is not part of training.

        Raises:
            ValueError: Names the values.
        """
        wrong = label[(label < 0) | ((label >= self.num_classes) & (label != UNLABELLED))].unique()
        if len(wrong):
            raise ValueError(f'the label map holds {wrong[:8].tolist()}: classes are 0 to {self.num_classes - 1}, and '
                             f'{UNLABELLED} (read as {self.unlabelled}) where unlabelled')
