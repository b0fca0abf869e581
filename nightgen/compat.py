"""The one place that knows which versions of torch, numpy, mmengine, mmcv, mmseg and mmdet differ, and how."""

import importlib.util
from importlib import metadata
from typing import NamedTuple

import numpy as np


def plain_numpy_globals() -> list:
    """What numpy's scalars and arrays are pickled with: data, no code."""
    multiarray = (np._core if hasattr(np, '_core') else np.core).multiarray
    dtypes = {type(np.dtype(kind)) for kind in (
        'bool', 'int8', 'int16', 'int32', 'int64', 'uint8', 'uint16', 'uint32', 'uint64',
        'float16', 'float32', 'float64', 'str', 'bytes')}
    names = ((multiarray._reconstruct, 'numpy.core.multiarray._reconstruct'),  # as numpy 1 spelled them
             (multiarray.scalar, 'numpy.core.multiarray.scalar'))
    return [np.ndarray, np.dtype, multiarray._reconstruct, multiarray.scalar, *names, *dtypes]


class Package(NamedTuple):
    """What is installed under an import name.

    ``distribution`` is the name on the package index (the forks differ from the originals), ``tested`` the versions
    that nightgen was run with, ``needed_for`` what does not work without it.
    """

    name: str
    distribution: str | None
    version: str | None
    tested: str
    needed_for: str


_PACKAGES = (
    ('torch', ('torch',), '>= 2.6, tested with 2.13', 'everything'),
    ('numpy', ('numpy',), '1.26 to 2.4', 'everything'),
    ('cv2', ('opencv-python', 'opencv-python-headless', 'opencv-contrib-python'), '4.8 to 5.0', 'everything'),
    ('mmengine', ('mmengine', 'onedl-mmengine'), '0.10.7 (onedl-mmengine 0.10.12)', 'everything'),
    ('mmcv', ('mmcv', 'mmcv-lite', 'onedl-mmcv'), '2.1.0 (onedl-mmcv 2.3.6)', 'everything; with operators for experts'),
    ('mmseg', ('mmsegmentation', 'onedl-mmsegmentation'), '1.2.2 (onedl-mmsegmentation 1.4.2)', 'segmentation experts'),
    ('mmdet', ('mmdet', 'onedl-mmdetection'), '3.3.0 (onedl-mmdetection 3.5.1)', 'detection experts'),
    ('ftfy', ('ftfy',), 'any', 'mmseg 1.2.2, which does not declare it'),
    ('regex', ('regex',), 'any', 'mmseg 1.2.2, which does not declare it'),
    ('pkg_resources', ('setuptools',), '< 81', "mmengine 0.10.7's configs of other packages ('mmseg::...')"),
    ('av', ('av',), '14 to 18', 'videos in H.264 and with their sound'),
    ('matplotlib', ('matplotlib',), 'any', 'plots of tools/analysis_tools/analyze_logs.py'),
    ('tensorboard', ('tensorboard',), 'any', 'the TensorBoard visualizer backend'),
)


def versions() -> list[Package]:
    """What nightgen can use and what of it is installed, without importing any of it."""
    report = []
    for name, distributions, tested, needed_for in _PACKAGES:
        found = [(d, metadata.version(d)) for d in distributions if _installed(d)]
        distribution, version = found[0] if found and _importable(name) else (None, None)
        report.append(Package(name, distribution, version, tested, needed_for))
    return report


def mmcv_has_operators() -> bool:
    """Whether the installed mmcv has its compiled operators; mmcv-lite has not."""
    return _importable('mmcv') and _importable('mmcv._ext')


def _installed(distribution: str) -> bool:
    try:
        metadata.version(distribution)
    except metadata.PackageNotFoundError:
        return False
    return True


def _importable(name: str) -> bool:
    try:
        return importlib.util.find_spec(name) is not None
    except ModuleNotFoundError:
        return False
