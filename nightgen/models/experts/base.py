"""What segmentation and detection experts share: building, batches, precision, the card."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from nightgen.structures.class_maps import CITYSCAPES_CLASSES, UNLABELLED, load_class_map, train_id_lookup

from .building import build_expert
from .frozen import FrozenModel
from .inputs import InputRule, input_rule, to_pixels

_PRECISIONS = {None: None, 'bf16': torch.bfloat16, 'fp16': torch.float16}


class ExpertModel(FrozenModel):
    """A trained model of mmseg or mmdet, outside the module tree, that speaks nightgen's pictures and train ids.

    Args:
        config: A config of mmseg or mmdet: path, ``'mmseg::<path below its configs>'``, or a dictionary.
        checkpoint: Its weights: path, URL, or ``'nightgen::<path below configs>'``.
        class_map: From the model's classes to Cityscapes train ids: the name of a shipped table (``cityscapes``,
            ``coco``, ``coco_panoptic``, ``pascal_context``), a JSON file or a dictionary; None keeps the model's own
            class numbers.
        classes: Names of the model's classes, where neither checkpoint nor config has them.
        input_size: ``'config'``: as the model's own test pipeline resizes; None: pictures as they are; (height, width):
            fitted into it. Outputs are always at the size of the pictures given.
        batch_size: Pictures that go through the network at once.
        autocast: None for full precision, ``'bf16'`` or ``'fp16'`` for backbone and neck; heads and what follows them,
            whose operators often have no 16-bit form, stay in full precision.
        cfg_options, sha256, trusted, ignore_keys: See :func:`~.building.build_expert`.

    Attributes:
        card: Plain values that say what this expert is: ``package, config, checkpoint, sha256, classes, class_map,
            input_size, autocast``. For logs, tables and a checkpoint's meta information.
        classes: Names behind the numbers in the output.
    """

    def __init__(self, config: str | Path | Mapping, checkpoint: str | Path,
                 class_map: str | Path | Mapping[str, int | None] | None = None, classes: Sequence[str] | None = None,
                 input_size: str | tuple[int, int] | None = None, batch_size: int = 8, autocast: str | None = None,
                 cfg_options: Mapping | None = None, sha256: str | None = None, trusted: bool = False,
                 ignore_keys: Sequence[str] = ()):
        if autocast not in _PRECISIONS:
            raise ValueError(f"autocast is None, 'bf16' or 'fp16', got {autocast!r}")
        if batch_size < 1:
            raise ValueError(f'batch_size must be at least 1, got {batch_size}')
        built = build_expert(config, checkpoint, classes, cfg_options, sha256, trusted, ignore_keys)
        super().__init__(built.network)
        if getattr(self.network, 'data_preprocessor', None) is None:
            raise ValueError(f'{type(self.network).__name__} has no data preprocessor, so its normalisation is unknown')
        self.network.to(memory_format=torch.channels_last)  # a CPU takes a third of the time less
        self.batch_size, self.autocast = batch_size, autocast
        if autocast is not None:
            _lower_precision(self.network, _PRECISIONS[autocast])
        self.rule: InputRule = input_rule(built.config, input_size, self.default_divisor())
        if getattr(self.network.data_preprocessor, 'test_cfg', None):  # mmseg's own pads, and notes by how much
            self.rule = self.rule._replace(divisor=1, square=False)
        self.model_classes = tuple(built.card['classes'])
        lookup = list(range(len(self.model_classes)))
        self.classes = self.model_classes
        if class_map is not None:
            lookup = train_id_lookup(self.model_classes, load_class_map(class_map))
            self.classes = CITYSCAPES_CLASSES
        # 256 entries, so that 255 and what a model calls void stay unlabelled; moves with the expert, is never saved
        lookup += [UNLABELLED] * (max(256, len(lookup) + 1) - len(lookup))
        self.register_buffer('lookup', torch.tensor(lookup), persistent=False)
        size = input_size if input_size is None or isinstance(input_size, str) else list(input_size)
        self.card = dict(built.card, class_map=_describe(class_map), input_size=size, autocast=autocast)

    def default_divisor(self) -> int | None:
        """Multiples that this kind of model needs its sides to be of; None for what its test pipeline says."""
        return None

    @property
    def package(self) -> str:
        """``mmdet`` for its detectors and panoptic models, ``mmseg`` for segmentors; also for models derived from them.

        Raises:
            TypeError: The model is derived from neither.
        """
        roots = {base.__module__.split('.')[0] for base in type(self.network).__mro__}
        for name in ('mmdet', 'mmseg'):
            if name in roots:
                return name
        raise TypeError(f'an expert is a model of mmseg or mmdet, {type(self.network).__name__} is of {sorted(roots)}')

    def normalised(self, images: Tensor) -> Tensor:
        """Pictures resized, padded and normalised as the network takes them; gradients pass through.

        Args:
            images: N,3,H,W RGB, uint8 or floating point in [-1, 1].
        """
        return self._preprocess(images)['inputs']

    def predict(self, images: Tensor) -> Iterator[Any]:
        """The samples that the network's own ``predict`` gives, one per picture, without gradient."""
        for part in images.split(self.batch_size) if len(images) else ():
            with torch.no_grad():
                data = self._preprocess(part)
                found = self.network(data['inputs'], data['data_samples'], mode='predict')
            yield from found

    def _preprocess(self, images: Tensor) -> dict:
        pixels, size = self.rule.apply(to_pixels(images.to(self.lookup.device)))
        if images.dtype == torch.uint8:
            pixels = pixels.round()  # the pipelines resize bytes
        samples = [self._sample(images.shape[-2:], size, tuple(pixels.shape[-2:])) for _ in pixels]
        bgr = pixels.flip(1)  # the pipelines of mmseg and mmdet load BGR; their data preprocessor knows what to do
        return self.network.data_preprocessor(dict(inputs=list(bgr), data_samples=samples), False)

    def _sample(self, original: Sequence[int], resized: tuple[int, int], padded: tuple[int, int]) -> Any:
        (height, width), (rows, columns) = original, resized
        meta = dict(ori_shape=(height, width), img_shape=resized, pad_shape=padded, img_id=0,
                    scale_factor=(columns / width, rows / height))
        if self.package == 'mmdet':
            from mmdet.structures import DetDataSample as Sample
        else:
            from mmseg.structures import SegDataSample as Sample
            meta['img_shape'] = padded
            meta['img_padding_size'] = (0, padded[1] - columns, 0, padded[0] - rows)
        return Sample(metainfo=meta)

    def extra_repr(self) -> str:
        return f'{super().extra_repr()}, {self.card["config"]}, {len(self.model_classes)} classes'


def _lower_precision(network: nn.Module, dtype: torch.dtype) -> None:
    """Make a network's ``extract_feat``, through which all of mmseg and mmdet goes, compute in 16 bit."""
    extract = network.extract_feat

    def extract_feat(inputs: Tensor, *args: Any, **kwargs: Any) -> Any:
        with torch.autocast(inputs.device.type, dtype):
            features = extract(inputs, *args, **kwargs)
        return type(features)(feature.float() for feature in features)

    network.extract_feat = extract_feat


def _describe(class_map: Any) -> Any:
    return dict(class_map) if isinstance(class_map, Mapping) else None if class_map is None else str(class_map)
