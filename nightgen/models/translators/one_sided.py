"""The one-sided training graph: one generator from a source to a target domain, no way back (N2D-LPNet, CUT)."""

from __future__ import annotations

from collections.abc import Sequence

from torch import Tensor, nn

from nightgen.registry import MODELS, TRANSLATORS

from .base import BaseTranslator
from .tensors import Tensors


@TRANSLATORS.register_module()
class OneSidedTranslator(BaseTranslator):
    """Translate ``domains[0]`` into ``domains[1]``.

    Tensors for ``domains=('night', 'day')``: ``real_night``, ``real_day`` from the batch, ``fake_day`` (the night image
    translated) and ``idt_day`` (the day image through the same generator); all N,3,H,W in [-1, 1]. ``*`` in a term
    stands for the target, ``~`` for the source.

    Args:
        domains: Source and target.
        generator: A network N,3,H,W -> N,3,H,W, both in [-1, 1], or its config.
        discriminator: Config of the network that judges target images; needed by adversarial terms.
        further_discriminators: Names of more networks of that config, in the same player; a term has one judge for it
            with ``discriminator='<name>'``.
        **kwargs: See :class:`BaseTranslator`.

    Raises:
        ValueError: If there are not exactly two domains.
    """

    def __init__(self, domains: Sequence[str], generator: dict | nn.Module, discriminator: dict | None = None,
                 further_discriminators: Sequence[str] = (), **kwargs):
        if len(domains) != 2:
            raise ValueError(f'OneSidedTranslator: domains must be (source, target), got {tuple(domains)}')
        self.source, self.target = domains
        network = generator if isinstance(generator, nn.Module) else MODELS.build(generator)
        generators = nn.ModuleDict({self.target: network})
        judged = (self.target, *further_discriminators) if discriminator else ()
        discriminators = nn.ModuleDict({name: MODELS.build(discriminator) for name in judged})
        super().__init__(domains, generators, discriminators, **kwargs)

    @property
    def default_direction(self) -> tuple[str, str]:
        return self.source, self.target

    def producers(self) -> dict[str, tuple[str, str]]:
        return {f'fake_{self.target}': ('_fake', self.target), f'idt_{self.target}': ('_identity', self.target)}

    def _fake(self, domain: str, tensors: Tensors) -> Tensor:
        return self.generators[domain](tensors[f'real_{self.source}'])

    def _identity(self, domain: str, tensors: Tensors) -> Tensor:
        return self.generators[domain](tensors[f'real_{domain}'])
