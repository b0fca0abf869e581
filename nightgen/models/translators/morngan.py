"""MornGAN's training graph: a cycle whose images are also segmented, and translated at a second size."""

from __future__ import annotations

from collections.abc import Sequence

import torch
import torch.nn.functional as F
from mmengine.model import ModuleDict
from torch import Tensor, nn

from nightgen.registry import TRANSLATORS

from .cycle import CycleTranslator, build_by_domain
from .tensors import Tensors

STEP = 4  # drawn sides are multiples of it, so that the segmentation networks pad nothing


@TRANSLATORS.register_module()
class MornGANTranslator(CycleTranslator):
    """A cycle with a segmentation network for each domain, which are the player ``segmentor``.

    While the segmentor is scheduled to train, one side is drawn an iteration and both networks see squares of it; once
    it is frozen they see the images as they are, and the loss reads them without dropout. A network passes over an
    image once an iteration, whatever reads its logits (specs: morngan 1.5, 2.6, 2.10 and 2.12).

    Tensors for a domain X beside those of :class:`CycleTranslator`:

    - ``sized_real_X``, ``sized_fake_X``: images at the size that the segmentation networks see, N,3,h,w;
    - ``sized_label_X``: ``label_X`` of ``inputs`` at this size, N,h,w int64;
    - ``logits_X``, ``logits_fake_X``: X's network on them, without dropout and without a graph, for labels; N,K,h,w;
    - ``training_logits_X``, ``training_logits_fake_X``: the same with dropout, for losses;
    - ``scaled_fake_X``, ``scale_reference_X``: the other domain's image translated at another scale, and ``fake_X`` at
      the size of that. Below 1 the smaller size is compared, else the usual one. One scale is drawn an iteration.

    Labels are further tensors of the config: see ``nightgen.models.pseudo_labels``.

    Args:
        domains: The two domains, as in the dataset.
        segmentor: Config of both segmentation networks; they have ``two_readings``, as ``Segmentor`` has.
        segmentors: In its place, a config for each domain.
        segmentor_sides: Smallest and largest side that they train on, multiples of 4. MornGAN's for crops of 256.
        scales: The scales that are drawn from, with equal chances.
        **kwargs: See :class:`CycleTranslator`.

    Raises:
        ValueError: No segmentation network, or sides or scales without meaning.
    """

    def __init__(self, domains: Sequence[str], segmentor: dict | None = None, segmentors: dict | None = None,
                 segmentor_sides: tuple[int, int] = (128, 316), scales: Sequence[float] = (0.5, 1.5), **kwargs):
        low, high = segmentor_sides
        if not 0 < low <= high or low % STEP or high % STEP:
            raise ValueError('MornGANTranslator: segmentor_sides are two multiples of 4, the smaller first, got '
                             f'{tuple(segmentor_sides)}')
        if not scales or min(scales) <= 0 or 1 in scales:
            raise ValueError(f'MornGANTranslator: scales are positive and none is 1, got {tuple(scales)}')
        if segmentor is None and segmentors is None:
            raise ValueError('MornGANTranslator: give segmentor=dict(...) or segmentors=dict(<domain>=dict(...), ...)')
        self.segmentor_sides, self.scales = (low, high), tuple(scales)
        networks = ModuleDict(build_by_domain('segmentor', domains, segmentor, segmentors))
        super().__init__(domains, networks=dict(segmentors=networks), **kwargs)

    def player_modules(self) -> dict[str, list[nn.Module]]:
        modules = super().player_modules()
        return {'generator': modules.pop('generator'), 'segmentor': [self.segmentors], **modules}

    def called_networks(self) -> list[nn.Module]:
        return [*super().called_networks(), *(network.backbone for network in self.segmentors.values())]

    def producers(self) -> dict[str, tuple[str, str]]:
        names = dict(sized_real='_sized_real', sized_fake='_sized_fake', segmented='_segment',
                     segmented_fake='_segment_fake', logits='_logits', logits_fake='_logits_fake',
                     training_logits='_training_logits', training_logits_fake='_training_logits_fake',
                     scaled_fake='_scaled_fake', scale_reference='_scale_reference')
        made = {f'{name}_{domain}': (method, domain) for name, method in names.items() for domain in self.domains}
        labels = {f'sized_label_{domain}': ('_sized_label', domain) for domain in self.domains
                  if f'label_{domain}' in self.inputs}
        drawn = dict(drawn_side=('_draw_side', ''), drawn_scale=('_draw_scale', ''))
        return {**super().producers(), **made, **labels, **drawn}

    # How each is made

    def segmentor_trains(self) -> bool:
        """Whether the segmentation networks are scheduled to train now."""
        return self.turns.schedules['segmentor'].active(*self.progress())

    def _draw_side(self, domain: str, tensors: Tensors) -> int | None:
        """The side of the squares that the segmentation networks see, None for images as they are."""
        if not self.segmentor_trains():
            return None
        low, high = self.segmentor_sides
        return STEP * int(torch.randint(low // STEP, high // STEP + 1, ()))

    def _draw_scale(self, domain: str, tensors: Tensors) -> float:
        return self.scales[int(torch.randint(len(self.scales), ()))]

    def _sized(self, image: Tensor, tensors: Tensors) -> Tensor:
        side = tensors['drawn_side']
        return image if side is None else _resized(image, (side, side))

    def _sized_real(self, domain: str, tensors: Tensors) -> Tensor:
        return self._sized(tensors[f'real_{domain}'], tensors)

    def _sized_fake(self, domain: str, tensors: Tensors) -> Tensor:
        return self._sized(tensors[f'fake_{domain}'], tensors)

    def _sized_label(self, domain: str, tensors: Tensors) -> Tensor:
        label, side = tensors[f'label_{domain}'], tensors['drawn_side']
        if side is None:
            return label
        return F.interpolate(label[:, None].float(), size=(side, side), mode='nearest')[:, 0].long()

    def _segment(self, domain: str, tensors: Tensors, kind: str = 'real') -> tuple[Tensor, Tensor]:
        """Logits for labels and for losses, from one pass."""
        plain, trained = self.segmentors[domain].two_readings(tensors[f'sized_{kind}_{domain}'])
        return (plain, trained) if self.segmentor_trains() else (plain, plain)

    def _segment_fake(self, domain: str, tensors: Tensors) -> tuple[Tensor, Tensor]:
        return self._segment(domain, tensors, 'fake')

    def _logits(self, domain: str, tensors: Tensors, kind: str = 'real') -> Tensor:
        """From the pass of the loss; where no loss reads this image, from one that builds no graph."""
        name = domain if kind == 'real' else f'{kind}_{domain}'
        if f'segmented_{name}' in tensors or f'training_logits_{name}' in self.active_reads():
            return tensors[f'segmented_{name}'][0].detach()
        with torch.no_grad():
            logits = self.segmentors[domain].two_readings(tensors[f'sized_{kind}_{domain}'])[0]
        torch.clear_autocast_cache()  # some versions of torch would reuse its weights, without a graph, for a loss
        return logits

    def _logits_fake(self, domain: str, tensors: Tensors) -> Tensor:
        return self._logits(domain, tensors, 'fake')

    def _training_logits(self, domain: str, tensors: Tensors) -> Tensor:
        return tensors[f'segmented_{domain}'][1]

    def _training_logits_fake(self, domain: str, tensors: Tensors) -> Tensor:
        return tensors[f'segmented_fake_{domain}'][1]

    def _scaled_fake(self, domain: str, tensors: Tensors) -> Tensor:
        source, scale = tensors[f'real_{self.other_domain(domain)}'], tensors['drawn_scale']
        height, width = source.shape[-2:]
        fake = self.generators[domain](_resized(source, (round(scale * height), round(scale * width))))
        return fake if scale < 1 else _resized(fake, (height, width))

    def _scale_reference(self, domain: str, tensors: Tensors) -> Tensor:
        fake, scaled = tensors[f'fake_{domain}'], tensors[f'scaled_fake_{domain}']
        return _resized(fake.detach(), scaled.shape[-2:])


def _resized(image: Tensor, size: Sequence[int]) -> Tensor:
    return image if tuple(size) == tuple(image.shape[-2:]) else F.interpolate(
        image, size=tuple(size), mode='bilinear', align_corners=False)
