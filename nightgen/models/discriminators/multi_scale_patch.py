"""PatchGAN discriminators on several scales of the image (pix2pixHD, LPTN, N2D-LPNet, UNIT)."""

from mmengine.model import BaseModule
from torch import Tensor, nn

from nightgen.registry import DISCRIMINATORS

from .patch import patch_network


@DISCRIMINATORS.register_module()
class MultiScalePatchDiscriminator(BaseModule):
    """Identical patch networks with separate weights on the image, its half, its quarter ...

    Source: LPTN's ``MultiDiscriminator``, after pix2pixHD (N2D-LPNet section 3.3; spec n2d_lpnet 1.7). Three scales
    of the default have 8,283,459 parameters; a score sees 78 pixels of its scale. UNIT's and MUNIT's have 8,271,171:
    ``norm='none', padding_mode='reflect', head_kernel=1``.

    Args:
        in_channels: Channels of the image.
        base: Width after the first convolution.
        num_layers: Strided convolutions of a scale.
        num_scales: Number of scales.
        norm: See :func:`nightgen.models.layers.build_norm`.
        padding_mode: Of the convolutions but the last, as ``torch.nn.Conv2d`` has it.
        head_kernel: Side of the last convolution's kernel; odd.
        init_cfg: mmengine's initialisation config; None keeps torch's default, as LPTN does.

    Shape: N,C,H,W to a list of ``num_scales`` linear score maps N,1,h,w, finest first (16, 8, 4 for 256 pixels).

    Raises:
        ValueError: If the image leaves the coarsest scale without a patch, or InstanceNorm there with a single one.
    """

    def __init__(self, in_channels: int = 3, base: int = 64, num_layers: int = 4, num_scales: int = 3,
                 norm: str = 'instance', padding_mode: str = 'zeros', head_kernel: int = 3,
                 init_cfg: dict | list | None = None) -> None:
        super().__init__(init_cfg)
        self.num_layers, self.norm = num_layers, norm
        widths = [in_channels, *(base * 2 ** layer for layer in range(num_layers))]
        self.scales = nn.ModuleList([
            patch_network(widths, [2] * num_layers, [norm] * (num_layers - 1), head_kernel, (head_kernel // 2,) * 4,
                          padding_mode=padding_mode)
            for _ in range(num_scales)])
        self.downsample = nn.AvgPool2d(3, stride=2, padding=1, count_include_pad=False)

    def forward(self, x: Tensor) -> list[Tensor]:
        self._check_size(*x.shape[-2:])
        scores = [self.scales[0](x)]
        for network in self.scales[1:]:
            x = self.downsample(x)
            scores.append(network(x))
        return scores

    def _check_size(self, height: int, width: int) -> None:
        shrink = 2 ** (len(self.scales) - 1)
        rows, columns = (-(-side // shrink) // 2 ** self.num_layers for side in (height, width))
        if min(rows, columns) < 1 or (rows * columns < 2 and self.norm.startswith('instance')):
            least = shrink * 2 ** self.num_layers
            raise ValueError(f'MultiScalePatchDiscriminator: an image of {height}x{width} is too small for '
                             f'{len(self.scales)} scales of {self.num_layers} strided convolutions; give it more than '
                             f'{least} pixels a side ({2 * least} with InstanceNorm), or fewer scales or layers')
