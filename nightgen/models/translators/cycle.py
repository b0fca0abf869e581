"""The two-sided training graph: a way there and a way back between two domains (CycleGAN, ToDayGAN, PearlGAN)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from torch import Tensor, nn

from nightgen.registry import MODELS, TRANSLATORS

from .base import BaseTranslator
from .tensors import Tensors


@TRANSLATORS.register_module()
class CycleTranslator(BaseTranslator):
    """Translate each of two domains into the other.

    A generator is keyed by the domain that it makes. It is a network from image to image or, like ``SplitGenerator``,
    has two halves ``encoder`` and ``decoder``. Halves belong to domains: the generator that makes day consists of
    thermal's encoder and day's decoder.

    Tensors for a domain X of ``domains``, N,3,H,W in [-1, 1] unless said otherwise (``*`` in a term ranges over both
    domains, ``~`` is the other one):

    - ``real_X``: from the batch; ``fake_X``: the other domain's image translated into X; ``rec_X``: X translated away
      and back;
    - ``idt_X``: X through the generator that makes X, or, with halves, through X's own encoder and decoder;
    - with halves ``latent_X`` and ``latent_fake_X``: X's encoder on ``real_X`` and ``fake_X``, N,C,h,w;
    - where the encoders attend (``encoder.attention``) ``attention_X`` and ``attention_fake_X``: the maps made on the
      way, a list from coarse to fine of N,1,h,w in (0, 1).

    An image is encoded once an iteration, whatever reads its latent, its attention or what is decoded from it
    (``encoded_X`` and ``encoded_fake_X`` hold both).

    Args:
        domains: The two domains, as in the dataset.
        generator: Config of both generators.
        generators: In its place, a config (or the network) for each domain that is made.
        discriminator: Config of both discriminators; needed by adversarial terms.
        discriminators: In its place, a config for each domain that is judged.
        direction: (source, target) of what the method exists for. By default the one into ``day`` or, without such a
            domain, into the second.
        **kwargs: See :class:`BaseTranslator`.

    Raises:
        ValueError: If there are not exactly two domains, if configs by domain do not name them, or if one generator has
            halves and the other not.
    """

    def __init__(self, domains: Sequence[str], generator: dict | None = None, generators: Mapping | None = None,
                 discriminator: dict | None = None, discriminators: Mapping | None = None,
                 direction: Sequence[str] | None = None, **kwargs):
        if len(domains) != 2 or len(set(domains)) != 2:
            raise ValueError(f'CycleTranslator: domains are two different names, got {tuple(domains)}')
        if generator is None and generators is None:
            raise ValueError('CycleTranslator: give generator=dict(...) or generators=dict(<domain>=dict(...), ...)')
        makers = build_by_domain('generator', domains, generator, generators)
        self.halved = all(has_halves(network) for network in makers.values())
        if not self.halved and any(has_halves(network) for network in makers.values()):
            raise ValueError('CycleTranslator: one generator has an encoder and a decoder and the other has not')
        self.attentive = self.halved and all(
            getattr(network.encoder, 'attention', None) is not None for network in makers.values())
        self.direction = self._check_direction(domains, direction)
        super().__init__(domains, makers, build_by_domain('discriminator', domains, discriminator, discriminators),
                         **kwargs)

    @staticmethod
    def _check_direction(domains: Sequence[str], direction: Sequence[str] | None) -> tuple[str, str]:
        if direction is None:
            first, second = domains
            return (second, first) if first == 'day' else (first, second)
        if isinstance(direction, str) or sorted(direction) != sorted(domains):
            raise ValueError(f'CycleTranslator: direction is (source, target) out of {tuple(domains)}, got '
                             f'{direction!r}')
        return tuple(direction)

    @property
    def default_direction(self) -> tuple[str, str]:
        return self.direction

    def called_networks(self) -> list[nn.Module]:
        if not self.halved:
            return super().called_networks()
        halves = [half for network in self.generators.values() for half in (network.encoder, network.decoder)]
        return [*halves, *self.discriminators.values()]

    def producers(self) -> dict[str, tuple[str, str]]:
        names = dict(fake='_fake', rec='_reconstruction', idt='_identity')
        if self.halved:
            names.update(encoded='_encode', latent='_latent', encoded_fake='_encode_fake', latent_fake='_latent_fake')
        if self.attentive:
            names.update(attention='_attention', attention_fake='_attention_fake')
        return {f'{name}_{domain}': (method, domain) for name, method in names.items() for domain in self.domains}

    # How each is made

    def _fake(self, domain: str, tensors: Tensors) -> Tensor:
        other = self.other_domain(domain)
        if self.halved:
            return self.generators[domain].decoder(tensors[f'latent_{other}'])
        return self.generators[domain](tensors[f'real_{other}'])

    def _reconstruction(self, domain: str, tensors: Tensors) -> Tensor:
        other = self.other_domain(domain)
        if self.halved:
            return self.generators[domain].decoder(tensors[f'latent_fake_{other}'])
        return self.generators[domain](tensors[f'fake_{other}'])

    def _identity(self, domain: str, tensors: Tensors) -> Tensor:
        if self.halved:
            return self.generators[domain].decoder(tensors[f'latent_{domain}'])
        return self.generators[domain](tensors[f'real_{domain}'])

    def encoder(self, domain: str) -> nn.Module:
        """The half that reads images of ``domain``: it belongs to the generator that makes the other one."""
        return self.generators[self.other_domain(domain)].encoder

    def _encode(self, domain: str, tensors: Tensors, kind: str = 'real') -> tuple[Tensor, list[Tensor]]:
        """Latent and attention maps, from one pass."""
        image, encoder = tensors[f'{kind}_{domain}'], self.encoder(domain)
        return encoder(image, return_attention=True) if self.attentive else (encoder(image), [])

    def _encode_fake(self, domain: str, tensors: Tensors) -> tuple[Tensor, list[Tensor]]:
        return self._encode(domain, tensors, 'fake')

    def _latent(self, domain: str, tensors: Tensors) -> Tensor:
        return tensors[f'encoded_{domain}'][0]

    def _latent_fake(self, domain: str, tensors: Tensors) -> Tensor:
        return tensors[f'encoded_fake_{domain}'][0]

    def _attention(self, domain: str, tensors: Tensors) -> list[Tensor]:
        return tensors[f'encoded_{domain}'][1]

    def _attention_fake(self, domain: str, tensors: Tensors) -> list[Tensor]:
        return tensors[f'encoded_fake_{domain}'][1]


def has_halves(network: nn.Module) -> bool:
    """Whether a generator can be called as an encoder and a decoder."""
    return isinstance(getattr(network, 'encoder', None), nn.Module) and isinstance(
        getattr(network, 'decoder', None), nn.Module)


def build_by_domain(role: str, domains: Sequence[str], shared: dict | None, own: Mapping | None) -> nn.ModuleDict:
    """One network per domain, all from one config or each from its own; none without a config.

    Raises:
        ValueError: If both are given, or configs of their own for other than the domains.
    """
    if own is None:
        return nn.ModuleDict({} if shared is None else {domain: MODELS.build(shared) for domain in domains})
    if shared is not None or set(own) != set(domains):
        raise ValueError(f'give either {role}=dict(...) for all or {role}s=dict(...) with one for each of '
                         f'{tuple(domains)}, got {role}={shared} and {role}s for {sorted(own)}')
    return nn.ModuleDict({domain: own[domain] if isinstance(own[domain], nn.Module) else MODELS.build(own[domain])
                          for domain in domains})
