"""The one-sided training graph with patchwise contrast between an image and its translation (CUT and FastCUT)."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from nightgen.registry import MODELS, TRANSLATORS

from .one_sided import OneSidedTranslator
from .tensors import Tensors

CUT_TAPS = ('image', 'down1', 'down2', 'block1', 'block5')


def build_sampler(who: str, network: nn.Module, taps: Sequence[str], config: dict | None) -> nn.Module:
    """The patch sampler for some taps of a generator; its ``in_channels`` are filled in from them.

    Raises:
        TypeError: If the generator has no taps.
        KeyError: If it does not have these taps.
    """
    if not hasattr(network, 'tap_channels'):
        raise TypeError(f'{who}: the generator {type(network).__name__} has no taps; it needs '
                        'tap_channels, and forward(x, taps=(), taps_only=False), as ResNetGenerator has them')
    unknown = [tap for tap in taps if tap not in network.tap_channels]
    if unknown:
        raise KeyError(f'{who}: the generator has no taps {unknown}; it has {list(network.tap_channels)}')
    channels = [network.tap_channels[tap] for tap in taps]
    return MODELS.build({'type': 'PatchSampler', 'in_channels': channels, **(config or {})})


@TRANSLATORS.register_module()
class ContrastiveTranslator(OneSidedTranslator):
    """Translate ``domains[0]`` into ``domains[1]``, with patches of features to contrast (Park et al., ECCV 2020).

    The features are those of the generator's own encoder: named taps, of which a sampler draws the same places of an
    image and of its translation and projects them. Tensors for ``domains=('thermal', 'day')``, beside those of
    :class:`OneSidedTranslator`, each a list with one N,P,C per tap:

    - ``query_day``: patches of ``fake_day``, ``key_day``: of ``real_thermal`` at the same places;
    - ``query_idt_day``: patches of ``idt_day``, ``key_idt_day``: of ``real_day`` at the same places.

    Keys are constants. Without flips their features come from the pass that makes the translation, so that they cost
    no pass of their own. The sampler's networks belong to the generator's player: with Adam, whose steps are
    parameter by parameter, that is CUT's own optimizer for them.

    Args:
        domains: Source and target.
        generator: Config of a network with ``tap_channels`` that is called with ``taps`` and ``taps_only``, as
            :class:`nightgen.models.backbones.ResNetGenerator` is.
        discriminator: See :class:`OneSidedTranslator`.
        sampler: Config of the patch sampler; its ``in_channels`` are filled in from the taps.
        taps: Names of the generator's taps.
        flip_equivariance: Every other iteration, by chance, the images are translated mirrored, and the translation's
            features are mirrored back (FastCUT).
        **kwargs: See :class:`nightgen.models.translators.BaseTranslator`.

    Raises:
        TypeError: If the generator has no taps.
        KeyError: If it does not have these taps.
    """

    def __init__(self, domains: Sequence[str], generator: dict, discriminator: dict | None = None,
                 sampler: dict | None = None, taps: Sequence[str] = CUT_TAPS, flip_equivariance: bool = False,
                 **kwargs):
        network = MODELS.build(generator)
        sampler = build_sampler(type(self).__name__, network, taps, sampler)
        super().__init__(domains, network, discriminator, networks=dict(sampler=sampler), **kwargs)
        self.taps, self.flip_equivariance = tuple(taps), flip_equivariance

    def player_modules(self) -> dict[str, list]:
        modules = super().player_modules()
        return {**modules, 'generator': [*modules['generator'], self.sampler]}

    def producers(self) -> dict[str, tuple[str, str]]:
        target = self.target
        names = {f'flip_{target}': ('_flip', target)}
        for prefix in ('', 'idt_'):
            names |= {f'{kind}_{prefix}{target}': (f'_{kind}', f'{prefix}{target}')
                      for kind in ('pass', 'places', 'query', 'key')}
        return {**super().producers(), **names}

    # Made for the translation ('day') and for the identity ('idt_day') alike

    def _made(self, which: str) -> str:
        return which if which.startswith('idt_') else f'fake_{which}'

    def _input(self, which: str, tensors: Tensors) -> Tensor:
        return tensors[f'real_{self.target if which.startswith("idt_") else self.source}']

    def _flip(self, domain: str, tensors: Tensors) -> bool:
        """Whether this iteration translates mirrored images; one draw for all of them."""
        return self.flip_equivariance and bool(torch.rand(()) < 0.5)

    def _pass(self, which: str, tensors: Tensors) -> tuple[Tensor, list[Tensor]]:
        """The generator's output and the features that it made on the way."""
        x = self._input(which, tensors)
        x = x.flip(-1) if tensors[f'flip_{self.target}'] else x
        return self.generators[self.target](x, taps=self.taps)

    def _fake(self, domain: str, tensors: Tensors) -> Tensor:
        return tensors[f'pass_{domain}'][0]

    def _identity(self, domain: str, tensors: Tensors) -> Tensor:
        return tensors[f'pass_idt_{domain}'][0]

    def _features(self, x: Tensor) -> list[Tensor]:
        return self.generators[self.target](x, taps=self.taps, taps_only=True)

    def _places(self, which: str, tensors: Tensors) -> list[Tensor]:
        return self.sampler.draw(tensors[f'pass_{which}'][1])

    def _query(self, which: str, tensors: Tensors) -> list[Tensor]:
        features = self._features(tensors[self._made(which)])
        if tensors[f'flip_{self.target}']:
            features = [part.flip(-1) for part in features]
        return self.sampler(features, tensors[f'places_{which}'])

    def _key(self, which: str, tensors: Tensors) -> list[Tensor]:
        # Not under no_grad: autocast would keep 16-bit copies of the weights without a graph, and the query meets them.
        if tensors[f'flip_{self.target}']:
            features = self._features(self._input(which, tensors))
        else:
            features = tensors[f'pass_{which}'][1]
        features = [part.detach() for part in features]
        return [part.detach() for part in self.sampler(features, tensors[f'places_{which}'])]
