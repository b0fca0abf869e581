"""Images in other colours, as tensors of a translator's config: the augmented views of LSeSim."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from nightgen.functional import luma
from nightgen.registry import MODELS

STEPS = ('brightness', 'contrast', 'saturation', 'hue')


def turn_hue(rgb: Tensor, turns: Tensor) -> Tensor:
    """RGB N,3,H,W in [0, 1] with the hue of HSV moved by ``turns`` N of a whole turn."""
    high, low = rgb.amax(1), rgb.amin(1)
    spread = high - low
    red, green, blue = rgb.unbind(1)
    sixth = torch.where(high == red, (green - blue) / spread, torch.where(
        high == green, 2 + (blue - red) / spread, 4 + (red - green) / spread))
    sixth = torch.where(spread > 0, sixth, torch.zeros_like(sixth)) + 6 * turns.view(-1, 1, 1)
    # Each channel falls from the highest value to the lowest and rises again as the hue goes round.
    channels = [(part + sixth) % 6 for part in (5, 3, 1)]
    return torch.stack([high - spread * torch.minimum(part, 4 - part).clamp(0, 1) for part in channels], dim=1)


@MODELS.register_module()
class ColorJitter(nn.Module):
    """Several images with random brightness, contrast, saturation and hue, in a random order: each image its own.

    ``dict(type='ColorJitter', name=('night_view', 'day_view'), reads=dict(night='real_night', day='real_day'))``. What
    an image shows stays in its place, so that its self-similarity should stay too. Draws come from torch's global CPU
    generator, which a resume restores.

    Args:
        brightness, contrast, saturation: s in [0, 1]: a factor from 1 - s to 1 + s. The defaults are the released
            training's.
        hue: h in [0, 0.5]: shares of a turn from -h to h.

    Raises:
        ValueError: A value outside its range.
    """

    def __init__(self, brightness: float = 0.5, contrast: float = 0.5, saturation: float = 0.5, hue: float = 0.3):
        super().__init__()
        if not all(0 <= value <= 1 for value in (brightness, contrast, saturation)) or not 0 <= hue <= 0.5:
            raise ValueError('ColorJitter: brightness, contrast and saturation are in [0, 1] and hue in [0, 0.5], got '
                             f'{brightness}, {contrast}, {saturation} and {hue}')
        self.strengths = dict(brightness=brightness, contrast=contrast, saturation=saturation, hue=hue)

    @torch.no_grad()
    def forward(self, **images: Tensor) -> tuple[Tensor, ...]:
        """The views, in the order of the arguments, without gradient.

        Args:
            **images: N,3,H,W in [-1, 1].
        """
        return tuple(self._view(image) for image in images.values())

    def _view(self, image: Tensor) -> Tensor:
        rgb = (image + 1) / 2
        for index in torch.randperm(len(STEPS)).tolist():
            step = STEPS[index]
            drawn = ((torch.rand(len(rgb)) * 2 - 1) * self.strengths[step]).to(rgb, non_blocking=True)
            rgb = turn_hue(rgb, drawn) if step == 'hue' else self._scaled(rgb, step, drawn.add(1).view(-1, 1, 1, 1))
        return rgb * 2 - 1

    @staticmethod
    def _scaled(rgb: Tensor, step: str, factor: Tensor) -> Tensor:
        """Brightness, contrast or saturation times a factor: away from black, the mean grey, or the pixel's grey."""
        grey = torch.zeros_like(rgb[:, :1]) if step == 'brightness' else luma(rgb)
        if step == 'contrast':
            grey = grey.mean(dim=(2, 3), keepdim=True)
        return (grey + factor * (rgb - grey)).clamp(0, 1)
