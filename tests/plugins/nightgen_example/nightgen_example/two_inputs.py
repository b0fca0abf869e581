"""Translators whose networks take more than the picture: a label map and a depth, or a label map for colours."""

import torch
from torch import Tensor, nn

from nightgen.models.translators import ColorizationTranslator, OneSidedTranslator
from nightgen.registry import BACKBONES, TRANSLATORS


@BACKBONES.register_module()
class GuidedNet(nn.Module):
    """N,3,H,W, a label map N,H,W and a depth N,1,H,W to N,3,H,W; without a label map one class is assumed."""

    def __init__(self, num_classes: int = 4):
        super().__init__()
        self.mix = nn.Conv2d(3, 3, 1)
        self.colours = nn.Embedding(num_classes, 3)

    def forward(self, x: Tensor, depth: Tensor, label: Tensor | None = None) -> Tensor:
        label = torch.zeros_like(x[:, 0], dtype=torch.int64) if label is None else label
        return self.mix(x) + self.colours(label).permute(0, 3, 1, 2) * depth


@TRANSLATORS.register_module()
class GuidedTranslator(OneSidedTranslator):
    """One-sided; the network sees ``label_<source>`` and ``depth_<source>`` of the batch."""

    def __init__(self, *args, **kwargs):
        kwargs.setdefault('data_preprocessor', dict(type='TranslationDataPreprocessor', kinds=dict(depth='unit')))
        super().__init__(*args, **kwargs)

    def named_inputs(self, direction=None) -> tuple[str, ...]:
        return 'depth', 'label'

    def _fake(self, domain: str, tensors):
        named = {name: tensors[f'{name}_{self.source}'] for name in self.named_inputs()}
        return self.generators[domain](tensors[f'real_{self.source}'], **named)


@BACKBONES.register_module()
class GuidedChroma(nn.Module):
    """A luma N,1,H,W and a label map N,H,W, predicted as "bright or dark" where it is missing, to chroma N,2,H,W."""

    def __init__(self):
        super().__init__()
        self.colours = nn.Embedding(4, 2)

    def forward(self, x: Tensor, label: Tensor | None = None) -> Tensor:
        label = (x[:, 0] > 0).long() if label is None else label
        return self.colours(label).permute(0, 3, 1, 2).tanh()


@TRANSLATORS.register_module()
class GuidedColorizer(ColorizationTranslator):
    """A colorizer whose network sees the picture's label map."""

    def named_inputs(self, direction=None) -> tuple[str, ...]:
        return ('label',)

    def _fake_chroma(self, domain: str, tensors):
        return self.generators[domain](tensors['luma'], label=tensors['label_color'])
