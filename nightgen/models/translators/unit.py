"""The two-sided training graph through a shared Gaussian latent space (UNIT)."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from nightgen.registry import TRANSLATORS

from .cycle import CycleTranslator
from .tensors import Tensors


@TRANSLATORS.register_module()
class UNITTranslator(CycleTranslator):
    """Two variational autoencoders with one latent space (Liu et al., NeurIPS 2017).

    An encoder gives the mean of a Gaussian of unit variance, and whatever is decoded in training is decoded from a
    sample of it; ``translate`` decodes the mean. The domains' encoders share their last residual blocks, their decoders
    the first ones. Tensors for a domain X, beside those of :class:`CycleTranslator`:

    - ``latent_X``, ``latent_fake_X``: the means for ``real_X`` and ``fake_X``;
    - ``sample_X``, ``sample_fake_X``: the means plus noise, drawn once an iteration (``noise_X``, ``noise_fake_X``);
    - ``fake_X`` is decoded from ``sample_~``, ``idt_X`` (X through its own autoencoder) from ``sample_X``, and
      ``rec_X`` from ``sample_fake_~``.

    The reference draws the noise of the discriminator's turn anew; here both turns see the same translations.

    Args:
        domains: See :class:`CycleTranslator`, as all others.
        shared_blocks: Residual blocks that the domains have in common, at the end of the encoders and at the beginning
            of the decoders (paper: 1; the MUNIT repository's version: 0).
        **kwargs: The generators have halves with ``blocks``, such as ``SplitGenerator`` of ``ContentEncoder`` and
            ``ContentDecoder``.

    Raises:
        ValueError: If the generators have no halves, or too few blocks to share.
    """

    def __init__(self, domains: Sequence[str], shared_blocks: int = 1, **kwargs):
        super().__init__(domains, **kwargs)
        if not self.halved:
            raise ValueError('UNITTranslator: its generators have an encoder and a decoder each, such as '
                             "dict(type='SplitGenerator', encoder=..., decoder=...)")
        self._share(shared_blocks)

    def _share(self, number: int) -> None:
        first, second = (self.generators[domain] for domain in self.domains)
        for name, blocks, others in (('encoder', first.encoder.blocks, second.encoder.blocks),
                                     ('decoder', first.decoder.blocks, second.decoder.blocks)):
            if not 0 <= number <= min(len(blocks), len(others)):
                raise ValueError(f'UNITTranslator: shared_blocks={number}, but the {name}s have {len(blocks)} and '
                                 f'{len(others)} residual blocks')
            for index in range(number):
                index = -1 - index if name == 'encoder' else index
                others[index] = blocks[index]

    def producers(self) -> dict[str, tuple[str, str]]:
        names = {f'{kind}_{which}{domain}': (f'_{kind}', f'{which}{domain}')
                 for kind in ('noise', 'sample') for which in ('', 'fake_') for domain in self.domains}
        return {**super().producers(), **names}

    def _noise(self, which: str, tensors: Tensors) -> Tensor:
        return torch.randn_like(tensors[f'latent_{which}'].detach())

    def _sample(self, which: str, tensors: Tensors) -> Tensor:
        return tensors[f'latent_{which}'] + tensors[f'noise_{which}']

    def _fake(self, domain: str, tensors: Tensors) -> Tensor:
        return self.generators[domain].decoder(tensors[f'sample_{self.other_domain(domain)}'])

    def _identity(self, domain: str, tensors: Tensors) -> Tensor:
        return self.generators[domain].decoder(tensors[f'sample_{domain}'])

    def _reconstruction(self, domain: str, tensors: Tensors) -> Tensor:
        return self.generators[domain].decoder(tensors[f'sample_fake_{self.other_domain(domain)}'])
