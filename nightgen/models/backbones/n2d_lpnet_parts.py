"""What N2D-LPNet is made of beside its pyramid: low-band translator, guide network, level blocks, activations."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from nightgen.functional import no_autocast
from nightgen.models.layers import ResidualBlock, build_norm

SLOPE = 0.01
GUIDE_ACTS = {'identity': lambda x: x, 'sigmoid': torch.sigmoid, '2sigmoid': lambda x: 2 * torch.sigmoid(x)}
LOW_ACTS = {'tanh': torch.tanh, 'none': lambda x: x}


def resize(x: Tensor, size: tuple[int, int] | torch.Size, interp: str) -> Tensor:
    """Resize N,C,H,W to ``size``, bilinear (half-pixel centres) or nearest."""
    if tuple(x.shape[-2:]) == tuple(size):
        return x
    return F.interpolate(x, size=tuple(size), mode=interp, align_corners=False if interp == 'bilinear' else None)


class LowBandTranslator(nn.Module):
    """Translates the low band (spec n2d_lpnet 1.2).

    The stem, the residual stream and the last convolution stay in fp32 under autocast: a dark frame has an almost
    constant low band, which InstanceNorm in the stem stretches together with every rounding error (spec section 10).

    Shape: N,3,h,w in [0, 1] to the same; the range of the result is that of ``low_act``.
    """

    def __init__(self, base: int = 64, stem: int = 16, stem_kernel: int = 1, num_blocks: int = 5,
                 norm: str = 'instance', residual: bool = True, act: str = 'tanh') -> None:
        super().__init__()
        self.residual, self.act = residual, act
        self.stem = nn.Sequential(
            nn.Conv2d(3, stem, stem_kernel, padding=stem_kernel // 2),
            build_norm(norm, stem),
            nn.LeakyReLU(SLOPE),
            nn.Conv2d(stem, base, 3, padding=1),
            nn.LeakyReLU(SLOPE),
        )
        self.blocks = nn.Sequential(*[ResidualBlock(base, negative_slope=SLOPE) for _ in range(num_blocks)])
        self.neck = nn.Sequential(nn.Conv2d(base, stem, 3, padding=1), nn.LeakyReLU(SLOPE))
        self.head = nn.Conv2d(stem, 3, 3, padding=1)

    def forward(self, low: Tensor) -> Tensor:
        with no_autocast(low):
            features = self.stem(low)
        features = self.neck(self.blocks(features))
        with no_autocast(low):
            out = self.head(features.to(low.dtype))
            return LOW_ACTS[self.act](low + out if self.residual else out)


class GuideNetwork(nn.Module):
    """Predicts the guide map of the coarsest high band (spec n2d_lpnet 1.3).

    The map multiplies the high bands, so its relative error is theirs, and a lamp's edge shows it: first and last
    convolution and the residual stream stay in fp32 under autocast.

    Shape: the band N,3,h,w, the low band and its translation N,3,h/2,w/2, to the raw map N,guide_out,h,w.
    """

    def __init__(self, base: int = 64, num_blocks: int = 3, guide_out: int = 3, interp: str = 'bilinear') -> None:
        super().__init__()
        self.interp = interp
        self.stem = nn.Sequential(nn.Conv2d(9, base, 3, padding=1), nn.LeakyReLU(SLOPE))
        self.blocks = nn.Sequential(*[ResidualBlock(base, negative_slope=SLOPE) for _ in range(num_blocks)])
        self.head = nn.Conv2d(base, guide_out, 3, padding=1)

    def forward(self, band: Tensor, low: Tensor, new_low: Tensor) -> Tensor:
        size = band.shape[-2:]
        stacked = torch.cat([band, resize(low, size, self.interp), resize(new_low, size, self.interp)], dim=1)
        with no_autocast(band):
            features = self.stem(stacked)
        features = self.blocks(features)
        with no_autocast(band):
            return self.head(features.to(band.dtype))


class LevelBlock(nn.Sequential):
    """Two 1x1 convolutions with a leaky ReLU between them: N,C,H,W to the same (spec n2d_lpnet 1.4)."""

    def __init__(self, channels: int = 3, hidden: int = 16) -> None:
        super().__init__(nn.Conv2d(channels, hidden, 1), nn.LeakyReLU(SLOPE), nn.Conv2d(hidden, channels, 1))

    @torch.no_grad()
    def start_as_scale(self, scale: float) -> None:
        """Make the block multiply by ``scale``, but for what its spare hidden channels add (their weights times 0.1).

        Uses ``leaky(x) - leaky(-x) = (1 + slope) * x`` on two hidden channels for each channel.

        Raises:
            ValueError: If there are fewer than two hidden channels for each channel.
        """
        first, _, last = self
        hidden, channels = first.weight.shape[:2]
        if hidden < 2 * channels:
            raise ValueError(f'identity_init of a level block with {channels} channels needs level_hidden of at least '
                             f'{2 * channels}, got {hidden}')
        eye = torch.eye(channels, dtype=first.weight.dtype, device=first.weight.device)
        first.weight[:2 * channels, :, 0, 0] = torch.cat([eye, -eye])
        first.bias[:2 * channels] = 0
        last.weight.mul_(0.1)
        last.weight[:, :2 * channels, 0, 0] = torch.cat([eye, -eye], dim=1) * scale / (1 + SLOPE)
        last.bias.zero_()
