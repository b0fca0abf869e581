"""What FLIR ADAS and KAIST share: published lists, a prepared layout, and pictures beside the pictures."""

from __future__ import annotations

import logging
from pathlib import PurePath
from typing import Any

from mmengine.fileio import exists, join_path
from mmengine.logging import print_log

from .image_folder import ImageFolderDataset
from .splits import split_names

DOMAINS = dict(day='day', thermal='night')
"""The published lists show days in colour, and nights thermally."""


class ThermalDataset(ImageFolderDataset):
    """Pictures of one published list, as the converter wrote them or as the data set is distributed.

    Prepared: ``<split>/<rendering>/<name>.png``, and where there are any ``<split>/label/<name>.png`` and
    ``<split>/boxes_<rendering>.json``, which ``SingleDomainDataset(label='auto', boxes='auto')`` reads for metrics.
    Native: the folders of the download, which subclasses know. Every image of the list must be there, unless
    ``allow_missing``. Label maps that an expert made for training are ``<split>/label_<rendering>/<name>.png``.

    Args:
        data_root: Root of either layout.
        split: ``train`` or ``test``.
        rendering: ``day`` (colour pictures of the day) or ``thermal`` (thermal pictures of the night).
        native: Read the download instead of the prepared pictures.
        allow_missing: Use what is there of the list; how many are missing goes into the log. Numbers on a part of a
            test list are not those that papers state.
        **kwargs: Of :class:`ImageFolderDataset`; ``domain`` is the rendering unless given.

    Raises:
        FileNotFoundError: Images of the list are missing, or all of them with ``allow_missing``; says how many, and the
            command that prepares them.
    """

    dataset = ''
    expert = 'nightgen::_base_/experts/ocrnet_hr48_cityscapes.py'

    def __init__(self, data_root: str, split: str = 'train', rendering: str = 'thermal', native: bool = False,
                 domain: str | None = None, allow_missing: bool = False, **kwargs: Any):
        who = type(self).__name__
        if split not in ('train', 'test') or rendering not in DOMAINS:
            raise ValueError(f"{who}: split must be train or test and rendering day or thermal, got split={split!r}, "
                             f'rendering={rendering!r}')
        self.split, self.rendering, self.native, self.allow_missing = split, rendering, native, allow_missing
        prefix = '' if native else f'{split}/{rendering}'
        super().__init__(data_root=data_root, data_prefix=dict(img=prefix), domain=domain or rendering, **kwargs)

    def native_path(self, name: str) -> str:
        """Where the download has the picture of this name, below ``data_root``."""
        raise NotImplementedError(f'{type(self).__name__} must say where its download has images')  # abstract

    def known_folder(self, entry: str, data_root: str) -> str | None:
        return join_path(data_root, self.split, f'label_{self.rendering}') if entry == 'label' else None

    def label_folder(self) -> str:
        return join_path(self.data_root, self.split, 'label')

    def box_file(self) -> str:
        return join_path(self.data_root, self.split, f'boxes_{self.rendering}.json')

    def names_in_folder(self, folder: str) -> list[str]:
        names = [self.native_path(name) if self.native else f'{name}.png'
                 for name in split_names(self.dataset, f'{self.split}_{DOMAINS[self.rendering]}')]
        there = [name for name in names if exists(join_path(folder, name), backend_args=self.backend_args)]
        if len(there) < len(names):
            first = next(name for name in names if name not in set(there))
            message = f'{self._who()}: {len(names) - len(there)} of the {len(names)} images of the published list ' \
                f'are not in {self._absolute(folder)}, the first is {first}'
            if not self.allow_missing or not there:
                raise FileNotFoundError(
                    f'{message}; `python tools/dataset_converters/{self.dataset}.py` prepares them, and with --check '
                    'says what is missing' + ('' if self.allow_missing else '; allow_missing=True uses the others'))
            print_log(f'{message}; the others are used (allow_missing)', logger='current', level=logging.WARNING)
        return there

    def make_info(self, folder: str, name: str) -> dict:
        info = super().make_info(folder, name)
        if self.native:
            info['key'] = self.name_of(name)
        return info

    def name_of(self, path: str) -> str:
        """The name in the published list of a native path."""
        return PurePath(path).stem
