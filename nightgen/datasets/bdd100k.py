"""BDD100K in the layout of its download, chosen by time of day and weather."""

import json
from collections.abc import Iterator, Sequence
from pathlib import Path

from mmengine.fileio import exists, get_text, join_path

from nightgen.registry import DATASETS
from nightgen.utils.listing import natural_key

from .image_folder import ImageFolderDataset

TIMES_OF_DAY = ('daytime', 'night', 'dawn/dusk', 'undefined')
WEATHERS = ('clear', 'rainy', 'snowy', 'overcast', 'partly cloudy', 'foggy', 'undefined')


def read_frames(path: str | Path, backend_args: dict | None = None) -> Iterator[dict]:
    """Frames of a BDD100K label file, one by one.

    The training file has more than a gigabyte; parsed at once it would take many. Here only its text and one frame are
    in memory.

    Args:
        path: ``bdd100k_labels_images_*.json``, ``det_*.json`` of the 2020 release, or another list of Scalabel frames
            (bare, or under ``frames``).

    Raises:
        ValueError: the file is not such a list; names it and the place.
    """
    text = get_text(str(path), backend_args=backend_args)
    start = text.find('[') if text.lstrip()[:1] == '[' else text.find('[', max(text.find('"frames"'), 0))
    if start < 0:
        raise ValueError(f'{path} holds no list of frames')
    decoder, position = json.JSONDecoder(), start + 1
    while True:
        while position < len(text) and text[position] in ' \t\r\n,':
            position += 1
        if text[position:position + 1] == ']':
            return
        try:
            frame, position = decoder.raw_decode(text, position)
        except json.JSONDecodeError as error:
            raise ValueError(f'{path} is not whole: {error.msg} at character {error.pos} of {len(text)}') from error
        if not isinstance(frame, dict) or 'name' not in frame:
            raise ValueError(f"{path}: a frame without 'name' before character {position}")
        yield frame


def _choice(values: str | Sequence[str] | None, known: Sequence[str], name: str) -> tuple[str, ...] | None:
    if values is None:
        return None
    values = (values,) if isinstance(values, str) else tuple(values)
    unknown = [value for value in values if value not in known]
    if unknown or not values:
        raise ValueError(f'BDD100K: unknown {name} {unknown}, there are {list(known)}')
    return values


def select_names(frames: Iterator[dict], timeofday: str | Sequence[str] | None = None,
                 weather: str | Sequence[str] | None = None) -> list[str]:
    """File names of the frames with one of these times of day and one of these weathers, sorted.

    Args:
        frames: see :func:`read_frames`.
        timeofday: of :data:`TIMES_OF_DAY`; None for any.
        weather: of :data:`WEATHERS`; None for any.
    """
    times = _choice(timeofday, TIMES_OF_DAY, 'timeofday')
    weathers = _choice(weather, WEATHERS, 'weather')
    chosen = set()
    for frame in frames:
        attributes = frame.get('attributes') or {}
        if (times is None or attributes.get('timeofday') in times) and \
                (weathers is None or attributes.get('weather') in weathers):
            chosen.add(frame['name'])
    return sorted(chosen, key=natural_key)


@DATASETS.register_module()
class BDD100KDataset(ImageFolderDataset):
    """BDD100K frames (1280x720): ``images/100k/<split>/*.jpg`` and ``labels/bdd100k_labels_images_<split>.json``.

    Reading the label file takes a minute for the training split, so runs use lists:
    ``tools/dataset_converters/bdd100k_lists.py`` writes seeded ones, ``ann_file='lists/train_night.txt'`` reads them.

    Args:
        data_root: the folder that holds ``images`` and ``labels``.
        split: ``train``, ``val`` or ``test`` (which has no labels).
        timeofday: ``night``, ``daytime``, ``dawn/dusk``, ``undefined``, or several; None for all.
        weather: e.g. ``clear``, or several; None for all.
        labels: label file, relative to ``data_root``; None for the one of the split.
        **kwargs: of :class:`ImageFolderDataset`; with ``ann_file``, ``timeofday`` and ``weather`` must be None.
    """

    def __init__(self, data_root: str = 'data/bdd100k', split: str = 'train',
                 timeofday: str | Sequence[str] | None = None, weather: str | Sequence[str] | None = None,
                 labels: str | None = None, ann_file: str = '', data_prefix: dict | None = None, **kwargs):
        if ann_file and (timeofday or weather):
            raise ValueError('BDD100KDataset: ann_file is a finished choice; give it or timeofday/weather, not both')
        if split not in ('train', 'val', 'test'):
            raise ValueError(f"BDD100KDataset: split must be train, val or test, got '{split}'")
        self.timeofday = _choice(timeofday, TIMES_OF_DAY, 'timeofday')
        self.weather = _choice(weather, WEATHERS, 'weather')
        self.labels = join_path(data_root, labels or f'labels/bdd100k_labels_images_{split}.json')
        data_prefix = dict(img=f'images/100k/{split}') if data_prefix is None else data_prefix
        super().__init__(data_root=data_root, data_prefix=data_prefix, ann_file=ann_file, **kwargs)

    def names_in_folder(self, folder: str) -> list[str]:
        if self.timeofday is None and self.weather is None:
            return super().names_in_folder(folder)
        if not exists(self.labels, backend_args=self.backend_args):
            raise FileNotFoundError(f'{self._who()}: choosing by {self.wanted()} needs the label file '
                                    f'{self._absolute(self.labels)}, which does not exist')
        names = select_names(read_frames(self.labels, self.backend_args), self.timeofday, self.weather)
        if not names:
            raise FileNotFoundError(f'{self._who()}: no frame with {self.wanted()} in {self.labels}')
        self.check_listed(names, folder, self.labels)
        return names

    def wanted(self) -> str:
        wishes = dict(timeofday=self.timeofday, weather=self.weather)
        return ', '.join(f'{name} {"/".join(value)}' for name, value in wishes.items() if value) or super().wanted()
