"""N2D-LPNet: night to day by a Laplacian pyramid, a translator of its low band and a guide for its high bands."""

import math
from collections.abc import Callable

import torch
from mmengine.model import BaseModule
from torch import Tensor, nn

from nightgen.functional import mute_dark, no_autocast
from nightgen.models.layers import pad_to_multiple
from nightgen.registry import BACKBONES

from .n2d_lpnet_inference import make_inference
from .n2d_lpnet_parts import GUIDE_ACTS, LOW_ACTS, GuideNetwork, LevelBlock, LowBandTranslator, resize

GUIDE_MODES = ('mul', 'res_mul')
INTERPS = ('bilinear', 'nearest')
# Where each activation of the guide is 1 (a sigmoid comes to 0.98 and still has a slope to learn from).
NEUTRAL_GUIDE = {'identity': 1.0, 'sigmoid': 4.0, '2sigmoid': 0.0}
# What each activation makes of a map of zeros, the start of a 'res_mul' network.
GAIN_AT_ZERO = {'identity': 0.0, 'sigmoid': 0.5, '2sigmoid': 1.0}


@BACKBONES.register_module()
class N2DLPNet(BaseModule):
    """The generator of N2D-LPNet (Fan et al., CVPR workshops 2023); 617,183 parameters by default.

    The image is split into a Laplacian pyramid; a small translator changes the low band; a guide map, predicted at the
    coarsest high band and resized from level to level, re-weights every high band; the pyramid is put together again.
    All learned work but two 1x1 convolutions a level happens at a fraction ``2^-(L-1)`` of the size. What the paper
    leaves open follows LPTN (CVPR 2021), with which its parameter count agrees (spec n2d_lpnet section 2).

    The image range inside is [0, 1]; input and output are in [-1, 1]. The output is not clamped. Sides that
    ``2^num_levels`` does not divide are padded at the right and bottom, and the result is cut (spec 1.6).
    InstanceNorm uses the statistics of the whole image: do not translate in tiles. Under autocast only the residual
    blocks and the low branch's last but one convolution run in 16 bit: they are nearly all of the work.

    Args:
        num_levels: Number of high bands L; each adds 115 parameters. Short for the pyramid's, and before it; 3 where
            neither is given.
        base: Width of the residual blocks.
        stem: Width between image and ``base`` at both ends of the low-band translator.
        stem_kernel: Kernel of its first convolution: 1 (paper) or 3 (LPTN).
        n_low: Residual blocks of the low-band translator.
        n_guide: Residual blocks of the guide network.
        guide_out: Channels of the guide map: 3, or 1 (one mask for all colours, the LPTN paper's).
        level_hidden: Hidden width of the level blocks.
        guide_mode: ``'mul'``: a level's block acts on the map, which is carried on to the next level, and the band is
            ``F * A`` (eq. 1). ``'res_mul'``: the map is only resized, the band is ``B(F * A + F)`` (LPTN's code).
        guide_act: ``'identity'``, ``'sigmoid'`` or ``'2sigmoid'``, on the map where it meets the band; the map that is
            carried on has no activation.
        interp: ``'bilinear'`` (paper) or ``'nearest'`` (LPTN), for all resizes of low bands and maps.
        low_residual: Whether the low-band translator's result is added to the low band.
        low_act: ``'tanh'`` (LPTN; darkens highlights, as tanh(1) = 0.76) or ``'none'``.
        norm: ``'instance'`` or ``'none'``, in the stem of the low-band translator.
        identity_init: Start near the identity (spec section 10): the guide near 1, the change of the low band near 0.
            torch's default initialisation starts with a guide near 0, which erases the high bands.
        native_side: Short side in pixels of the images that the network is trained on, or a crop's. An image of twice
            (four times, ...) that side is split into one (two, ...) more levels above, whose bands the finest guide
            weights, resized. So the low band that is translated keeps about the size that the network knows, and large
            images need little memory. None: ``num_levels`` whatever the size, as in the paper.
        dark_colour: Share of its colour that the result keeps where the input is black, in evaluation mode only: there
            all colour is made up (:func:`~nightgen.functional.darkness.mute_dark`). 1 changes nothing.
        pyramid: Config of the pyramid: a part with ``num_levels``, ``decompose`` and ``reconstruct``, whose bands halve
            in size, as those of :class:`~nightgen.models.layers.LaplacianPyramid`, the default; ``native_side`` also
            needs its ``up`` and ``down``.
        init_cfg: mmengine's initialisation config; None keeps what the constructor made.

    Shape: N,3,H,W in [-1, 1] to N,3,H,W. Both sides at least ``2^num_levels + 1``.

    Raises:
        ValueError: For an unknown option, or an image that is too small.
    """

    def __init__(self, num_levels: int | None = None, base: int = 64, stem: int = 16, stem_kernel: int = 1,
                 n_low: int = 5, n_guide: int = 3, guide_out: int = 3, level_hidden: int = 16, guide_mode: str = 'mul',
                 guide_act: str = 'identity', interp: str = 'bilinear', low_residual: bool = True,
                 low_act: str = 'tanh', norm: str = 'instance', identity_init: bool = False,
                 pyramid: dict | None = None, init_cfg: dict | None = None, native_side: int | None = None,
                 dark_colour: float = 1.0) -> None:
        super().__init__(init_cfg)
        for name, value, known in (('stem_kernel', stem_kernel, (1, 3)), ('guide_out', guide_out, (1, 3)),
                                   ('guide_mode', guide_mode, GUIDE_MODES), ('guide_act', guide_act, tuple(GUIDE_ACTS)),
                                   ('interp', interp, INTERPS), ('low_act', low_act, tuple(LOW_ACTS)),
                                   ('norm', norm, ('instance', 'none'))):
            if value not in known:
                raise ValueError(f'N2DLPNet: {name}={value!r} is unknown; choose one of {known}')
        if identity_init and not low_residual:
            raise ValueError('N2DLPNet: identity_init needs low_residual=True, else the low band starts as noise')
        if native_side is not None and native_side < 1:
            raise ValueError(f'N2DLPNet: native_side is a number of pixels, at least 1, or None; got {native_side}')
        if not 0 <= dark_colour <= 1:
            raise ValueError(f'N2DLPNet: dark_colour is a share in [0, 1], got {dark_colour}')
        self.guide_mode, self.guide_act, self.interp = guide_mode, guide_act, interp
        self.native_side, self.dark_colour = native_side, dark_colour
        levels = {} if num_levels is None else dict(num_levels=num_levels)
        self.pyramid = BACKBONES.build({'type': 'LaplacianPyramid', **(pyramid or {}), **levels})
        self.low = LowBandTranslator(base, stem, stem_kernel, n_low, norm, low_residual, low_act)
        self.guide = GuideNetwork(base, n_guide, guide_out, interp)
        channels = guide_out if guide_mode == 'mul' else 3
        self.levels = nn.ModuleList([LevelBlock(channels, level_hidden) for _ in range(self.num_levels)])
        if identity_init:
            self._start_as_identity()

    @property
    def num_levels(self) -> int:
        """Number of high bands."""
        return self.pyramid.num_levels

    def further_levels(self, height: int, width: int) -> int:
        """Levels above ``num_levels`` that an image of this size is split into: see ``native_side``."""
        if self.native_side is None:
            return 0
        return max(0, round(math.log2(min(height, width) / self.native_side)))

    @torch.no_grad()
    def _start_as_identity(self) -> None:
        """Scale the last convolutions by 0.1 and set their biases so that bands pass (spec n2d_lpnet section 10)."""
        self.low.head.weight.mul_(0.1)
        self.low.head.bias.zero_()
        if self.guide_mode == 'res_mul':
            self.guide.head.weight.mul_(0.1)
            self.guide.head.bias.zero_()
        for block in self.levels:
            if self.guide_mode == 'res_mul':
                block.start_as_scale(1 / (1 + GAIN_AT_ZERO[self.guide_act]))
            else:
                block[-1].weight.mul_(0.1)
                block[-1].bias.fill_(NEUTRAL_GUIDE[self.guide_act])

    def forward(self, x: Tensor) -> Tensor:
        height, width = x.shape[-2:]
        further = self.further_levels(height, width)
        small, above = pad_to_multiple((x + 1) / 2, 2 ** (self.num_levels + further)), []
        for _ in range(further):
            large, small = small, self.pyramid.down(small)
            above.append(large - self.pyramid.up(small, large.shape[-2:]))
        *bands, low = self.pyramid.decompose(small)
        new_low = self.low(low)
        guide = self.guide(bands[-1], low, new_low)
        refined = self.refine([*above, *bands], guide)
        image = self.pyramid.reconstruct([*refined[further:], new_low])
        for band in reversed(refined[:further]):
            image = self.pyramid.up(image, band.shape[-2:]) + band
        image = image[..., :height, :width] * 2 - 1
        return image if self.training or self.dark_colour == 1 else mute_dark(image, x, self.dark_colour)

    def refine(self, bands: list[Tensor], guide: Tensor) -> list[Tensor]:
        """Re-weight the high bands, finest first, by the guide map of the coarsest (N,guide_out,h,w).

        Bands above ``num_levels`` have no block of their own: the finest map weights them (``'mul'``), or the finest
        block acts on them (``'res_mul'``).
        """
        with no_autocast(guide):
            return self._refine(bands, guide, GUIDE_ACTS[self.guide_act])

    def _refine(self, bands: list[Tensor], guide: Tensor, act: Callable[[Tensor], Tensor]) -> list[Tensor]:
        refined = []
        for number, band in enumerate(reversed(bands), start=1):
            guide = resize(guide, band.shape[-2:], self.interp)
            block = self.levels[max(0, self.num_levels - number)]
            if self.guide_mode == 'mul':
                guide = block(guide) if number <= self.num_levels else guide
                refined.append(band * act(guide))
            else:
                refined.append(block(band * act(guide) + band))
        return refined[::-1]

    def to_inference(self, dtype: torch.dtype = torch.float32, fused: bool | None = None) -> nn.Module:
        """Make a network of the same function for inference: faster, without autograd, called in the same way.

        The weights are copied (and this network is left as it is): convert again after further training. It is made
        for the device on which the parameters are now: on a CPU a rewritten forward pass, on a GPU the plain one,
        channels-last and under autocast. It takes and returns fp32 on N,3,H,W in [-1, 1], contiguous.

        Args:
            dtype: What most convolutions compute in: ``torch.float32``, ``torch.bfloat16``, on a GPU also
                ``torch.float16``. What dark frames need in fp32 stays so.
            fused: On a CPU, whether to use oneDNN's fused convolutions; None does where torch has them.

        Raises:
            ValueError: If the device does not support the dtype.
        """
        return make_inference(self, dtype, fused)
