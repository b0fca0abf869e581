"""The ResNet generator of CycleGAN and CUT: two strided convolutions, residual blocks, two transposed convolutions."""

from collections import OrderedDict
from collections.abc import Sequence

from mmengine.model import BaseModule
from torch import Tensor, nn

from nightgen.models.layers import (
    BlurDownsample,
    BlurUpsample,
    ResidualBlock,
    build_activation,
    build_norm,
    pad_to_multiple,
)
from nightgen.registry import BACKBONES

INIT_CFG = dict(type='Normal', layer=['Conv2d', 'ConvTranspose2d'], std=0.02)


def _step(conv: nn.Module, norm: str, width: int, before: nn.Module | None = None, after: nn.Module | None = None
          ) -> nn.Sequential:
    """A convolution, its norm and a ReLU, with a fixed resampling before or after them."""
    # Without a norm in between, an in-place ReLU would overwrite the convolution's output, which taps hand out.
    parts = OrderedDict(conv=conv, norm=build_norm(norm, width), act=nn.ReLU(inplace=norm != 'none'))
    if before is not None:
        parts = OrderedDict(resize=before, **parts)
    if after is not None:
        parts['resize'] = after
    return nn.Sequential(parts)


@BACKBONES.register_module()
class ResNetGenerator(BaseModule):
    """CycleGAN's generator (Zhu et al., ICCV 2017): c7s1-64, d128, d256, 9 x R256, u128, u64, c7s1-3.

    Reflected borders but for the strided convolutions, instance norm without affine, ReLU. With 9 blocks it has
    11,378,179 parameters; CycleGAN takes 9 blocks for images of 256 pixels and more, 6 below. CUT's (Park et al., ECCV
    2020) has the same parameters and resamples with blur pooling: both ``antialias`` options.

    Its steps are named ``stem, down1, down2, block1, block2, ..., up1, up2, head``. A tap of that name is the output
    of a step's convolution before norm and activation, or of a residual block; ``image`` is the input. Those of CUT are
    ``image, down1, down2, block1, block5``.

    Args:
        in_channels: Channels of the input.
        out_channels: Channels of the output.
        base: Width after the first convolution.
        num_blocks: Residual blocks.
        norm: ``'instance'``, ``'instance_affine'``, ``'batch'`` or ``'none'``.
        out_act: ``'tanh'`` or another activation of :func:`nightgen.models.layers.build_activation`.
        antialias_down: Convolve at full size and halve by :class:`BlurDownsample` in place of a strided convolution.
        antialias_up: Double by :class:`BlurUpsample` and convolve in place of a transposed convolution.
        init_cfg: mmengine's initialisation config. The default draws weights from N(0, 0.02), as CycleGAN does.

    Attributes:
        tap_channels (dict[str, int]): Channels of every tap.

    Shape: N,in_channels,H,W in [-1, 1] to N,out_channels,H,W in [-1, 1]. Sides that 4 does not divide are padded at
    the right and bottom, and the result is cut.
    """

    def __init__(self, in_channels: int = 3, out_channels: int = 3, base: int = 64, num_blocks: int = 9,
                 norm: str = 'instance', out_act: str = 'tanh', antialias_down: bool = False,
                 antialias_up: bool = False, init_cfg: dict | list | None = INIT_CFG) -> None:
        super().__init__(init_cfg)
        steps = OrderedDict(stem=_step(nn.Conv2d(in_channels, base, 7, padding=3, padding_mode='reflect'), norm, base))
        for index, width in enumerate((2 * base, 4 * base), start=1):
            conv = nn.Conv2d(width // 2, width, 3, stride=1 if antialias_down else 2, padding=1)
            steps[f'down{index}'] = _step(conv, norm, width, after=BlurDownsample() if antialias_down else None)
        for index in range(1, num_blocks + 1):
            steps[f'block{index}'] = ResidualBlock(4 * base, norm, 'relu', padding_mode='reflect')
        for index, width in enumerate((2 * base, base), start=1):
            conv = nn.Conv2d(2 * width, width, 3, padding=1) if antialias_up else \
                nn.ConvTranspose2d(2 * width, width, 3, stride=2, padding=1, output_padding=1)
            steps[f'up{index}'] = _step(conv, norm, width, before=BlurUpsample() if antialias_up else None)
        steps['head'] = nn.Sequential(OrderedDict(
            conv=nn.Conv2d(base, out_channels, 7, padding=3, padding_mode='reflect'), act=build_activation(out_act)))
        self.layers = nn.Sequential(steps)
        blocks = {f'block{index}': 4 * base for index in range(1, num_blocks + 1)}
        self.tap_channels = dict(image=in_channels, stem=base, down1=2 * base, down2=4 * base, **blocks, up1=2 * base,
                                 up2=base, head=out_channels)

    def forward(self, x: Tensor, taps: Sequence[str] = (), taps_only: bool = False
                ) -> Tensor | tuple[Tensor, list[Tensor]] | list[Tensor]:
        """The output; with ``taps`` also the features of those names, in their order (N,C,h,w each).

        Args:
            x: N,in_channels,H,W.
            taps: Names of taps.
            taps_only: Give the features alone, and compute nothing behind the last one.

        Raises:
            KeyError: A tap that does not exist, with those that do.
        """
        unknown = [name for name in taps if name not in self.tap_channels]
        if unknown:
            raise KeyError(f'ResNetGenerator has no taps {unknown}; it has {list(self.tap_channels)}')
        height, width = x.shape[-2:]
        x = pad_to_multiple(x, 4)
        if not taps:
            return self.layers(x)[..., :height, :width]
        found = {'image': x}
        for name, step in self.layers.named_children():
            if taps_only and found.keys() >= set(taps):
                break
            for part_name, part in [('block', step)] if isinstance(step, ResidualBlock) else step.named_children():
                x = part(x)
                if part_name in ('block', 'conv') and name in taps:
                    found[name] = x
        features = [found[name] for name in taps]
        return features if taps_only else (x[..., :height, :width], features)
