"""Images in, translated images out, in one object."""

import os
import warnings
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import numpy as np
import torch
from mmengine.config import Config
from PIL import Image

from nightgen.models.translators import ColorizationTranslator
from nightgen.registry import INFERENCERS
from nightgen.utils.batches import equal_batches
from nightgen.utils.counts import check_numbers
from nightgen.utils.devices import chosen_device
from nightgen.utils.images import IMAGE_EXTENSIONS, decode_image, read_image
from nightgen.utils.ranges import Range, checked_range, to_range
from nightgen.utils.shipped import shipped_weights

from .colorization import PhotoColorization, translation_of
from .files import check_targets, find_pictures, output_name, read_beside, write_picture
from .model import init_model
from .steadying import SteadyTranslation
from .translation import Named, as_picture
from .video import VideoReader, translate_video

Picture = str | os.PathLike | bytes | np.ndarray | Image.Image
_FILE = str | os.PathLike


@INFERENCERS.register_module()
class NightgenInferencer:
    """Translates pictures with a trained model, at their native sizes.

    Args:
        config_or_name: A config's path, ``nightgen::n2d_lpnet/bdd100k.py``, a shipped model's name, or a Config.
        weights: A checkpoint file. None takes the shipped model's published weights; a model that has none keeps the
            weights that training starts from, with a warning.
        device: By default a GPU where there is one.
        precision: ``fp32``, ``bf16``, ``fp16`` or ``exact``, see :class:`~.translation.ImageTranslation`.
        direction: (source, target) or the target's name; by default what the method exists for.
        trusted: Load a checkpoint that carries code; for files of known origin only.
        range: Which numbers of a picture are black and white: ``full``, ``10bit``, ``12bit``, ``14bit``, ``minmax``,
            ``percentile`` or two numbers (:func:`~nightgen.utils.ranges.to_range`); as in training.

    Raises:
        nightgen.utils.cli.UsageError: No such device here.

    Example:
        >>> inferencer = NightgenInferencer('nightgen::n2d_lpnet/bdd100k.py', 'work_dirs/bdd100k/iter_100000.pth')
        >>> day = inferencer('night.jpg', out_dir='days')['predictions'][0]
    """

    def __init__(self, config_or_name: str | os.PathLike | Config, weights: str | os.PathLike | None = None,
                 device: str | torch.device | None = None, precision: str = 'fp32',
                 direction: tuple[str, str] | str | None = None, trusted: bool = False, range: Range = 'full'):
        self.device, self.range = chosen_device(device), checked_range(range)
        if weights is None and not isinstance(config_or_name, Config):
            weights = shipped_weights(str(config_or_name))
        if weights is None:
            warnings.warn(f'{config_or_name}: no weights were given and none are published; the images will come '
                          'from an untrained network', stacklevel=2)
        self.model = init_model(config_or_name, weights, self.device, trusted)
        self.translation = translation_of(self.model, direction, precision)

    def __call__(self, inputs: Picture | Sequence[Picture], out_dir: str | os.PathLike | None = None,
                 batch_size: int = 1, named: Named | None = None,
                 beside: Mapping[str, str | os.PathLike] | None = None) -> dict[str, list[np.ndarray]]:
        """Translate pictures.

        Args:
            inputs: A picture's path, a folder (its pictures, sub-folders included, in natural order), an array (H,W or
                H,W,C, uint8 or uint16, RGB), a PIL image, the bytes of a picture's file, or a list of them.
            out_dir: Also write the results there: under the inputs' names, folders' structure kept; the result of what
                is no file is named by its number.
            batch_size: How many pictures of one size run together.
            named: By name, what the network takes beside each picture (a label map, say): as many arrays as there are
                pictures, in their order; see :func:`~.translation.check_named`.
            beside: In place of arrays, folders by name, with ``<name of the picture>.png`` for every file of the
                inputs (of a folder: its path inside the folder): ``dict(label='label_maps')``.

        Returns:
            ``dict(predictions=[uint8 H,W,3 RGB])`` in the order of the inputs.

        Raises:
            FileNotFoundError: A path that does not exist, or a folder without pictures.
            nightgen.utils.images.BrokenImageError: A picture that cannot be read whole, named.
            TypeError, ValueError: An array that is no picture, two results that would have the same file name, folders
                beside what is no file, or a name in both ``named`` and ``beside``.
        """
        if batch_size < 1:
            raise ValueError(f'batch_size must be at least 1, got {batch_size}')
        jobs = list(self._jobs(inputs))
        targets = self._targets(jobs, out_dir)
        if beside:
            self.model.check_named({*(named or {}), *beside}, self.translation.direction)
        if double := sorted(set(named or {}) & set(beside or {})):
            raise ValueError(f'{double} is given by name and in a folder; one of them is enough')
        for name, arrays in (named or {}).items():
            if len(arrays) != len(jobs):
                raise ValueError(f'{len(jobs)} images and {len(arrays)} of {name!r}: one for each is needed')
        check_numbers([item for item, _ in jobs if isinstance(item, str)], 'the inputs', self.range)
        predictions: list[np.ndarray] = []
        for batch in equal_batches(jobs, batch_size):
            here = slice(len(predictions), len(predictions) + len(batch))
            here_named = {name: arrays[here] for name, arrays in (named or {}).items()}
            here_named.update(self._read_beside(batch, beside or {}))
            results = self.translation([self._picture(*job) for job in batch], here_named)
            for target, picture in zip(targets[here], results, strict=bool(targets)):
                write_picture(target, picture)
            predictions += results
        return dict(predictions=predictions)

    def _picture(self, item: Picture, name: str) -> np.ndarray:
        """H,W,3 of a path or of what a picture is in memory; ``name`` is that of its result."""
        if isinstance(item, str):
            return read_image(item, value_range=self.range)
        if isinstance(item, bytes):
            return decode_image(item, f'<bytes of input {int(Path(name).stem)}>', value_range=self.range)
        return to_range(as_picture(item), self.range)

    def _read_beside(self, batch: Sequence[tuple[Picture, str]], folders: Mapping[str, str | os.PathLike]
                     ) -> dict[str, list[np.ndarray]]:
        """By name, what lies in the folders beside a batch of files."""
        if not folders:
            return {}
        if not all(isinstance(item, str) for item, _ in batch):
            raise TypeError('beside=... finds things by the names of files; beside arrays give named=...')
        kinds = {name: self.model.data_preprocessor.kind_of(name) for name in folders}
        read = [read_beside(kinds, {name: Path(folder) for name, folder in folders.items()},
                            Path(name).with_suffix('').as_posix()) for _, name in batch]
        return {name: [found[name] for found in read] for name in folders}

    def video(self, source: str | os.PathLike, target: str | os.PathLike, batch_size: int = 1,
              steady: float = 0.0) -> int:
        """Translate a video frame by frame; its sound goes along where PyAV is installed.

        Args:
            source: A file that OpenCV can read.
            target: The file to write (``.mp4``, ``.avi``, ...); replaced when all is done.
            batch_size: How many frames run together.
            steady: Hold still what does not change in the video, see
                :class:`~nightgen.apis.steadying.SteadyTranslation`; 0 for off, 0.8 is a good strength.

        Returns:
            The number of frames.

        Raises:
            nightgen.apis.video.BrokenVideoError: It cannot be read, or not to its end.
            OSError, ValueError: The result cannot be written there.
        """
        if self.range != 'full':
            raise ValueError(f"range={self.range!r} is for images; the frames of a video have 8 bits")
        translate = SteadyTranslation(self.translation, steady) if steady else self.translation
        return translate_video(VideoReader(source), Path(target), translate, batch_size).frames

    @staticmethod
    def _jobs(inputs: Picture | Sequence[Picture]) -> Iterator[tuple[Picture, str]]:
        """Every picture (a path or what it is in memory) and the name of its result inside the output folder."""
        for number, item in enumerate([inputs] if isinstance(inputs, Picture) else inputs):
            if isinstance(item, bytes | np.ndarray | Image.Image):
                yield item, f'{number:06d}.png'
            elif isinstance(item, _FILE):
                for path, name in find_pictures(item):
                    yield str(path), output_name(name)
            else:
                raise TypeError('inputs are paths, folders, arrays, PIL images, bytes or lists of them, got '
                                f'{type(item).__name__}; images end in {" ".join(IMAGE_EXTENSIONS)}')

    @staticmethod
    def _targets(jobs: list, out_dir: str | os.PathLike | None) -> list[Path]:
        if out_dir is None:
            return []
        targets = [Path(out_dir) / name for _, name in jobs]
        check_targets([Path(item) for item, _ in jobs if isinstance(item, str)], targets)
        return targets


@INFERENCERS.register_module()
class ColorizationInferencer(NightgenInferencer):
    """Gives grey photos colours; of colour photos it takes the light and dark and gives them others.

    Called as :class:`NightgenInferencer`, with pictures of any sizes; the results have the sizes of the inputs. Alpha
    is dropped; 16 bits are read in full and the result has 8.

    Args:
        config_or_name: A config's path, ``nightgen::cgan_colorization/imagenet_ibn_sn_md.py``, a shipped model's name,
            or a Config.
        weights: As in :class:`NightgenInferencer`.
        device: By default a GPU where there is one.
        size: Height and width at which the network sees a picture; by default what the model was trained with. More
            gives colours finer borders, at the price of a network that sees less of the scene than it is used to.
        precision, trusted, range: As in :class:`NightgenInferencer`.

    Raises:
        TypeError: The config is not of a colorizer.

    Example:
        >>> inferencer = ColorizationInferencer('cgan_colorization_imagenet_ibn_sn_md', 'iter_625000.pth')
        >>> inferencer('old_photos', out_dir='in_colour', batch_size=8)
    """

    def __init__(self, config_or_name: str | os.PathLike | Config, weights: str | os.PathLike | None = None,
                 device: str | torch.device | None = None, size: Sequence[int] | None = None, precision: str = 'fp32',
                 trusted: bool = False, range: Range = 'full'):
        super().__init__(config_or_name, weights, device, precision, None, trusted, range)
        if not isinstance(self.model, ColorizationTranslator):
            raise TypeError(f'{config_or_name} is of a {type(self.model).__name__}, which does not colorize; use '
                            'NightgenInferencer')
        if size is not None:
            self.translation = PhotoColorization(self.model, None, precision, size)
