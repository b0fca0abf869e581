"""MornGAN's segmentation network: a trunk that knows where each pixel is, and a head that names it."""

import torch
from mmengine.model import BaseModule
from torch import Tensor, nn

from nightgen.models.layers import ResidualBlock, build_activation, build_norm, pad_to_multiple
from nightgen.registry import BACKBONES, MODELS

INIT_CFG = dict(type='Normal', layer=['Conv2d', 'ConvTranspose2d'], std=0.02)
SHRINK = 4  # an image's side over that of the residual blocks


def add_coordinates(x: Tensor) -> Tensor:
    """N,C,H,W to N,C+2,H,W: behind the channels the column's and the row's place, from -1 to 1."""
    batch, _, height, width = x.shape
    columns = torch.linspace(-1, 1, width, dtype=x.dtype, device=x.device).expand(batch, 1, height, width)
    rows = torch.linspace(-1, 1, height, dtype=x.dtype, device=x.device)[:, None].expand(batch, 1, height, width)
    return torch.cat([x, columns, rows], dim=1)


@BACKBONES.register_module()
class CoordinateResNet(BaseModule):
    """c7s1-64, d128, d256, 4 x R256, u128, u64 on the image and its coordinates: 5,758,281 parameters.

    Instance norm and PReLU after every convolution, none of which has a bias; residual blocks pad with zeros. Source:
    MornGAN's segmentation networks (specs: morngan 1.5).

    Args:
        in_channels: Channels of the image.
        base: Width after the first convolution, and of the features.
        num_blocks: Residual blocks.
        init_cfg: mmengine's initialisation config. The default draws weights from N(0, 0.02).

    Shape: N,in_channels,H,W in [-1, 1] to N,base,H,W. Sides that 4 does not divide are padded at the right and bottom,
    and the result is cut.
    """

    def __init__(self, in_channels: int = 3, base: int = 64, num_blocks: int = 4,
                 init_cfg: dict | list | None = INIT_CFG) -> None:
        super().__init__(init_cfg)
        self.channels = base
        layers = [nn.Conv2d(in_channels + 2, base, 7, padding=3, padding_mode='reflect', bias=False),
                  build_norm('instance', base), build_activation('prelu')]
        for width in (base, 2 * base):
            layers += [nn.Conv2d(width, 2 * width, 3, stride=2, padding=1, bias=False),
                       build_norm('instance', 2 * width), build_activation('prelu')]
        layers += [ResidualBlock(4 * base, 'instance', 'prelu', bias=False) for _ in range(num_blocks)]
        for width in (4 * base, 2 * base):
            layers += [nn.ConvTranspose2d(width, width // 2, 4, stride=2, padding=1, bias=False),
                       build_norm('instance', width // 2), build_activation('prelu')]
        self.layers = nn.Sequential(*layers)

    def forward(self, x: Tensor) -> Tensor:
        height, width = x.shape[-2:]
        return self.layers(add_coordinates(pad_to_multiple(x, SHRINK)))[..., :height, :width]


@MODELS.register_module()
class Segmentor(BaseModule):
    """A backbone and a head: 5,963,874 parameters by default, MornGAN's S_A and S_B.

    The head's dropout stands before its last layer only, so that labels (which are made without) and the loss (with
    dropout) share one pass: :meth:`two_readings`.

    Args:
        backbone: Config of the backbone, by default :class:`CoordinateResNet`.
        head: Config of the head, by default :class:`~nightgen.models.heads.ASPPHead`. It has ``project(x)``, all of it
            up to the dropout, and ``classify(features, dropout)``.
        legacy_dropout: In training mode, labels too come from the reading with dropout, as in the authors' code, which
            never puts these networks into eval mode (specs: morngan Q12).
        init_cfg: mmengine's initialisation config.

    Shape: N,C,H,W in [-1, 1] to logits N,K,H,W.

    Raises:
        ValueError: If the head reads other than the backbone's channels.
    """

    def __init__(self, backbone: dict | None = None, head: dict | None = None, legacy_dropout: bool = False,
                 init_cfg: dict | list | None = None) -> None:
        super().__init__(init_cfg)
        self.backbone = MODELS.build(backbone or dict(type='CoordinateResNet'))
        self.head = MODELS.build(head or dict(type='ASPPHead'))
        self.legacy_dropout = legacy_dropout
        makes, reads = (getattr(part, name, None) for part, name in (
            (self.backbone, 'channels'), (self.head, 'in_channels')))
        if None not in (makes, reads) and makes != reads:
            raise ValueError(f'Segmentor: the backbone makes {makes} channels and the head reads {reads}; give '
                             f'head=dict(in_channels={makes}, ...)')

    def forward(self, x: Tensor) -> Tensor:
        """Logits, with dropout in training mode."""
        return self.head(self.backbone(x))

    def two_readings(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """Logits without dropout, for labels and for a frozen network, and logits as :meth:`forward` gives them.

        One pass up to the dropout serves both; they equal two passes to the bit. Outside training they are one tensor.
        """
        features = self.head.project(self.backbone(x))
        reading = self.head.classify(features, dropout=self.training)
        if not self.training or self.legacy_dropout:
            return reading, reading
        return self.head.classify(features, dropout=False), reading
