"""The one-sided training graph of GcGAN: what is turned and translated is what is translated and turned."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from nightgen.registry import TRANSLATORS

from .one_sided import OneSidedTranslator
from .tensors import Tensors

TURNED = 'turned'
"""The key of the discriminator that judges turned images, for ``discriminator='turned'`` in a term."""


@TRANSLATORS.register_module()
class GeometryConsistentTranslator(OneSidedTranslator):
    """Translate ``domains[0]`` into ``domains[1]``, also turned (Fu et al., CVPR 2019).

    Tensors for ``domains=('thermal', 'day')``, beside those of :class:`OneSidedTranslator`, all N,3,H,W in [-1, 1]:

    - ``turned_real_thermal``, ``turned_real_day``: the images of the batch, turned;
    - ``fake_turned_day``: the turned thermal image translated, ``idt_turned_day``: the turned day image through the
      same generator;
    - ``turned_fake_day``: ``fake_day``, turned. Where turning and translating commute, it equals ``fake_turned_day``.

    One generator makes both translations, as in most of the authors' experiments. Turned images have a discriminator of
    their own, the network ``'turned'`` of the player ``discriminator``.

    Args:
        domains: Source and target.
        generator: See :class:`OneSidedTranslator`.
        discriminator: Config of the network that judges target images, and of the one that judges turned ones.
        geometry: ``'rotate'``, by 90 degrees clockwise, or ``'flip'``, upside down.
        **kwargs: See :class:`nightgen.models.translators.BaseTranslator`.

    Raises:
        ValueError: For another geometry; in training, if images to rotate are not square.
    """

    def __init__(self, domains: Sequence[str], generator: dict | nn.Module, discriminator: dict | None = None,
                 geometry: str = 'rotate', **kwargs):
        if geometry not in ('rotate', 'flip'):
            raise ValueError(f"GeometryConsistentTranslator: geometry is 'rotate' or 'flip', got {geometry!r}")
        super().__init__(domains, generator, discriminator, further_discriminators=(TURNED,), **kwargs)
        self.geometry = geometry

    def producers(self) -> dict[str, tuple[str, str]]:
        source, target = self.source, self.target
        return {**super().producers(),
                f'turned_real_{source}': ('_turned', f'real_{source}'),
                f'turned_real_{target}': ('_turned', f'real_{target}'),
                f'turned_fake_{target}': ('_turned', f'fake_{target}'),
                f'fake_turned_{target}': ('_translated', f'turned_real_{source}'),
                f'idt_turned_{target}': ('_translated', f'turned_real_{target}')}

    def _turned(self, name: str, tensors: Tensors) -> Tensor:
        return self.turn(tensors[name])

    def _translated(self, name: str, tensors: Tensors) -> Tensor:
        return self.generators[self.target](tensors[name])

    def turn(self, image: Tensor) -> Tensor:
        """N,C,H,W, rotated or turned upside down."""
        if self.geometry == 'flip':
            return image.flip(-2)
        if image.shape[-1] != image.shape[-2]:
            raise ValueError(f'GeometryConsistentTranslator: images of {image.shape[-2]}x{image.shape[-1]} are not '
                             "square and would not fit their rotated translations; crop squares or use geometry='flip'")
        return torch.rot90(image, -1, (-2, -1))
