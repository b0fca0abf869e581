"""A generator that sees colour invariants in place of colours (DiCo)."""

from __future__ import annotations

import copy
from collections.abc import Sequence

import torch
from mmengine.model import BaseModule
from torch import Tensor, nn

from nightgen.registry import BACKBONES, MODELS


@BACKBONES.register_module()
class InvariantGenerator(BaseModule):
    """Colour invariants of the image, then a generator: DiCo's F (specs/dico 2 and 3).

    With the defaults 11,384,451 parameters in the generator, 25 in the mixture of invariants and 1 for their scale.

    Args:
        invariant: Config of the first part, by default :class:`~nightgen.models.layers.LearnableColorInvariant`.
        generator: Config of the second, by default :class:`ResNetGenerator` resampling with blur; its ``in_channels``
            are those of the first.

    Attributes:
        tap_channels (dict[str, int]): The generator's taps, where it has any.

    Shape: N,3,H,W RGB in [-1, 1] to what the generator makes.
    """

    def __init__(self, invariant: dict | None = None, generator: dict | None = None) -> None:
        super().__init__()
        self.invariant = MODELS.build(invariant or dict(type='LearnableColorInvariant'))
        generator = generator or dict(type='ResNetGenerator', antialias_down=True, antialias_up=True)
        self.generator = MODELS.build(dict(generator, in_channels=self.invariant.out_channels))
        if hasattr(self.generator, 'tap_channels'):
            self.tap_channels = self.generator.tap_channels

    def forward(self, x: Tensor, taps: Sequence[str] = (), taps_only: bool = False
                ) -> Tensor | tuple[Tensor, list[Tensor]] | list[Tensor]:
        """The generator's output; with ``taps`` as :meth:`ResNetGenerator.forward` has them."""
        mixed = self.invariant((x + 1) / 2)
        return self.generator(mixed, taps=taps, taps_only=taps_only) if taps else self.generator(mixed)

    def to_inference(self, dtype: torch.dtype = torch.float32) -> nn.Module:
        """The network with fixed kernels and its convolutions in the channels-last format, in ``dtype``.

        Raises:
            ValueError: A type other than float32 and bfloat16.
        """
        return _Inference(self, dtype)


class _Inference(nn.Module):
    """:class:`InvariantGenerator` for inference only; the invariants stay in 32 bit."""

    def __init__(self, network: InvariantGenerator, dtype: torch.dtype) -> None:
        super().__init__()
        if dtype not in (torch.float32, torch.bfloat16):
            raise ValueError(f'to_inference: dtype={dtype} is unknown; choose torch.float32 or torch.bfloat16')
        self.dtype = dtype
        self.invariant = network.invariant.frozen()
        generator = copy.deepcopy(network.generator).eval().requires_grad_(False)
        self.generator = generator.to(dtype, memory_format=torch.channels_last)

    @torch.no_grad()
    def forward(self, x: Tensor) -> Tensor:
        mixed = self.invariant((x.float() + 1) / 2)
        return self.generator(mixed.to(self.dtype, memory_format=torch.channels_last)).float()
