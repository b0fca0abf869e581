"""N2D-LPNet for inference only: the function of the network that it is made from, several times as fast.

What takes the time in the plain network on a CPU is not the convolutions, which run at an eighth and a quarter of the
size, but the passes over full-size memory. Here the pyramid and the resizes are OpenCV's, plane by plane; a level block
is two matrix products on strips that stay in the second-level cache; a high band is made, weighted and added in the
same strip; convolutions run channels-last with activation and residual sum fused into them.
"""

import copy
import itertools
import logging
import threading
from collections.abc import Callable

import cv2
import numpy as np
import torch
import torch.nn.functional as F
from mmengine.logging import print_log
from torch import Tensor, nn

from nightgen.functional import mute_dark
from nightgen.models.layers import LaplacianPyramid, ResidualBlock, pad_to_multiple

from .n2d_lpnet_parts import GUIDE_ACTS, LOW_ACTS, SLOPE, LevelBlock

DTYPES = (torch.float32, torch.bfloat16, torch.float16)
STRIP_PIXELS = 20480  # 17 hidden values a pixel in fp32 are 1.3 MiB
CV_INTERPS = {'bilinear': cv2.INTER_LINEAR, 'nearest': cv2.INTER_NEAREST}
ONES = (1, 1)


def fused_operators() -> bool:
    """Whether this torch has oneDNN's convolutions with fused activation and sum."""
    return torch.backends.mkldnn.is_available() and hasattr(torch.ops.mkldnn, '_convolution_pointwise')


def bf16_convolutions() -> bool:
    """Whether this CPU and this torch convolve in bfloat16 at speed."""
    return torch.backends.mkldnn.is_available() and torch.ops.mkldnn._is_mkldnn_bf16_supported()


def bf16_is_faster() -> bool:
    """Whether bfloat16 convolutions can be expected to beat fp32 ones on this CPU: with AMX.

    avx512_bf16 alone has the instructions and not the speed: 0.7 of fp32's was measured with it.
    """
    return bf16_convolutions() and torch.cpu._is_amx_tile_supported()


def make_inference(network: nn.Module, dtype: torch.dtype = torch.float32, fused: bool | None = None) -> nn.Module:
    """Make the inference network for the device on which the parameters lie; see ``N2DLPNet.to_inference``."""
    device = next(network.parameters()).device
    check_dtype(dtype, device)
    if device.type != 'cpu' or type(network.pyramid) is not LaplacianPyramid:  # the planes are OpenCV's, which has
        return AutocastInference(network, dtype)  # this one's kernel
    return PlaneInference(network, dtype, fused_operators() if fused is None else fused)


def check_dtype(dtype: torch.dtype, device: torch.device) -> None:
    """Refuse a dtype that inference on a device does not have; warn where it is likely to be slow.

    Raises:
        ValueError: Says what to take.
    """
    if dtype not in DTYPES:
        raise ValueError(f'to_inference: dtype={dtype} is unknown; choose one of {DTYPES}')
    if device.type != 'cpu':
        return
    if dtype is torch.float16:
        raise ValueError('to_inference: float16 needs a GPU; on a CPU take bfloat16, or move the network first')
    if dtype is torch.bfloat16 and not bf16_convolutions():
        raise ValueError('to_inference: this CPU (or this build of torch) has no bfloat16 convolutions; take float32')
    if dtype is torch.bfloat16 and not bf16_is_faster():
        print_log('bfloat16 is likely to be slower than float32 on this CPU, which has no AMX; '
                  'tools/analysis_tools/benchmark.py inference measures both', 'current', logging.WARNING)


class AutocastInference(nn.Module):
    """The plain network, channels-last, under autocast where ``dtype`` is a 16-bit one. For GPUs and other pyramids.

    What stays in fp32 is what ``N2DLPNet`` keeps so in training.
    """

    def __init__(self, network: nn.Module, dtype: torch.dtype) -> None:
        super().__init__()
        self.network = copy.deepcopy(network).eval().requires_grad_(False).to(memory_format=torch.channels_last)
        self.dtype = dtype

    @torch.no_grad()
    def forward(self, x: Tensor) -> Tensor:
        with torch.autocast(x.device.type, dtype=self.dtype, enabled=self.dtype is not torch.float32):
            out = self.network(x.float().contiguous(memory_format=torch.channels_last))
        return out.float().contiguous()


class PlaneInference(nn.Module):
    """The network on a CPU. Images of a batch are run one after the other; fp32 in, fp32 out, no autograd.

    With bfloat16 the residual blocks of both branches, the guide's residual stream and the low branch's last but one
    convolution are in it. Everything else stays in fp32: dark frames need it, and lamps in them.

    Args:
        network: The trained network; it is copied, later changes of it do not arrive here.
        dtype: What most convolutions compute in: fp32 or bf16.
        fused: Whether oneDNN's convolutions with fused activation and sum are used; plain torch operators otherwise.

    Shape: N,3,H,W in [-1, 1], any strides, to N,3,H,W, contiguous.
    """

    def __init__(self, network: nn.Module, dtype: torch.dtype, fused: bool) -> None:
        super().__init__()
        network = copy.deepcopy(network).eval().requires_grad_(False).float()
        self.num_levels, self.dtype, self.fused = network.num_levels, dtype, fused
        self.further_levels, self.dark_colour = network.further_levels, network.dark_colour
        self.guide_mode, self.guide_act, self.interp = network.guide_mode, network.guide_act, network.interp
        self.scratch = Scratch()
        self.low = network.low.to(memory_format=torch.channels_last)
        self.guide = network.guide.to(memory_format=torch.channels_last)
        for part in (self.low.blocks, self.low.neck, self.guide.blocks):
            part.to(dtype)
        for level, block in enumerate(network.levels):
            first, second = _level_matrices(block, image_scale=2.0 if self.guide_mode == 'res_mul' else 1.0)
            self.register_buffer(f'first{level}', first, persistent=False)
            self.register_buffer(f'second{level}', second, persistent=False)

    @torch.no_grad()
    def forward(self, x: Tensor) -> Tensor:
        if x.device.type != 'cpu':
            raise ValueError(f'this inference network was made for the CPU, got an image on {x.device}; '
                             'call to_inference again after the network is moved')
        height, width = x.shape[-2:]
        least = 2 ** self.num_levels + 1
        if min(height, width) < least:
            raise ValueError(f'an image of height and width {(height, width)} is too small for a pyramid of '
                             f'{self.num_levels} levels; both sides must be at least {least}')
        levels = self.num_levels + self.further_levels(height, width)
        x = pad_to_multiple(x.float(), 2 ** levels)
        out = torch.empty(x.shape)
        for image, target in zip(x, out, strict=True):
            self._translate(image, target, levels)
        return out[..., :height, :width].contiguous()

    def _translate(self, image: Tensor, out: Tensor, levels: int) -> None:
        """One image 3,H,W. The pyramid is kept in units of 2 (image + 1), so nothing at full size changes the range."""
        scratch, night = self.scratch, image
        gauss = [torch.add(image, 1, out=scratch.take('gauss0', image.shape))]
        for level in range(1, levels + 1):
            _, height, width = gauss[-1].shape
            small = scratch.take(f'gauss{level}', (3, height // 2, width // 2))
            gauss.append(_per_plane(cv2.pyrDown, gauss[-1], small))
        # Each way up goes to where the level's result will stand; the Gaussian images become the high bands.
        results = [out] + [scratch.take(f'result{level}', gauss[level].shape) for level in range(1, levels)]
        for level, result in enumerate(results):
            gauss[level].sub_(_per_plane(cv2.pyrUp, gauss[level + 1], result))
        low = (gauss[-1] / 2)[None]
        new_low = self._run_low(low)
        guide = self._run_guide(gauss[-2][None] / 2, low, new_low)[0]
        image = new_low[0] * 2
        refine = self._refine_mul if self.guide_mode == 'mul' else self._refine_res_mul
        further = levels - self.num_levels
        for level in range(levels - 1, -1, -1):
            if level == 0:
                image -= 1  # back to [-1, 1]: the way up carries a shift through unchanged
            image = _per_plane(cv2.pyrUp, image.contiguous(), results[level])
            if level < further and self.guide_mode == 'mul':
                self._weigh(image, gauss[level], guide)
            else:
                guide = refine(max(0, level - further), image, gauss[level], guide.contiguous(), carry=level > 0)
        if self.dark_colour < 1:
            rows = max(1, STRIP_PIXELS // out.shape[-1])
            for result, source in zip(out.split(rows, dim=1), night.split(rows, dim=1), strict=True):
                result.copy_(mute_dark(result[None], source[None], self.dark_colour)[0])

    def _run_low(self, low: Tensor) -> Tensor:
        """Low band 1,3,h,w in [0, 1] to its translation, fp32 (spec n2d_lpnet 1.2)."""
        part = self.low
        features = low.contiguous(memory_format=torch.channels_last)
        features = F.leaky_relu_(part.stem[1](self._conv(part.stem[0], features)), SLOPE)
        features = self._conv(part.stem[3], features, leaky=True)
        for block in part.blocks:
            features = self._block(block, features)
        features = self._conv(part.head, self._conv(part.neck[0], features, leaky=True))
        return LOW_ACTS[part.act](low + features if part.residual else features)

    def _run_guide(self, band: Tensor, low: Tensor, new_low: Tensor) -> Tensor:
        """The raw guide map 1,guide_out,h,w (spec n2d_lpnet 1.3)."""
        part, planes = self.guide, torch.empty(9, *band.shape[-2:])
        planes[:3] = band[0]
        self._resize(low[0].contiguous(), planes[3:6])
        self._resize(new_low[0].contiguous(), planes[6:])
        features = planes[None].contiguous(memory_format=torch.channels_last)
        features = self._conv(part.stem[0], features, leaky=True).to(self.dtype)
        for block in part.blocks:
            features = self._block(block, features)
        return _narrow_conv(part.head, features)

    def _weigh(self, result: Tensor, band: Tensor, guide: Tensor) -> None:
        """``result += band * A`` (3,H,W) with the resized guide A, for a band that has no block: plane by plane."""
        act, map_ = GUIDE_ACTS[self.guide_act], self.scratch.take('map', band.shape[1:])
        for plane in range(3):
            if plane < len(guide):  # a guide of one plane serves all three
                self._resize(guide[plane:plane + 1].contiguous(), map_[None])
            result[plane].addcmul_(band[plane], act(map_))

    def _refine_mul(self, level: int, result: Tensor, band: Tensor, guide: Tensor, carry: bool) -> Tensor:
        """``result += band * A`` (3,H,W) with ``A = B(resized guide)``, strip by strip; returns A where asked."""
        first, second = self._matrices(level)
        act, size = GUIDE_ACTS[self.guide_act], band.shape[-2:]
        inputs = self.scratch.take(f'inputs{level}', (len(guide) + 1, size.numel()), fill=1)
        self._resize(guide, inputs[:-1].view(len(guide), *size))  # the last row stays ones: it carries the biases
        hidden = self.scratch.take('hidden', (len(first), STRIP_PIXELS))
        carried = torch.empty(len(guide), *size) if carry else guide
        for part in _strips(size.numel()):
            columns = hidden[:, :part.stop - part.start]
            F.leaky_relu_(torch.mm(first, inputs[:, part], out=columns), SLOPE)
            weights = torch.mm(second, columns)
            if carry:
                carried.view(len(guide), -1)[:, part] = weights
            result.view(3, -1)[:, part].addcmul_(band.view(3, -1)[:, part], act(weights))
        return carried

    def _refine_res_mul(self, level: int, result: Tensor, band: Tensor, guide: Tensor, carry: bool) -> Tensor:
        """``result += B(band * A + band)`` (3,H,W) with the resized guide A, strip by strip; returns A in any case."""
        first, second = self._matrices(level)
        guide = self._resize(guide, torch.empty(len(guide), *band.shape[-2:]))
        weights = GUIDE_ACTS[self.guide_act](guide).view(len(guide), -1)
        inputs = self.scratch.take('inputs', (4, STRIP_PIXELS), fill=1)
        hidden = self.scratch.take('hidden', (len(first), STRIP_PIXELS))
        for part in _strips(weights.shape[1]):
            length = part.stop - part.start
            high, target = band.view(3, -1)[:, part], result.view(3, -1)[:, part]
            torch.addcmul(high, high, weights[:, part], out=inputs[:3, :length])
            columns = torch.mm(first, inputs[:, :length], out=hidden[:, :length])
            torch.addmm(target, second, F.leaky_relu_(columns, SLOPE), out=target)
        return guide

    def _matrices(self, level: int) -> tuple[Tensor, Tensor]:
        return getattr(self, f'first{level}'), getattr(self, f'second{level}')

    def _resize(self, planes: Tensor, out: Tensor) -> Tensor:
        """Resize C,h,w to the size of ``out``, as torch does with half-pixel centres."""
        def resize(plane: np.ndarray, dst: np.ndarray) -> None:
            cv2.resize(plane, dst.shape[::-1], dst=dst, interpolation=CV_INTERPS[self.interp])
        return _per_plane(resize, planes, out)

    def _conv(self, conv: nn.Conv2d, x: Tensor, leaky: bool = False) -> Tensor:
        """A convolution of stride 1 in the dtype of its weights, then a leaky ReLU where asked."""
        x = x.to(conv.weight.dtype)
        if self.fused:
            kind, scalars = ('leaky_relu', [SLOPE]) if leaky else ('none', [])
            return torch.ops.mkldnn._convolution_pointwise(
                x, conv.weight, conv.bias, conv.padding, ONES, ONES, 1, kind, scalars, '')
        out = F.conv2d(x, conv.weight, conv.bias, padding=conv.padding)
        return F.leaky_relu_(out, SLOPE) if leaky else out

    def _block(self, block: ResidualBlock, stream: Tensor) -> Tensor:
        """A residual block that overwrites its input; the stream keeps its dtype."""
        hidden, conv = self._conv(block.conv1, stream, leaky=True), block.conv2
        if self.fused and stream.dtype == conv.weight.dtype:
            return torch.ops.mkldnn._convolution_pointwise_(
                stream, hidden, conv.weight, conv.bias, conv.padding, ONES, ONES, 1, 'add', 1.0, None, [], None)
        return stream.add_(self._conv(conv, hidden))


def _level_matrices(block: LevelBlock, image_scale: float) -> tuple[Tensor, Tensor]:
    """The two convolutions as matrices on homogeneous columns (channels, then a one): hidden+1,c+1 and c,hidden+1.

    A block that acts on a band gets it in units of ``1 / image_scale`` and gives it back so.
    """
    first, _, last = block
    hidden, channels = first.weight.shape[:2]
    matrix = torch.zeros(hidden + 1, channels + 1)
    matrix[:hidden, :channels] = first.weight[:, :, 0, 0] / image_scale
    matrix[:hidden, channels] = first.bias
    matrix[hidden, channels] = 1
    return matrix, torch.cat([last.weight[:, :, 0, 0], last.bias[:, None]], dim=1) * image_scale


def _narrow_conv(conv: nn.Conv2d, x: Tensor) -> Tensor:
    """A 3x3 convolution to few channels, 1,C,h,w channels-last to 1,c,h,w: one matrix product, then nine shifted sums.

    A convolution kernel computes sixteen channels where three are wanted.
    """
    _, channels, height, width = x.shape
    weight = conv.weight.permute(2, 3, 0, 1).reshape(-1, channels)
    pixels = x[0].permute(1, 2, 0).reshape(-1, channels).to(weight.dtype)
    taps = torch.mm(weight, pixels.t()).view(3, 3, -1, height, width)
    out = taps[1, 1] + conv.bias[:, None, None]
    near = (slice(0, -1), slice(None), slice(1, None))  # of the sides, where a tap at -1, 0, 1 reads
    for row, column in itertools.product(range(3), repeat=2):
        if (row, column) != (1, 1):
            out[:, near[2 - row], near[2 - column]] += taps[row, column][:, near[row], near[column]]
    return out[None]


def _strips(pixels: int) -> list[slice]:
    return [slice(start, min(start + STRIP_PIXELS, pixels)) for start in range(0, pixels, STRIP_PIXELS)]


def _per_plane(function: Callable, planes: Tensor, out: Tensor) -> Tensor:
    """Call an OpenCV function for each plane of C,h,w, into the planes of ``out``.

    Its pyrDown and pyrUp have the kernel and, at even sizes, the borders of ``LaplacianPyramid``.
    """
    for source, target in zip(planes.numpy(), out.numpy(), strict=True):
        function(source, dst=target)
    return out


class Scratch:
    """Tensors that live from call to call, each thread its own: fresh memory costs more than the work done in it."""

    def __init__(self) -> None:
        self._local = threading.local()

    def take(self, name: str, shape: tuple[int, ...] | torch.Size, fill: float | None = None) -> Tensor:
        """The tensor of that name; a new one (filled where asked) when the shape has changed."""
        kept = self._local.__dict__
        if name not in kept or kept[name].shape != torch.Size(shape):
            kept[name] = torch.empty(shape) if fill is None else torch.full(shape, float(fill))
        return kept[name]

    def __reduce__(self) -> tuple:
        return Scratch, ()  # a copy starts empty
