"""Experts by the name that a user gives on a command line."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

from mmengine.config import Config
from torch import nn

from nightgen.registry import MODELS

from .building import shipped_file

KINDS = dict(segmentation=('segmentation_expert', 'panoptic_expert'), detection=('detection_expert',))
"""Names in expert files (``configs/_base_/experts``) by kind."""

_TYPES = dict(segmentation=('SegmentationExpert', 'FolderSegmentationExpert'),
              detection=('DetectionExpert', 'FolderDetectionExpert'))


def expert_config(source: str | Path, kind: str, checkpoint: str | Path | None = None, **options: Any) -> dict:
    """The config of an expert.

    Args:
        source: An expert file such as ``configs/_base_/experts/ocrnet_hr48_cityscapes.py`` (``nightgen::_base_/...``
            for the ones shipped); a config of mmseg or mmdet; or answers made elsewhere: a folder of label maps, a
            JSON file of boxes.
        kind: ``segmentation`` or ``detection``.
        checkpoint: Weights; needed for a config of mmseg or mmdet, for an expert file instead of its own.
        **options: Arguments of the expert instead of those in the file; None is left out.

    Raises:
        ValueError: The file holds no expert of this kind, or a config without a checkpoint.
    """
    options = {key: value for key, value in options.items() if value is not None}
    path = Path(source).expanduser()
    if kind == 'segmentation' and path.is_dir():
        return dict(type='FolderSegmentationExpert', folder=str(source))
    if kind == 'detection' and path.suffix == '.json':
        options = {key: value for key, value in options.items() if key == 'class_map'}
        return dict(type='FolderDetectionExpert', file=str(source), **options)
    if '::' not in str(source) and not path.is_file():
        raise FileNotFoundError(f'the expert {source} does not exist')
    content = Config.fromfile(str(shipped_file(source) or path))
    if checkpoint is not None:
        options['checkpoint'] = str(checkpoint)
    found = [name for name in KINDS[kind] if name in content]
    if found:
        return {**copy.deepcopy(content[found[0]].to_dict()), **options}
    others = [name for names in KINDS.values() for name in names if name in content]
    if others:
        raise ValueError(f'{source} holds {", ".join(others)}, no {kind} expert')
    if checkpoint is None:
        raise ValueError(f'{source} is a config of a model, so its checkpoint is needed too')
    return dict(type=_TYPES[kind][0], config=str(source), **options)


def load_expert(source: str | Path, kind: str, checkpoint: str | Path | None = None, **options: Any) -> nn.Module:
    """Build the expert of :func:`expert_config`."""
    return MODELS.build(expert_config(source, kind, checkpoint, **options))
