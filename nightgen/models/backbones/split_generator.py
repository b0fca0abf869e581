"""A generator in two halves: an encoder of the source domain and a decoder of the target domain (ToDayGAN's family)."""

from mmengine.model import BaseModule
from torch import Tensor, nn

from nightgen.models.layers import ResidualBlock, TDGABlock, build_activation, build_norm, pad_to_multiple
from nightgen.registry import BACKBONES

INIT_CFG = dict(type='Normal', layer=['Conv2d', 'ConvTranspose2d'], std=0.02)
SHRINK = 4  # an image's side over that of its latent


def residual_blocks(channels: int, number: int) -> list[nn.Module]:
    return [ResidualBlock(channels, 'instance', 'prelu', padding_mode='reflect') for _ in range(number)]


@BACKBONES.register_module()
class ResNetEncoder(BaseModule):
    """c7s1-64, d128, d256, 4 x R256 with instance norm and PReLU: 5,099,143 parameters.

    Source: ToDayGAN, PearlGAN and MornGAN (specs: morngan 1.1).

    Args:
        in_channels: Channels of the image.
        base: Width after the first convolution.
        num_blocks: Residual blocks.
        attention: PearlGAN's :class:`TDGABlock` before the residual blocks.
        init_cfg: mmengine's initialisation config. The default draws weights from N(0, 0.02).

    Shape: N,in_channels,H,W in [-1, 1] to N,4*base,H/4,W/4; with ``return_attention`` also the attention maps that were
        made on the way (see :class:`TDGABlock`; none without one).

    Raises:
        ValueError: If 4 does not divide the sides of an image.
    """

    def __init__(self, in_channels: int = 3, base: int = 64, num_blocks: int = 4, attention: bool = False,
                 init_cfg: dict | list | None = INIT_CFG) -> None:
        super().__init__(init_cfg)
        self.channels = 4 * base
        layers = [nn.Conv2d(in_channels, base, 7, padding=3, padding_mode='reflect'), build_norm('instance', base),
                  build_activation('prelu')]
        for width in (base, 2 * base):
            layers += [nn.Conv2d(width, 2 * width, 3, stride=2, padding=1), build_norm('instance', 2 * width),
                       build_activation('prelu')]
        self.down = nn.Sequential(*layers)
        self.attention = TDGABlock(self.channels) if attention else None
        self.blocks = nn.Sequential(*residual_blocks(self.channels, num_blocks))

    def forward(self, x: Tensor, return_attention: bool = False) -> Tensor | tuple[Tensor, list[Tensor]]:
        if x.shape[-2] % SHRINK or x.shape[-1] % SHRINK:
            raise ValueError(f'ResNetEncoder: {SHRINK} must divide the sides of an image, got {tuple(x.shape[-2:])}; '
                             'crop to such a size. (A whole SplitGenerator pads and cuts by itself.)')
        x = self.down(x)
        x, maps = self.attention(x) if self.attention is not None else (x, [])
        latent = self.blocks(x)
        return (latent, maps) if return_attention else latent


@BACKBONES.register_module()
class ResNetDecoder(BaseModule):
    """5 x R256, u128, u64, c7s1-3 with PReLU: 6,566,154 parameters with group norm, 6,565,770 with instance norm.

    Upward by 4x4 transposed convolutions of stride 2. Source: specs, morngan 1.2; the group norm after them is what
    ToDayGAN-TIR and its followers change about ToDayGAN.

    Args:
        out_channels: Channels of the image.
        base: Width before the last convolution.
        num_blocks: Residual blocks.
        up_norm: Norm after the transposed convolutions, ``'group'`` or ``'instance'`` (or another of
            :func:`nightgen.models.layers.build_norm`).
        groups: Groups of the group norm, 32 for widths of 128 and 64. Narrower networks keep four and two channels a
            group with ``base / 2`` of them.
        attention: PearlGAN's :class:`TDGABlock` as first layer; its maps are not handed out.
        init_cfg: As for :class:`ResNetEncoder`.

    Shape: N,4*base,h,w to N,out_channels,4*h,4*w in [-1, 1].
    """

    def __init__(self, out_channels: int = 3, base: int = 64, num_blocks: int = 5, up_norm: str = 'instance',
                 groups: int = 32, attention: bool = False, init_cfg: dict | list | None = INIT_CFG) -> None:
        super().__init__(init_cfg)
        self.channels = 4 * base
        self.attention = TDGABlock(self.channels) if attention else None
        self.blocks = nn.Sequential(*residual_blocks(self.channels, num_blocks))
        layers: list[nn.Module] = []
        for width in (4 * base, 2 * base):
            layers += [nn.ConvTranspose2d(width, width // 2, 4, stride=2, padding=1),
                       build_norm(up_norm, width // 2, groups), build_activation('prelu')]
        self.up = nn.Sequential(*layers, nn.Conv2d(base, out_channels, 7, padding=3, padding_mode='reflect'), nn.Tanh())

    def forward(self, latent: Tensor) -> Tensor:
        if self.attention is not None:
            latent = self.attention(latent)[0]
        return self.up(self.blocks(latent))


@BACKBONES.register_module()
class SplitGenerator(BaseModule):
    """An encoder and a decoder as one generator: 11,665,297 parameters with group norm, 11,801,499 with attention.

    A translator may call the halves: the encoder reads the source domain, the decoder makes the target domain.

    Args:
        encoder: Config of the first half, by default :class:`ResNetEncoder`.
        decoder: Config of the second half, by default :class:`ResNetDecoder`.

    Shape: N,C,H,W in [-1, 1] to N,C',H,W in [-1, 1]. Sides that 4 does not divide are padded at the right and bottom,
    and the result is cut.

    Raises:
        ValueError: If the halves state different widths of the latent.
    """

    def __init__(self, encoder: dict | None = None, decoder: dict | None = None) -> None:
        super().__init__()
        self.encoder = BACKBONES.build(encoder or dict(type='ResNetEncoder'))
        self.decoder = BACKBONES.build(decoder or dict(type='ResNetDecoder'))
        widths = [getattr(half, 'channels', None) for half in (self.encoder, self.decoder)]
        if None not in widths and widths[0] != widths[1]:
            raise ValueError(f'SplitGenerator: the encoder makes {widths[0]} channels and the decoder reads '
                             f'{widths[1]}; give both the same base')

    def encode(self, x: Tensor) -> Tensor:
        """N,C,H,W (4 divides the sides) to the latent."""
        return self.encoder(x)

    def decode(self, latent: Tensor) -> Tensor:
        """The latent to an image N,C',H,W in [-1, 1]."""
        return self.decoder(latent)

    def forward(self, x: Tensor) -> Tensor:
        height, width = x.shape[-2:]
        return self.decode(self.encode(pad_to_multiple(x, SHRINK)))[..., :height, :width]
