"""The KAIST multispectral pedestrian data set, prepared or as distributed."""

import re
from pathlib import PurePath
from typing import Any

from nightgen.registry import DATASETS

from .splits import kaist_parts
from .thermal import ThermalDataset

NATIVE_FOLDERS = dict(day='visible', thermal='lwir')


@DATASETS.register_module()
class KAISTDataset(ThermalDataset):
    """KAIST by the published lists: 1,674 days and 1,359 thermal nights to train, 500 thermal nights to test.

    Native: ``images/set04/V001/{visible,lwir}/I02120.jpg``, 640x512. Prepared pictures, 360x288, come from
    ``tools/dataset_converters/kaist.py``.

    Args:
        data_root: For the native layout the folder that holds ``images``.
        **kwargs: Of :class:`~.thermal.ThermalDataset`.
    """

    dataset = 'kaist'

    def __init__(self, data_root: str = 'data/kaist', **kwargs: Any):
        super().__init__(data_root=data_root, **kwargs)

    def native_path(self, name: str) -> str:
        return native_path(name, self.rendering)

    def name_of(self, path: str) -> str:
        group, sequence, _, frame = PurePath(path).with_suffix('').parts[-4:]
        return f'set{int(group[3:])}_{int(sequence[1:])}_{frame}'


def native_path(name: str, rendering: str) -> str:
    """Where KAIST keeps a frame of the published lists."""
    group, sequence, frame = kaist_parts(name)
    return f'images/{group}/{sequence}/{NATIVE_FOLDERS[rendering]}/{frame}.jpg'


def read_annotation(text: str, source: str) -> list[tuple[str, tuple[float, float, float, float]]]:
    """Boxes of a KAIST annotation (``% bbGt version=3``): class and left, top, right, bottom.

    Args:
        text: Lines of class, left, top, width, height and flags.
        source: The file's name, for the message.

    Raises:
        ValueError: A line of another form.
    """
    boxes = []
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip() or line.startswith('%'):
            continue
        match = re.match(r'(person\?a?|\S+)\s+(\S+)\s+(\S+)\s+(\S+)\s+(\S+)', line)
        try:
            left, top, width, height = (float(value) for value in match.groups()[1:])
        except (AttributeError, ValueError) as error:
            raise ValueError(f'{source}, line {number} is no box (class left top width height): {line!r}') from error
        boxes.append((match.group(1), (left, top, left + width, top + height)))
    return boxes
