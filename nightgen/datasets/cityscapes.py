"""Cityscapes in the layout of its download, with label ids turned into train ids."""

from typing import Any

import numpy as np
from mmcv.transforms import BaseTransform
from mmengine.fileio import join_path

from nightgen.registry import DATASETS, TRANSFORMS

from .image_folder import ImageFolderDataset

SPLITS = ('train', 'val', 'test', 'train_extra')
TRAIN_IDS = {7: 0, 8: 1, 11: 2, 12: 3, 13: 4, 17: 5, 19: 6, 20: 7, 21: 8, 22: 9, 23: 10, 24: 11, 25: 12, 26: 13, 27: 14,
             28: 15, 31: 16, 32: 17, 33: 18}
"""Train id of each label id that has one."""
LABEL_IDS = 34
"""Label ids are 0 to 33."""

_IMAGE, _LABEL = '_leftImg8bit', '_gtFine_labelIds.png'


def label_ids_to_train_ids(label: np.ndarray, source: str = 'label map') -> np.ndarray:
    """Cityscapes label ids (0 to 33) as train ids, 255 where there is none.

    Args:
        label: H,W integers.
        source: Name for the message.

    Raises:
        ValueError: Values that are no label ids.
    """
    if label.max(initial=0) >= LABEL_IDS:
        raise ValueError(f'{source} holds {int(label.max())}: label ids of Cityscapes are 0 to {LABEL_IDS - 1}')
    table = np.full(LABEL_IDS, 255, np.uint8)
    table[list(TRAIN_IDS)] = list(TRAIN_IDS.values())
    return table[label]


@TRANSFORMS.register_module()
class LabelIdsToTrainIds(BaseTransform):
    """Turns Cityscapes label ids under ``key`` into train ids; goes after ``LoadImage(key='label', mode='label')``."""

    def __init__(self, key: str = 'label'):
        self.key = key

    def transform(self, results: dict) -> dict:
        results[self.key] = label_ids_to_train_ids(results[self.key], str(results.get(f'{self.key}_path', self.key)))
        return results

    def __repr__(self) -> str:
        return f"LabelIdsToTrainIds(key='{self.key}')"


@DATASETS.register_module()
class CityscapesDayDataset(ImageFolderDataset):
    """Cityscapes frames (2048x1024, all by day): ``leftImg8bit/<split>/<city>/*_leftImg8bit.png``.

    Each sample has ``label_path``, the file of label ids in ``gtFine``; load it with
    ``dict(type='LoadImage', key='label', mode='label'), dict(type='LabelIdsToTrainIds')``. ``key`` is the path without
    ``_leftImg8bit`` (``aachen/aachen_000000_000019``).

    Args:
        data_root: The folder that holds ``leftImg8bit`` and ``gtFine``.
        split: ``train``, ``val``, ``test`` or ``train_extra``.
        cities: Only these; None for all.
        **kwargs: Of :class:`ImageFolderDataset`; ``domain`` is ``day`` unless given.
    """

    recorded = ('label',)

    def __init__(self, data_root: str = 'data/cityscapes', split: str = 'train', cities: tuple[str, ...] | None = None,
                 domain: str = 'day', **kwargs: Any):
        if split not in SPLITS:
            raise ValueError(f'CityscapesDayDataset: split must be of {SPLITS}, got {split!r}')
        self.split, self.cities = split, None if cities is None else tuple(cities)
        super().__init__(data_root=data_root, data_prefix=dict(img=f'leftImg8bit/{split}'), domain=domain, **kwargs)

    def accepts(self, name: str) -> bool:
        return name.endswith(f'{_IMAGE}.png') and (self.cities is None or name.split('/')[0] in self.cities)

    def wanted(self) -> str:
        return f'<city>/*{_IMAGE}.png' + ('' if self.cities is None else f' of {", ".join(self.cities)}')

    def make_info(self, folder: str, name: str) -> dict:
        info = super().make_info(folder, name)
        info['key'] = info['key'].removesuffix(_IMAGE)
        info['label_path'] = join_path(self.data_root, 'gtFine', self.split, f'{info["key"]}{_LABEL}')
        return info
