"""The ResNet generator of CycleGAN and CUT: two strided convolutions, residual blocks, two transposed convolutions."""

from mmengine.model import BaseModule
from torch import Tensor, nn

from nightgen.models.layers import ResidualBlock, build_activation, build_norm, pad_to_multiple
from nightgen.registry import BACKBONES

INIT_CFG = dict(type='Normal', layer=['Conv2d', 'ConvTranspose2d'], std=0.02)


@BACKBONES.register_module()
class ResNetGenerator(BaseModule):
    """CycleGAN's generator (Zhu et al., ICCV 2017): c7s1-64, d128, d256, 9 x R256, u128, u64, c7s1-3.

    Reflected borders but for the strided convolutions, instance norm without affine, ReLU. With 9 blocks it has
    11,378,179 parameters; CycleGAN takes 9 blocks for images of 256 pixels and more, 6 below.

    Args:
        in_channels: Channels of the input.
        out_channels: Channels of the output.
        base: Width after the first convolution.
        num_blocks: Residual blocks.
        norm: ``'instance'``, ``'instance_affine'``, ``'batch'`` or ``'none'``.
        out_act: ``'tanh'`` or another activation of :func:`nightgen.models.layers.build_activation`.
        init_cfg: mmengine's initialisation config. The default draws weights from N(0, 0.02), as CycleGAN does.

    Shape: N,in_channels,H,W in [-1, 1] to N,out_channels,H,W in [-1, 1]. Sides that 4 does not divide are padded at
    the right and bottom, and the result is cut.
    """

    def __init__(self, in_channels: int = 3, out_channels: int = 3, base: int = 64, num_blocks: int = 9,
                 norm: str = 'instance', out_act: str = 'tanh',
                 init_cfg: dict | list | None = INIT_CFG) -> None:
        super().__init__(init_cfg)
        layers = [nn.Conv2d(in_channels, base, 7, padding=3, padding_mode='reflect'), build_norm(norm, base),
                  nn.ReLU(inplace=True)]
        for width in (base, 2 * base):
            layers += [nn.Conv2d(width, 2 * width, 3, stride=2, padding=1), build_norm(norm, 2 * width),
                       nn.ReLU(inplace=True)]
        layers += [ResidualBlock(4 * base, norm, 'relu', padding_mode='reflect') for _ in range(num_blocks)]
        for width in (4 * base, 2 * base):
            layers += [nn.ConvTranspose2d(width, width // 2, 3, stride=2, padding=1, output_padding=1),
                       build_norm(norm, width // 2), nn.ReLU(inplace=True)]
        layers += [nn.Conv2d(base, out_channels, 7, padding=3, padding_mode='reflect'), build_activation(out_act)]
        self.layers = nn.Sequential(*layers)

    def forward(self, x: Tensor) -> Tensor:
        height, width = x.shape[-2:]
        return self.layers(pad_to_multiple(x, 4))[..., :height, :width]
