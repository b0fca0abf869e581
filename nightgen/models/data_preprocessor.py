"""From a collated batch of integer pictures to the float tensors that networks read."""

from collections.abc import Mapping, Sequence

import torch
from mmengine.model import BaseDataPreprocessor
from torch import Tensor

from nightgen.registry import MODELS

KINDS = ('image', 'unit', 'label', 'raw')
KNOWN_KINDS = dict(real='image', reference='image', edges='unit', label='label', given_label='label')
_HALF_RANGE = {torch.uint8: 127.5, torch.uint16: 32767.5}


@MODELS.register_module()
class TranslationDataPreprocessor(BaseDataPreprocessor):
    """Stacks, moves and scales. Every batch entry has a declared kind; nothing is guessed from values.

    - ``image``: uint8 or uint16, to [-1, 1] by the range of its type (0 is -1, 255 or 65535 is 1);
    - ``unit``: the same integers to [0, 1];
    - ``label``: any integers, to int64 N,H,W (a channel axis of one is dropped);
    - ``raw``: stacked and moved, values and type kept.

    Integers are stacked and moved first and become floats on the device: a quarter of the bytes to copy.

    Args:
        kinds: kind by entry name. A name covers the entry itself and its domains: ``edges`` covers ``edges_day``; the
            longest matching name decides. Unless given, ``real`` and ``reference`` are ``image``, ``edges`` is ``unit``
            and ``label`` and ``given_label`` are ``label``.
        non_blocking: copy to the device without waiting (with ``pin_memory`` in the data loader).

    Example:
        >>> preprocessor = TranslationDataPreprocessor(kinds=dict(mask='unit'))
        >>> batch = preprocessor(dict(inputs=dict(real_day=[torch.zeros(3, 8, 8, dtype=torch.uint8)] * 2)))
        >>> batch['inputs']['real_day'].shape
        torch.Size([2, 3, 8, 8])
    """

    def __init__(self, kinds: Mapping[str, str] | None = None, non_blocking: bool = True):
        super().__init__(non_blocking=non_blocking)
        self.kinds = {**KNOWN_KINDS, **(kinds or {})}
        for name, kind in self.kinds.items():
            if kind not in KINDS:
                raise ValueError(f"TranslationDataPreprocessor: unknown kind '{kind}' of '{name}', there are "
                                 f'{", ".join(KINDS)}')

    def kind_of(self, name: str) -> str:
        """The declared kind of a batch entry.

        Raises:
            KeyError: none is declared; says how to declare one.
        """
        matches = [known for known in self.kinds if name == known or name.startswith(f'{known}_')]
        if not matches:
            raise KeyError(f"batch entry '{name}' has no kind; declare it in the config: data_preprocessor="
                           f"dict(type='TranslationDataPreprocessor', kinds=dict({name}=...)) with one of "
                           f'{", ".join(KINDS)} (declared: {self.kinds})')
        return self.kinds[max(matches, key=len)]

    def forward(self, data: dict, training: bool = False) -> dict:
        """Makes the batch.

        Args:
            data: ``dict(inputs={name: list of C,H,W tensors, or one N,C,H,W tensor}, data_samples=list or None)``.
            training: unused; the same in both modes.

        Returns:
            ``dict(inputs={name: N,C,H,W float32 (labels N,H,W int64)}, data_samples=list or None)``.

        Raises:
            ValueError: pictures of different sizes or types (but 8 and 16 bits) in one entry, or an empty batch.
            TypeError: float pictures where integers are expected.
        """
        if not isinstance(data.get('inputs'), Mapping):
            raise TypeError("the batch needs data['inputs'], a dict of entries by name; end the pipeline with "
                            "dict(type='PackTranslationInputs')")
        paths = self._paths(data.get('data_samples'))
        inputs = {name: self._convert(name, self._stack(name, value, paths)) for name, value in data['inputs'].items()}
        return dict(inputs=inputs, data_samples=data.get('data_samples'))

    @staticmethod
    def _paths(samples: Sequence | None) -> list:
        return [getattr(sample, 'img_path', '?') for sample in samples or ()]

    def _stack(self, name: str, value: Tensor | Sequence[Tensor], paths: list) -> Tensor:
        if isinstance(value, Tensor):
            return value
        if not len(value):
            raise ValueError(f"batch entry '{name}' is empty")
        value = self._one_depth(name, value)
        shapes, types = {tuple(item.shape) for item in value}, {item.dtype for item in value}
        if len(shapes) > 1 or len(types) > 1:
            listing = '; '.join(f'{tuple(item.shape)} {item.dtype}' for item in value)
            raise ValueError(
                f"images of '{name}' in one batch differ: {listing}; files: {paths}. Crop or resize them to one size "
                f"(RandomCropImages, ResizeImages), or use batch_size=1")
        return torch.stack(tuple(value))

    def _one_depth(self, name: str, value: Sequence[Tensor]) -> Sequence[Tensor]:
        """Pictures of 8 bits among some of 16 on the scale of those, which changes no value: 257 / 65535 is 1 / 255."""
        if {item.dtype for item in value} != set(_HALF_RANGE) or self.kind_of(name) == 'raw':
            return value
        factor = 1 if self.kind_of(name) == 'label' else 257
        return [item if item.dtype == torch.uint16 else (item.int() * factor).to(torch.uint16) for item in value]

    def _convert(self, name: str, batch: Tensor) -> Tensor:
        kind = self.kind_of(name)
        batch = batch.to(self.device, non_blocking=self._non_blocking)
        if kind == 'raw':
            return batch
        if kind == 'label':
            if batch.is_floating_point():
                raise TypeError(f"label entry '{name}' must hold integers, got {batch.dtype}")
            return (batch.squeeze(1) if batch.ndim == 4 and batch.shape[1] == 1 else batch).long()
        if batch.dtype not in _HALF_RANGE:
            raise TypeError(f"'{name}' is of kind '{kind}' and must be uint8 or uint16, as LoadImage and "
                            f"PackTranslationInputs leave it, got {batch.dtype}; declare kinds=dict({name}='raw') for "
                            'values that are scaled already')
        half = _HALF_RANGE[batch.dtype]
        batch = batch.to(torch.float32)
        return batch.div_(2 * half) if kind == 'unit' else batch.div_(half).sub_(1)
