"""Colorization that a label map steers: grey and map go in, chroma comes out; a missing map is predicted."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from nightgen.functional import luma as encoded_luma
from nightgen.models.experts.luma_labels import LumaLabels
from nightgen.registry import TRANSLATORS
from nightgen.structures.label_sets import load_label_set

from .colorization import CHROMA, ColorizationTranslator
from .tensors import Tensors
from .translating import Direction

MAP_ENTRIES = dict(true='label', given='given_label', predicted=None)
"""Where evaluation takes maps from, and the entry of the batch that holds them."""
LUMA_SOURCES = ('lab', 'grey')


class LabelledColorization(nn.Module):
    """Grey and label map to chroma, with the values of the map checked.

    Args:
        network: :class:`~nightgen.models.backbones.TwoStreamUNet`, or its inference form.
    """

    def __init__(self, network: nn.Module) -> None:
        super().__init__()
        self.network = network

    def forward(self, luma: Tensor, label: Tensor, kept: list[Tensor] | None = None) -> Tensor:
        """Chroma N,2,H,W of luma N,1,H,W and label N,H,W; ``kept`` is what :meth:`encode_grey` made of this luma.

        Raises:
            ValueError: Values that are no class.
        """
        if label.device.type != 'meta' and not torch.compiler.is_compiling():
            self.network.check_label(label)
        return self.network(luma, label, kept=kept)

    def encode_grey(self, luma: Tensor) -> list[Tensor]:
        """What does not depend on the map, see ``TwoStreamUNet.encode_grey``."""
        return self.network.encode_grey(luma)

    def to_inference(self, dtype: torch.dtype = torch.float32) -> LabelledColorization:
        """The same in the network's inference form; see ``TwoStreamUNet.to_inference``."""
        return LabelledColorization(self.network.to_inference(dtype))


class PredictingColorization(LabelledColorization):
    """The whole system in one graph: grey to labels to chroma; a given map stands in for the predicted one.

    Args:
        network: As of :class:`LabelledColorization`.
        labels: The segmentor.
    """

    def __init__(self, network: nn.Module, labels: LumaLabels) -> None:
        super().__init__(network)
        self.labels = labels

    def forward(self, luma: Tensor, label: Tensor | None = None, kept: list[Tensor] | None = None) -> Tensor:
        return super().forward(luma, self.labels(luma) if label is None else label, kept)

    def to_inference(self, dtype: torch.dtype = torch.float32) -> PredictingColorization:
        return PredictingColorization(self.network.to_inference(dtype), self.labels)


@TRANSLATORS.register_module()
class SemanticColorizationTranslator(ColorizationTranslator):
    """Predict the a and b of Lab from its L and a label map (specs/semantic_colorization).

    The tensors are those of :class:`.ColorizationTranslator`; the generator reads ``luma`` and ``label_<domain>``, the
    map that comes with the picture. The segmentor, which predicts maps where there are none, is trained on its own and
    frozen here. Translation takes ``label`` N,H,W by name: class numbers of ``label_set``, 255 where unlabelled.

    Args:
        domains: The one name of colour pictures.
        generator: Config of a network of grey and label map, :class:`~nightgen.models.backbones.TwoStreamUNet`.
        segmentor: Config of the expert that predicts maps (:class:`~nightgen.models.experts.SegmentationExpert`
            without ``class_map``, of any mmseg model); its classes are found in the label set by name. It is built
            when a map is first needed, or at once with ``map_source='predicted'``. None: maps must be given.
        label_set: What the numbers of the maps mean, see :mod:`nightgen.structures.label_sets`.
        map_source: Which maps validation and test use: ``'true'``, the entry ``label`` of the batch; ``'given'``, the
            entry ``given_label``, a folder's maps named in the data set's ``beside``; ``'predicted'``, the segmentor's.
            Training always reads ``label``.
        luma_source: ``'lab'``, or ``'grey'`` for the weighted mean of gamma-encoded RGB, which the released
            application takes for L.
        **kwargs: See :class:`.ColorizationTranslator`.

    Raises:
        ValueError: An unknown option, a generator for another number of classes, or maps to be predicted by nobody.
    """

    def __init__(self, domains: Sequence[str], generator: dict, segmentor: dict | nn.Module | None = None,
                 label_set: str = 'pascal_context', map_source: str = 'true', luma_source: str = 'lab', **kwargs):
        if map_source not in MAP_ENTRIES or luma_source not in LUMA_SOURCES:
            raise ValueError(f'SemanticColorizationTranslator: map_source is one of {tuple(MAP_ENTRIES)} and '
                             f'luma_source of {LUMA_SOURCES}, got {map_source!r} and {luma_source!r}')
        if map_source == 'predicted' and segmentor is None:
            raise ValueError("SemanticColorizationTranslator: map_source='predicted' needs segmentor=dict(type="
                             "'SegmentationExpert', config=..., checkpoint=...)")
        self.label_set, self.map_source, self.luma_source = load_label_set(label_set), map_source, luma_source
        kwargs.setdefault('inputs', tuple(f'label_{domain}' for domain in domains))
        super().__init__(domains, generator, **kwargs)
        classes = getattr(self.generators[CHROMA], 'num_classes', None)
        if classes != len(self.label_set.classes):
            raise ValueError(f'SemanticColorizationTranslator: the generator is for {classes} classes and the label '
                             f'set {label_set!r} has {len(self.label_set.classes)}; set generator.num_classes')
        self.labels = None if segmentor is None else LumaLabels(segmentor, self.label_set)
        if map_source == 'predicted':
            self.labels.build()

    def split(self, rgb: Tensor) -> tuple[Tensor, Tensor]:
        luma, chroma = super().split(rgb)
        return (encoded_luma(rgb) if self.luma_source == 'grey' else luma), chroma

    def _fake_chroma(self, domain: str, tensors: Tensors) -> Tensor:
        return self.generators[domain](tensors['luma'], tensors[f'label_{self.domains[0]}'])

    def named_inputs(self, direction: Direction = None) -> tuple[str, ...]:
        return ('label',)

    def named_in_batch(self, inputs: dict[str, Tensor], source: str, direction: Direction) -> dict[str, Tensor]:
        entry = MAP_ENTRIES[self.map_source]
        if entry is None:
            return {}
        for name in (f'{entry}_{source}', f'{entry}_{self.domains[0]}', entry):
            if name in inputs:
                return dict(label=inputs[name])
        raise KeyError(f'map_source={self.map_source!r} reads {entry}_{source}, and the batch holds {sorted(inputs)}; '
                       f"give the data set inputs=('{entry}',), or predict maps: model.map_source=predicted")

    def inference_network(self, direction: Direction = None) -> LabelledColorization:
        network = super().inference_network(direction)
        return LabelledColorization(network) if self.labels is None else PredictingColorization(network, self.labels)
