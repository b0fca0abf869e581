"""The two halves of UNIT's generator as its code has them: encoder to a shared latent space and decoder from it."""

from mmengine.model import BaseModule
from torch import Tensor, nn

from nightgen.models.layers import ResidualBlock, build_norm
from nightgen.registry import BACKBONES

INIT_CFG = dict(type='Kaiming', distribution='normal', mode='fan_in', nonlinearity='leaky_relu', layer='Conv2d')
SHRINK = 4  # an image's side over that of its latent


def _step(before: int, after: int, kernel: int, stride: int = 1, norm: nn.Module | None = None) -> list[nn.Module]:
    padding = (kernel - 1) // 2
    conv = nn.Conv2d(before, after, kernel, stride=stride, padding=padding, padding_mode='reflect')
    return [conv, norm or build_norm('instance', after), nn.ReLU(inplace=True)]


@BACKBONES.register_module()
class ContentEncoder(BaseModule):
    """c7s1-64, two 4x4 convolutions of stride 2 to 128 and 256, 4 x R256; 5,385,856 parameters.

    Mirrored borders, instance norm without affine and without running statistics, ReLU. Source: the content encoder of
    the MUNIT repository (Huang et al., ECCV 2018), which is that of its UNIT; there instance norm also tracks running
    statistics, which make an image of evaluation come out otherwise than one of training.

    Args:
        in_channels: Channels of the image.
        base: Width after the first convolution.
        num_blocks: Residual blocks, in ``blocks``.
        init_cfg: mmengine's initialisation config; by default Kaiming's normal distribution, as there.

    Shape: N,in_channels,H,W in [-1, 1] to N,4*base,H/4,W/4.

    Raises:
        ValueError: If 4 does not divide the sides of an image.
    """

    def __init__(self, in_channels: int = 3, base: int = 64, num_blocks: int = 4,
                 init_cfg: dict | list | None = INIT_CFG) -> None:
        super().__init__(init_cfg)
        self.channels = 4 * base
        self.down = nn.Sequential(*_step(in_channels, base, 7), *_step(base, 2 * base, 4, stride=2),
                                  *_step(2 * base, 4 * base, 4, stride=2))
        self.blocks = nn.Sequential(*[ResidualBlock(self.channels, 'instance', 'relu', padding_mode='reflect')
                                      for _ in range(num_blocks)])

    def forward(self, x: Tensor) -> Tensor:
        if x.shape[-2] % SHRINK or x.shape[-1] % SHRINK:
            raise ValueError(f'ContentEncoder: {SHRINK} must divide the sides of an image, got {tuple(x.shape[-2:])}; '
                             'crop to such a size. (A whole SplitGenerator pads and cuts by itself.)')
        return self.blocks(self.down(x))


@BACKBONES.register_module()
class ContentDecoder(BaseModule):
    """4 x R256, twice nearest-neighbour doubling and a 5x5 convolution, c7s1-3 with tanh; 5,754,627 parameters.

    After the 5x5 convolutions comes a norm over all channels and positions (a group norm of one group; the source
    divides by the deviation plus epsilon in place of the root of the variance plus epsilon). Source: as for
    :class:`ContentEncoder`.

    Args:
        out_channels: Channels of the image.
        base: Width before the last convolution.
        num_blocks: Residual blocks, in ``blocks``.
        init_cfg: As for :class:`ContentEncoder`.

    Shape: N,4*base,h,w to N,out_channels,4*h,4*w in [-1, 1].
    """

    def __init__(self, out_channels: int = 3, base: int = 64, num_blocks: int = 4,
                 init_cfg: dict | list | None = INIT_CFG) -> None:
        super().__init__(init_cfg)
        self.channels = 4 * base
        self.blocks = nn.Sequential(*[ResidualBlock(self.channels, 'instance', 'relu', padding_mode='reflect')
                                      for _ in range(num_blocks)])
        layers: list[nn.Module] = []
        for width in (4 * base, 2 * base):
            layers += [nn.Upsample(scale_factor=2),
                       *_step(width, width // 2, 5, norm=build_norm('group', width // 2, groups=1))]
        self.up = nn.Sequential(*layers, nn.Conv2d(base, out_channels, 7, padding=3, padding_mode='reflect'), nn.Tanh())

    def forward(self, latent: Tensor) -> Tensor:
        return self.up(self.blocks(latent))
