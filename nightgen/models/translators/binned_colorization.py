"""Colorization as classification: the generator gives each pixel a distribution over bins of ab."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from torch import Tensor

from nightgen.registry import TRANSLATORS

from .colorization import CHROMA, ColorizationTranslator
from .tensors import Tensors


@TRANSLATORS.register_module()
class BinnedColorizationTranslator(ColorizationTranslator):
    """Predict the bin of a pixel's colour, and of the distribution the colour (Zhang et al. 2016).

    The tensors are those of :class:`.ColorizationTranslator`, and ``logits_chroma`` N,313,h,w, which ``fake_chroma`` is
    made from: ``dict(type='ColorBinsLoss', reads=dict(bin_logits='logits_chroma', chroma='real_chroma'))``.

    Args:
        domains, generator, kwargs: See :class:`.ColorizationTranslator`; the generator is a
            :class:`~nightgen.models.backbones.ColorBinsNet` or has its ``logits`` and ``decode``.

    Raises:
        ValueError: A generator without bins.
    """

    def __init__(self, domains: Sequence[str], generator: dict, **kwargs: Any):
        super().__init__(domains, generator, **kwargs)
        network = self.generators[CHROMA]
        if not (hasattr(network, 'logits') and hasattr(network, 'decode')):
            raise ValueError(f'BinnedColorizationTranslator: {type(network).__name__} gives no logits; a ColorBinsNet '
                             'is needed')

    def producers(self) -> dict[str, tuple[str, str]]:
        return {**super().producers(), 'logits_chroma': ('_logits', CHROMA)}

    def _logits(self, domain: str, tensors: Tensors) -> Tensor:
        return self.generators[domain].logits(tensors['luma'])

    def _fake_chroma(self, domain: str, tensors: Tensors) -> Tensor:
        return self.generators[domain].decode(tensors['logits_chroma'], *tensors['luma'].shape[-2:])
