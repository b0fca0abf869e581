"""What the tools that write label maps share: one PNG an image, written atomically, and reruns that go on."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch

from nightgen.apis.files import check_targets, find_pictures, write_picture
from nightgen.apis.pseudo_labels import batches
from nightgen.utils.progress import ProgressBar
from nightgen.utils.ranges import Range

Labeller = Callable[[torch.Tensor, list[str]], torch.Tensor]


def label_folder(source: Path, out: Path, batch_size: int, value_range: Range, build: Callable[[], Labeller]) -> int:
    """Write ``out/<key>.png`` for every picture of ``source``; those that are there stay.

    Args:
        source: Picture, or folder of pictures.
        out: Folder to write to.
        batch_size: Pictures of one size that are labelled together.
        value_range: Of the pictures' numbers, see :func:`nightgen.utils.ranges.to_range`.
        build: Called if there is anything to do; gives a function from pictures N,3,H,W uint8 and their keys (paths
            inside the folder without the ending) to label maps N,H,W.

    Returns:
        Number of pictures.

    Raises:
        ValueError: A label map would overwrite a picture or another label map.
    """
    found = find_pictures(source)
    targets = {name: out / Path(name).with_suffix('.png') for _, name in found}
    check_targets((path for path, _ in found), targets.values())
    if all(target.is_file() for target in targets.values()):
        print(f'{out}: all {len(targets)} label maps are there')
        return len(targets)
    labeller = build()
    bar = ProgressBar('labelling', len(targets))
    for names, pictures in batches(source, batch_size, value_range):
        if not all(targets[name].is_file() for name in names):
            labels = labeller(pictures, [str(Path(name).with_suffix('')) for name in names])
            for name, label in zip(names, labels.cpu(), strict=True):
                write_picture(targets[name], label.numpy().astype(np.uint8))
        bar.update(len(names))
    bar.close()
    return len(targets)
