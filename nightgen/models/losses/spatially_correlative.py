"""The spatially-correlative loss of F-LSeSim (Zheng, Cham, Cai, CVPR 2021): which places of an image are alike."""

from __future__ import annotations

from collections.abc import Sequence

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from nightgen.functional import at_least_single, no_autocast
from nightgen.registry import LOSSES

from .checks import equal_layers

MODES = ('cos', 'l1', 'contrast')


def self_similarity(features: Tensor, places: Tensor, patch_size: int) -> Tensor:
    """Cosines between the vectors at some places and those around each (eq. 1).

    Args:
        features: N,C,h,w; the mean over places is taken off first.
        places: P indices into h*w.
        patch_size: Side of the window around a place, moved to lie inside; the whole map where it has no such side.

    Returns:
        N,P,K in [-1, 1], K of ``patch_size`` squared or h*w.
    """
    height, width = features.shape[-2:]
    vectors = F.normalize(features - features.mean(dim=(2, 3), keepdim=True), dim=1, eps=1e-6).flatten(2)
    similar = vectors[..., places].transpose(1, 2) @ vectors
    if patch_size >= min(height, width):
        return similar
    top, left = ((at - patch_size // 2).clamp(0, side - patch_size) for at, side in
                 ((places // width, height), (places % width, width)))
    steps = torch.arange(patch_size, device=features.device)
    window = ((top[:, None] + steps) * width)[:, :, None] + (left[:, None] + steps)[:, None, :]
    return similar.gather(2, window.flatten(1).expand(len(features), -1, -1))


def spatially_correlative(fake: Tensor | Sequence[Tensor], source: Tensor | Sequence[Tensor],
                          other: Tensor | Sequence[Tensor] | None = None, mode: str = 'cos', num_patches: int = 256,
                          patch_size: int = 32, temperature: float = 0.07) -> Tensor:
    """How much the self-similarity of a translation differs from its source's, the mean over layers.

    Args:
        fake: Feature maps of the translation, N,C,h,w each (or one).
        source: Of its source.
        other: Of an image with another content, for ``'contrast'``; turned by half a turn first.
        mode: ``'cos'``: 1 - cosine of the two maps of similarities, ``'l1'``: their mean absolute difference (eq. 2 and
            3). ``'contrast'``: cross entropy of telling the source's map of the same place from those of all other
            places and of the other image, which trains learnt features (eq. 5).
        num_patches: Places of a layer, the same in all images of the batch, drawn from torch's global CPU generator.
        patch_size: See :func:`self_similarity`.
        temperature: Of ``'contrast'``.

    Returns:
        0-d tensor.

    Raises:
        ValueError: An unknown mode, maps that differ in number or shape, or ``other`` where it is not read or missing
            where it is.
    """
    if mode not in MODES or (mode == 'contrast') != (other is not None):
        raise ValueError(f"spatially_correlative: mode is one of {MODES}, and 'contrast' alone reads `other`; got "
                         f'{mode!r} {"without" if other is None else "with"} it')
    maps = dict(fake=fake, source=source, **({} if other is None else dict(other=other)))
    layers = equal_layers('spatially_correlative', **maps)
    return torch.stack([_layer(mode, num_patches, patch_size, temperature, *parts)
                        for parts in zip(*layers, strict=True)]).mean()


def _layer(mode: str, number: int, patch_size: int, temperature: float, fake: Tensor, source: Tensor,
           other: Tensor | None = None) -> Tensor:
    with no_autocast(fake):
        places = torch.randperm(fake.shape[-2] * fake.shape[-1])[:number].to(fake.device, non_blocking=True)
        made, wanted = (self_similarity(at_least_single(part), places, patch_size) for part in (fake, source))
        if mode == 'l1':
            return (made - wanted).abs().mean()
        if mode == 'cos':
            return (1 - F.cosine_similarity(made, wanted, dim=-1)).mean()
        foreign = self_similarity(at_least_single(other).flip((2, 3)), places, patch_size)
        made, wanted, foreign = (F.normalize(part, dim=-1, eps=1e-6) for part in (made, wanted, foreign))
        logits = torch.cat([wanted @ made.transpose(1, 2), wanted @ foreign.transpose(1, 2),
                            made @ foreign.transpose(1, 2)], dim=2) / temperature
        own = torch.arange(len(places), device=fake.device).repeat(len(logits))
        return F.cross_entropy(logits.flatten(0, 1), own)


@LOSSES.register_module()
class SpatiallyCorrelativeLoss(nn.Module):
    """:func:`spatially_correlative` with fixed options.

    Raises:
        ValueError: An unknown mode, or numbers that are not positive.
    """

    def __init__(self, mode: str = 'cos', num_patches: int = 256, patch_size: int = 32, temperature: float = 0.07):
        super().__init__()
        if mode not in MODES or min(num_patches, patch_size) < 1 or temperature <= 0:
            raise ValueError(f'SpatiallyCorrelativeLoss: mode is one of {MODES}, num_patches, patch_size and '
                             f'temperature are positive; got {mode!r}, {num_patches}, {patch_size}, {temperature}')
        self.options = dict(mode=mode, num_patches=num_patches, patch_size=patch_size, temperature=temperature)

    def forward(self, fake: Tensor | Sequence[Tensor], source: Tensor | Sequence[Tensor],
                other: Tensor | Sequence[Tensor] | None = None) -> Tensor:
        return spatially_correlative(fake, source, other, **self.options)

    def extra_repr(self) -> str:
        return ', '.join(f'{name}={value!r}' for name, value in self.options.items())
