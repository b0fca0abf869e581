"""Published training and test lists, kept as ranges of frame numbers in the data files beside this one."""

import json
import re
from functools import cache
from pathlib import Path

LISTS = ('train_day', 'train_night', 'test_day', 'test_night')
"""Training days and nights, and test days (a few examples) and nights, of FLIR ADAS v1 and KAIST."""

_FOLDER = Path(__file__).parent


def _numbers(text: str) -> list[int]:
    found = []
    for part in text.split(','):
        first, last, step = re.fullmatch(r'(\d+)(?:-(\d+)(?:/(\d+))?)?', part).groups()
        found += range(int(first), int(last or first) + 1, int(step or 1))
    return found


@cache
def split_names(dataset: str, split: str) -> tuple[str, ...]:
    """Names of a published list, sorted, without their ending (morngan spec 4.3).

    Args:
        dataset: ``flir`` or ``kaist``.
        split: One of :data:`LISTS`; 5,447, 2,899, 10 and 490 frames of FLIR, 1,674, 1,359, 15 and 500 of KAIST.

    Returns:
        ``FLIR_00002`` ..., and ``set0_4_I02060`` ... (set, video, frame; only the frame padded), as listed.

    Raises:
        ValueError: Another data set or list.
    """
    path = _FOLDER / f'{dataset}.json'
    if not path.is_file() or split not in LISTS:
        known = ', '.join(sorted(file.stem for file in _FOLDER.glob('*.json')))
        raise ValueError(f'no list {dataset} {split}; there are {", ".join(LISTS)} of {known}')
    content = json.loads(path.read_text())['lists'][split]
    if isinstance(content, str):
        return tuple(f'FLIR_{number:05d}' for number in _numbers(content))
    names = []
    for video, frames in content.items():
        group, sequence = (int(part) for part in re.findall(r'\d+', video))
        names += [f'set{group}_{sequence}_I{number:05d}' for number in _numbers(frames)]
    return tuple(names)


def kaist_parts(name: str) -> tuple[str, str, str]:
    """Set, video and frame of a name of KAIST as its folders have them.

    ``set4_1_I02120`` and ``set04_V001_I02120`` both give ``('set04', 'V001', 'I02120')``.

    Raises:
        ValueError: No name of a KAIST frame.
    """
    match = re.fullmatch(r'set(\d+)_V?(\d+)_I(\d+)', name)
    if match is None:
        raise ValueError(f'{name!r} is no name of a KAIST frame, such as set4_1_I02120')
    group, sequence, frame = (int(part) for part in match.groups())
    return f'set{group:02d}', f'V{sequence:03d}', f'I{frame:05d}'
