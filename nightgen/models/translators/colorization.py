"""The training graph of colorization: a luma goes in, the chroma that belongs to it comes out."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from nightgen.functional import AB_SCALE, luma_chroma_to_rgb, luma_to_grey, rgb_to_luma_chroma
from nightgen.registry import MODELS, TRANSLATORS

from .base import BaseTranslator
from .tensors import Tensors
from .translating import Direction

CHROMA = 'chroma'


@TRANSLATORS.register_module()
class ColorizationTranslator(BaseTranslator):
    """Predict the a and b of Lab from its L (specs/cgan_colorization).

    Tensors, for ``domains=('color',)``: ``real_color`` from the batch, N,3,H,W in [-1, 1]; made of it ``luma`` N,1,H,W
    (L / 50 - 1) and ``real_chroma`` N,2,H,W (ab / ``ab_scale``); ``fake_chroma``, the prediction; ``real_lab`` and
    ``fake_lab`` N,3,H,W, luma and chroma together, which a conditional discriminator judges; ``fake_color``, the
    prediction with its luma as sRGB in [-1, 1], differentiable inside the gamut. A batch may bring ``luma`` and
    ``real_chroma`` themselves (float32, see ``RGBToLab``) in place of ``real_color``.

    ``*`` in a term stands for ``chroma``. The discriminator is that of ``chroma``: an adversarial term reads
    ``dict(real='real_lab', fake='fake_lab')`` with ``discriminator='chroma'``.

    Args:
        domains: The one name of colour pictures.
        generator: Config of a network N,1,H,W -> N,2,H,W in [-1, 1].
        discriminator: Config of the network that judges Lab volumes N,3,H,W; needed by adversarial terms.
        ab_scale: What a and b are divided by, 110 or 128.
        photo_size: (height, width) at which the network sees a photo when ``nightgen.apis`` colorizes it; the size it
            was trained with. Chroma is enlarged from there, luma keeps its detail.
        **kwargs: See :class:`BaseTranslator`.

    Raises:
        ValueError: More than one domain, or a scale that is not positive.
    """

    def __init__(self, domains: Sequence[str], generator: dict, discriminator: dict | None = None,
                 ab_scale: float = AB_SCALE, photo_size: Sequence[int] = (256, 256), **kwargs):
        if len(domains) != 1 or ab_scale <= 0:
            raise ValueError("ColorizationTranslator: domains is the one name of colour images, ('color',), and "
                             f'ab_scale positive; got {tuple(domains)} and {ab_scale}')
        kwargs.setdefault('data_preprocessor', dict(
            type='TranslationDataPreprocessor', kinds=dict(luma='raw', real_chroma='raw')))
        generators = nn.ModuleDict({CHROMA: MODELS.build(generator)})
        discriminators = nn.ModuleDict({CHROMA: MODELS.build(discriminator)} if discriminator else {})
        self.ab_scale, self.photo_size = ab_scale, tuple(photo_size)
        super().__init__(domains, generators, discriminators, **kwargs)

    @property
    def default_direction(self) -> tuple[str, str]:
        return 'luma', CHROMA

    def batch_entries(self, batch: dict[str, Tensor]) -> set[str]:
        converted = {'luma', f'real_{CHROMA}'}
        return {*(converted if not converted.isdisjoint(batch) else super().batch_entries(batch)), *self.inputs}

    def producers(self) -> dict[str, tuple[str, str]]:
        makers = dict(luma='_luma', real_chroma='_real_chroma', fake_chroma='_fake_chroma', real_lab='_real_lab',
                      fake_lab='_fake_lab', fake_color='_fake_color')
        return {name: (method, CHROMA) for name, method in makers.items()}

    def split(self, rgb: Tensor) -> tuple[Tensor, Tensor]:
        """Luma N,1,H,W and chroma N,2,H,W of sRGB pictures N,3,H,W in [-1, 1]."""
        return rgb_to_luma_chroma(rgb, self.ab_scale)

    def join(self, luma: Tensor, chroma: Tensor) -> Tensor:
        """The sRGB pictures N,3,H,W in [-1, 1] that luma N,1,H,W and chroma N,2,H,W make, clipped to the gamut."""
        return luma_chroma_to_rgb(luma, chroma, self.ab_scale)

    def _luma(self, domain: str, tensors: Tensors) -> Tensor:
        return tensors['real_lab'][:, :1]

    def _real_chroma(self, domain: str, tensors: Tensors) -> Tensor:
        return tensors['real_lab'][:, 1:]

    def _fake_chroma(self, domain: str, tensors: Tensors) -> Tensor:
        return self.generators[domain](tensors['luma'])

    def _real_lab(self, domain: str, tensors: Tensors) -> Tensor:
        converted = 'luma' in tensors  # by the pipeline: what is made here comes from real_lab
        return torch.cat([tensors['luma'], tensors['real_chroma']] if converted else
                         self.split(tensors[f'real_{self.domains[0]}']), dim=1)

    def _fake_lab(self, domain: str, tensors: Tensors) -> Tensor:
        return torch.cat([tensors['luma'], tensors['fake_chroma']], dim=1)

    def _fake_color(self, domain: str, tensors: Tensors) -> Tensor:
        return self.join(tensors['luma'], tensors['fake_chroma'])

    input_channels = 1

    def translate(self, x: Tensor, direction: Direction = None, **named: Tensor) -> Tensor:
        """Predict chroma.

        Args:
            x: Luma N,1,H,W in [-1, 1].
            direction: ``'chroma'`` or None.
            **named: See :meth:`.Translating.named_inputs`; none here.

        Returns:
            Chroma N,2,H,W in [-1, 1]: ab / ``ab_scale``.

        Raises:
            ValueError: Another number of channels, or another direction.
        """
        if x.ndim != 4 or x.shape[1] != 1:
            raise ValueError(f'a colorizer translates luma N,1,H,W to chroma, got {tuple(x.shape)}; '
                             'nightgen.apis.ColorizationInferencer takes photos')
        return super().translate(x, direction, **named)

    def _translate_batch(self, inputs: dict[str, Tensor]) -> tuple[Tensor, Tensor]:
        """The grey pictures and the colorized ones, sRGB in [-1, 1]; of the input nothing but the luma is read."""
        pictures = [name for name in inputs if name.startswith('real_') and name != f'real_{CHROMA}']
        if 'luma' not in inputs and len(pictures) != 1:
            raise KeyError(f'a colorizer reads luma, or one real_<domain> to take it from; the batch holds '
                           f'{sorted(inputs)}. Use ColorizationDataset')
        luma = inputs['luma'] if 'luma' in inputs else self.split(inputs[pictures[0]])[0]
        named = self.named_in_batch(inputs, pictures[0].removeprefix('real_') if pictures else CHROMA, None)
        return luma_to_grey(luma), self.join(luma, self.translate_for_test(luma, **named))
