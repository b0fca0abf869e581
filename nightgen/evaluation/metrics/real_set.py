"""Statistics of the real pictures that a distance compares with: each file read once, by some rank, and kept."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from mmengine.dataset import BaseDataset
from torch import Tensor

from nightgen.registry import DATASETS
from nightgen.utils.batches import equal_batches
from nightgen.utils.files import whole_file
from nightgen.utils.images import image_to_tensor, read_image, to_uint8


def as_rgb(image: Tensor | np.ndarray) -> Tensor:
    """A picture C,H,W (tensor or array, 8 or 16 bit, 1 or 3 channels) as uint8 3,H,W, on its device."""
    image = torch.as_tensor(image)
    if image.dtype != torch.uint8:
        image = torch.from_numpy(to_uint8(image.cpu().numpy()))
    return image.expand(3, *image.shape[1:]) if image.shape[0] == 1 else image


def equal_sized(images: Iterable[Tensor], batch_size: int) -> Iterator[Tensor]:
    """Stacks neighbours of one size: N,3,H,W with N at most ``batch_size``; the order is kept."""
    return map(torch.stack, equal_batches(images, batch_size, lambda image: image.shape))


def beside_evaluated(dataset: Mapping | BaseDataset, meta: Mapping | None, who: str) -> BaseDataset:
    """A data set that a metric needs, built; ``data_root='auto'`` in its config is that of the evaluated data set.

    Args:
        dataset: Config, or a built one.
        meta: Meta information of the evaluated data set (``dataset_meta`` of a metric).
        who: Name for the message.

    Raises:
        ValueError: ``auto``, and the evaluated data set does not say where it is.
    """
    if not isinstance(dataset, Mapping):
        return dataset
    dataset = dict(dataset)
    if dataset.get('data_root') == 'auto':
        if not (meta or {}).get('data_root'):
            raise ValueError(f"{who}: data_root='auto' is that of the evaluated data set, which does not say its own; "
                             f'give a folder to {dataset["type"]}')
        dataset['data_root'] = meta['data_root']
    return DATASETS.build(dataset)


def file_list(dataset: Mapping | BaseDataset, meta: Mapping | None, who: str) -> list[str]:
    """Paths of a data set's pictures; the arguments are those of :func:`beside_evaluated`.

    Raises:
        ValueError: it has none, does not say where they are, or reads them in another range than theirs.
    """
    dataset = beside_evaluated(dataset, meta, who)
    infos = [dataset.get_data_info(index) for index in range(len(dataset))]
    paths = [info.get('img_path') for info in infos]
    if not paths or not all(isinstance(path, str) for path in paths):
        raise ValueError(f'{type(dataset).__name__} gives no img_path of single images; a data set of one domain is '
                         'expected')
    if any(info.get('range', 'full') != 'full' for info in infos):
        raise ValueError(f'{type(dataset).__name__}: real images are compared as they are, without a range')
    return paths


def fingerprint(identity: Mapping, paths: Sequence[str]) -> str:
    """Hash of an extractor's identity and of names, sizes and times of files: what cached statistics belong to."""
    files = []
    for path in paths:
        state = os.stat(path) if os.path.exists(path) else None
        files.append([os.path.abspath(path), state and state.st_size, state and state.st_mtime_ns])
    return hashlib.sha256(json.dumps([dict(identity), files], sort_keys=True).encode()).hexdigest()


def read_batches(paths: Sequence[str], batch_size: int) -> Iterator[Tensor]:
    """The pictures, whole, as uint8 RGB batches of one size each."""
    return equal_sized((image_to_tensor(to_uint8(read_image(path))) for path in paths), batch_size)


def cached(folder: str | Path | None, name: str, make: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    """Arrays from ``folder/name.npz``; made, and written there whole, where they are not; only made for None."""
    if folder is None:
        return make()
    path = Path(folder).expanduser() / f'{name}.npz'
    if path.is_file():
        with np.load(path, allow_pickle=False) as content:
            return dict(content)
    made = make()
    with whole_file(path) as partial, partial.open('wb') as file:
        np.savez(file, **made)
    return made
