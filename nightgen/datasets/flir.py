"""FLIR ADAS v1 (FLIR Thermal Starter 1.3), prepared or as distributed."""

from typing import Any

from mmengine.fileio import exists, join_path

from nightgen.registry import DATASETS

from .thermal import ThermalDataset

LAST_TRAIN_FRAME = 8862
NATIVE_FOLDERS = dict(day=('RGB',), thermal=('thermal_8_bit', 'PreviewData'))
"""Of the release 1.3, and of the one of 2018."""
NATIVE_EXTENSIONS = ('.jpeg', '.jpg', '.png')


@DATASETS.register_module()
class FLIRDataset(ThermalDataset):
    """FLIR ADAS v1 by the published lists: 5,447 days and 2,899 thermal nights to train, 490 thermal nights to test.

    Native: ``{train,val}/RGB/FLIR_00002.jpg`` and ``{train,val}/thermal_8_bit/FLIR_08863.jpeg``; colour and thermal
    pictures are not registered. Prepared pictures, 360x288, come from ``tools/dataset_converters/flir.py``.

    Args:
        data_root: For the native layout the folder that holds ``train`` and ``val``.
        **kwargs: Of :class:`~.thermal.ThermalDataset`.
    """

    dataset = 'flir'

    def __init__(self, data_root: str = 'data/flir', **kwargs: Any):
        super().__init__(data_root=data_root, **kwargs)

    def native_path(self, name: str) -> str:
        candidates = native_candidates(name, self.rendering)
        found = (path for path in candidates
                 if exists(join_path(self.data_root, path), backend_args=self.backend_args))
        return next(found, candidates[0])


def native_candidates(name: str, rendering: str) -> list[str]:
    """Where releases of FLIR ADAS v1 keep a frame, most usual first, below the folder that holds ``train``."""
    part = 'train' if int(name.rsplit('_', 1)[1]) <= LAST_TRAIN_FRAME else 'val'
    extensions = NATIVE_EXTENSIONS if rendering == 'thermal' else ('.jpg', '.jpeg', '.png')
    return [f'{part}/{folder}/{name}{extension}' for folder in NATIVE_FOLDERS[rendering] for extension in extensions]
