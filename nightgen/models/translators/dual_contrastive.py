"""The two-sided training graph with patchwise contrast in both directions (DCLGAN)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from mmengine.model import ModuleDict
from torch import Tensor

from nightgen.registry import TRANSLATORS

from .contrastive import build_sampler
from .cycle import CycleTranslator, build_by_domain
from .tensors import Tensors

DCLGAN_TAPS = ('down1', 'down2', 'block1', 'block5')


@TRANSLATORS.register_module()
class DualContrastiveTranslator(CycleTranslator):
    """Translate each of two domains into the other, with patches of features to contrast (Han et al., CVPRW 2021).

    Each domain has an encoder, the first part of the generator that reads it, and a sampler that projects what that
    encoder sees. Tensors for a domain X, beside those of :class:`CycleTranslator`, each a list with one N,P,C per tap:
    ``query_X``, patches of ``fake_X`` in X's encoder, and ``key_X``, those of the other domain's image at the same
    places in its own encoder, on the pass that makes ``fake_X``; keys are constants. The samplers' networks belong to
    the generators' player.

    Args:
        domains, generator, generators: See :class:`CycleTranslator`; networks with ``tap_channels``, as
            :class:`nightgen.models.backbones.ResNetGenerator` has them.
        sampler: Config of each domain's patch sampler; its ``in_channels`` are filled in.
        taps: Names of the generators' taps.
        **kwargs: See :class:`CycleTranslator`.

    Raises:
        TypeError, KeyError: Generators without taps, or without these.
    """

    def __init__(self, domains: Sequence[str], generator: dict | None = None, generators: Mapping | None = None,
                 sampler: dict | None = None, taps: Sequence[str] = DCLGAN_TAPS, **kwargs):
        if generator is not None or generators is not None:  # else CycleTranslator says what is missing
            generators = dict(build_by_domain('generator', domains, generator, generators))
        samplers = {other: build_sampler(type(self).__name__, network, taps, sampler)
                    for domain, network in (generators or {}).items() for other in domains if other != domain}
        super().__init__(domains, generators=generators, networks=dict(samplers=ModuleDict(samplers)), **kwargs)
        self.taps = tuple(taps)

    def player_modules(self) -> dict[str, list]:
        modules = super().player_modules()
        return {**modules, 'generator': [*modules['generator'], self.samplers]}

    def producers(self) -> dict[str, tuple[str, str]]:
        names = {f'{kind}_{domain}': (f'_{kind}', domain)
                 for kind in ('pass', 'places', 'query', 'key') for domain in self.domains}
        return {**super().producers(), **names}

    def _pass(self, domain: str, tensors: Tensors) -> tuple[Tensor, list[Tensor]]:
        """The translation into ``domain``, and the features of the other domain's encoder on the way."""
        return self.generators[domain](tensors[f'real_{self.other_domain(domain)}'], taps=self.taps)

    def _fake(self, domain: str, tensors: Tensors) -> Tensor:
        return tensors[f'pass_{domain}'][0]

    def _places(self, domain: str, tensors: Tensors) -> list[Tensor]:
        return self.samplers[domain].draw(tensors[f'pass_{domain}'][1])

    def _query(self, domain: str, tensors: Tensors) -> list[Tensor]:
        reader = self.generators[self.other_domain(domain)]
        features = reader(tensors[f'fake_{domain}'], taps=self.taps, taps_only=True)
        return self.samplers[domain](features, tensors[f'places_{domain}'])

    def _key(self, domain: str, tensors: Tensors) -> list[Tensor]:
        # Not under no_grad, as in ContrastiveTranslator: autocast would keep 16-bit weights without a graph.
        features = [part.detach() for part in tensors[f'pass_{domain}'][1]]
        sampler = self.samplers[self.other_domain(domain)]
        return [part.detach() for part in sampler(features, tensors[f'places_{domain}'])]
