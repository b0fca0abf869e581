"""ToDayGAN's discriminator: it judges the blurred colours, the grey image and the grey image's gradient apart."""

import math

import torch
import torch.nn.functional as F
from mmengine.model import BaseModule, ModuleList
from torch import Tensor, nn

from nightgen.functional import central_differences, luma, no_autocast
from nightgen.models.layers import build_norm, conv_class
from nightgen.registry import DISCRIMINATORS

from .patch import INIT_CFG

PADDING = 2  # of every 4x4 convolution: score maps are a little larger than the image over the stride


class ProgressiveScores(BaseModule):
    """A patch network that gives a score map at each of its scales.

    4x4 convolutions: the first of stride 2 without score or norm; then, with stride 2, ``num_layers - 1`` whose last
    channel is the scale's score map (after norm and PReLU) and whose other channels go on; one of stride 1; and one to
    the last score map (no norm, no activation).

    Args:
        in_channels: Channels of the view.
        base: Width after the first convolution; it doubles with every further one up to 8 times ``base``.
        num_layers: Number of score maps, and of strided convolutions.
        norm: See :func:`nightgen.models.layers.build_norm`.
        spectral: Spectral norm in every convolution.
        init_cfg: mmengine's initialisation config.

    Shape: N,in_channels,H,W to ``num_layers`` maps N,1,h,w.
    """

    def __init__(self, in_channels: int, base: int, num_layers: int, norm: str, spectral: bool,
                 init_cfg: dict | list | None) -> None:
        super().__init__(init_cfg)
        convolution = conv_class(spectral)
        widths = [base * min(2 ** layer, 8) for layer in range(num_layers + 1)]
        self.first = nn.Sequential(convolution(in_channels, base, 4, stride=2, padding=PADDING), nn.PReLU())

        def step(before: int, after: int, stride: int) -> nn.Sequential:
            return nn.Sequential(convolution(before, after, 4, stride=stride, padding=PADDING),
                                 build_norm(norm, after), nn.PReLU())

        self.scales = ModuleList([step(widths[i - 1], widths[i] + 1, 2) for i in range(1, num_layers)])
        self.last = nn.Sequential(*step(widths[-2], widths[-1], 1), convolution(widths[-1], 1, 4, padding=PADDING))

    def forward(self, x: Tensor) -> list[Tensor]:
        x, scores = self.first(x), []
        for scale in self.scales:
            features = scale(x)
            x, score = features[:, :-1], features[:, -1:]
            scores.append(score)
        return [*scores, self.last(x)]


@DISCRIMINATORS.register_module()
class ThreeViewDiscriminator(BaseModule):
    """Three progressive patch networks on an image blurred by 5x5 pixels, its luma, and the luma's gradient.

    16,698,201 parameters. ToDayGAN (Anoosheh et al., ICRA 2019) has ``norm='instance', spectral=False``; ToDayGAN-TIR,
    PearlGAN and MornGAN have spectral norm and no other. Goes with
    ``AdversarialLoss(mode='relativistic_lsgan', scale_reduction='progressive')``. Source: specs, morngan 1.4.

    Args:
        base: Width of each network after its first convolution.
        num_layers: Score maps of the first two views; the gradient, of half the size, has one less.
        norm: See :func:`nightgen.models.layers.build_norm`.
        spectral: Spectral norm in every convolution.
        init_cfg: mmengine's initialisation config. The default draws weights from N(0, 0.02).

    Shape: N,3,H,W in [-1, 1] to three lists of score maps N,1,h,w; for 256 pixels of sides [65, 33, 17, 19],
        [65, 33, 17, 19] and [33, 17, 19].

    Raises:
        ValueError: If ``num_layers`` is below 2.
    """

    def __init__(self, base: int = 64, num_layers: int = 4, norm: str = 'none', spectral: bool = True,
                 init_cfg: dict | list | None = INIT_CFG) -> None:
        super().__init__()
        if num_layers < 2:
            raise ValueError(f'ThreeViewDiscriminator: the gradient has num_layers - 1 score maps; num_layers must be '
                             f'at least 2, got {num_layers}')
        self.networks = ModuleList([
            ProgressiveScores(channels, base, layers, norm, spectral, init_cfg)
            for channels, layers in ((3, num_layers), (1, num_layers), (2, num_layers - 1))])
        self.register_buffer('blur', blur_kernel(), persistent=False)

    def forward(self, x: Tensor) -> list[list[Tensor]]:
        return [network(view) for network, view in zip(self.networks, self.views(x), strict=True)]

    def views(self, x: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """What the networks see: N,3,H,W blurred; N,1,H,W luma; N,2,h,w its horizontal and vertical differences.

        The differences are taken of every second pixel, without borders: h is ``ceil(H / 2) - 2``. Autocast does not
        reach in here, as differences of values rounded to 16 bit would be mostly rounding.
        """
        with no_autocast(x):
            x = x.to(self.blur.dtype)
            blurred = F.conv2d(x, self.blur.expand(3, 1, -1, -1), padding=self.blur.shape[-1] // 2, groups=3)
            grey = luma(x)
            return blurred, grey, torch.cat(central_differences(grey[..., ::2, ::2]), dim=1)


def blur_kernel(side: int = 5, sigma: float = 3.0) -> Tensor:
    """What a Gaussian filter, cut off at 4 sigma, makes of a single one in ``side`` x ``side`` zeros: 1,1,side,side.

    The zeros are mirrored at their borders, edges included, so that so wide a Gaussian becomes almost a box: 0.03989 in
    the corners, 0.04013 in the centre, 1 in sum.
    """
    radius = int(4 * sigma + 0.5)
    weights = [math.exp(-0.5 * (offset / sigma) ** 2) for offset in range(-radius, radius + 1)]
    row = torch.zeros(side, dtype=torch.float64)
    for place in range(side):
        for offset, weight in zip(range(-radius, radius + 1), weights, strict=True):
            mirrored = (place + offset) % (2 * side)
            if min(mirrored, 2 * side - 1 - mirrored) == side // 2:
                row[place] += weight / sum(weights)
    return torch.outer(row, row)[None, None].float()
