"""Dark Zurich in the layout of its download."""

import os
from collections.abc import Sequence

from mmengine.fileio import isdir, join_path

from nightgen.registry import DATASETS

from .image_folder import ImageFolderDataset

SPLITS = ('train', 'val', 'test', 'val_ref', 'test_ref')
TIMES_OF_DAY = ('day', 'twilight', 'night')
_SUFFIX = '_rgb_anon'


@DATASETS.register_module()
class DarkZurichDataset(ImageFolderDataset):
    """Dark Zurich frames (1920x1080): ``rgb_anon/<split>/<timeofday>/GOPRxxxx/*_rgb_anon.png``.

    ``key`` is the path without ``_rgb_anon`` (``train/night/GOPR0351/GOPR0351_frame_000159``), as the official lists
    name frames.

    The 2,567 nights of the N2D-LPNet paper are the 2,416 of train and the 151 of test: ``split=('train', 'test')``.

    Args:
        data_root: the folder that holds ``rgb_anon``.
        split: one of :data:`SPLITS`, or several.
        timeofday: ``day``, ``twilight`` or ``night``.
        **kwargs: of :class:`ImageFolderDataset`. Lines of ``ann_file`` are relative to ``rgb_anon``.
    """

    def __init__(self, data_root: str = 'data/dark_zurich', split: str | Sequence[str] = 'train',
                 timeofday: str = 'night', data_prefix: dict | None = None, **kwargs):
        self.splits = (split,) if isinstance(split, str) else tuple(split)
        unknown = [name for name in self.splits if name not in SPLITS]
        if unknown or timeofday not in TIMES_OF_DAY:
            raise ValueError(f"DarkZurichDataset: split must be of {list(SPLITS)} and timeofday of "
                             f"{list(TIMES_OF_DAY)}, got split={split!r}, timeofday={timeofday!r}")
        self.timeofday = timeofday
        super().__init__(data_root=data_root, data_prefix=data_prefix or dict(img='rgb_anon'), **kwargs)

    def names_in_folder(self, folder: str) -> list[str]:
        names = []
        for split in self.splits:
            part = join_path(folder, split, self.timeofday)
            if not isdir(part, backend_args=self.backend_args):
                raise FileNotFoundError(f'{self._who()}: the image folder {self._absolute(part)} does not exist')
            names += [join_path(split, self.timeofday, name) for name in super().names_in_folder(part)]
        return names

    def accepts(self, name: str) -> bool:
        return os.path.splitext(name)[0].endswith(_SUFFIX)

    def wanted(self) -> str:
        return f'files ending in {_SUFFIX}.png'

    def make_info(self, folder: str, name: str) -> dict:
        info = super().make_info(folder, name)
        info['key'] = info['key'].removesuffix(_SUFFIX)
        return info
