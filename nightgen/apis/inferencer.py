"""Images in, translated images out, in one object."""

import os
import warnings
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import torch
from mmengine.config import Config
from mmengine.device import get_device

from nightgen.models.translators import ColorizationTranslator
from nightgen.registry import INFERENCERS
from nightgen.utils.images import IMAGE_EXTENSIONS, read_image

from .colorization import PhotoColorization, translation_of
from .files import check_targets, find_pictures, output_name, write_picture
from .model import init_model
from .translation import Named, as_picture
from .video import VideoReader, translate_video
from .zoo import find_model

Picture = str | os.PathLike | np.ndarray


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

    Example:
        >>> inferencer = NightgenInferencer('nightgen::n2d_lpnet/bdd100k.py', 'work_dirs/bdd100k/iter_100000.pth')
        >>> day = inferencer('night.jpg', out_dir='days')['predictions'][0]
    """

    def __init__(self, config_or_name: str | os.PathLike | Config, weights: str | os.PathLike | None = None,
                 device: str | torch.device | None = None, precision: str = 'fp32',
                 direction: tuple[str, str] | str | None = None, trusted: bool = False):
        if weights is None and not isinstance(config_or_name, Config):
            entry = find_model(str(config_or_name))
            weights = entry.weights if entry else None
        if weights is None:
            warnings.warn(f'{config_or_name}: no weights were given and none are published; the pictures will come '
                          'from an untrained network', stacklevel=2)
        self.device = torch.device(device or get_device())
        self.model = init_model(config_or_name, weights, self.device, trusted)
        self.translation = translation_of(self.model, direction, precision)

    def __call__(self, inputs: Picture | Sequence[Picture], out_dir: str | os.PathLike | None = None,
                 batch_size: int = 1, named: Named | None = None) -> dict[str, list[np.ndarray]]:
        """Translate pictures.

        Args:
            inputs: A picture's path, a folder (its pictures, sub-folders included, in natural order), an array (H,W or
                H,W,C, uint8 or uint16, RGB), or a list of them.
            out_dir: Also write the results there: under the inputs' names, folders' structure kept; an array's result
                is named by its number.
            batch_size: How many pictures of one size run together.
            named: By name, what the network takes beside each picture (a label map, say): as many arrays as there are
                pictures, in their order; see :func:`~.translation.check_named`.

        Returns:
            ``dict(predictions=[uint8 H,W,3 RGB])`` in the order of the inputs.

        Raises:
            FileNotFoundError: A path that does not exist, or a folder without pictures.
            nightgen.utils.images.BrokenImageError: A picture that cannot be read whole, named.
            TypeError, ValueError: An array that is no picture, or two results that would have the same file name.
        """
        if batch_size < 1:
            raise ValueError(f'batch_size must be at least 1, got {batch_size}')
        jobs = list(self._jobs(inputs))
        targets = self._targets(jobs, out_dir)
        for name, arrays in (named or {}).items():
            if len(arrays) != len(jobs):
                raise ValueError(f'{len(jobs)} pictures and {len(arrays)} of {name!r}: one for each is needed')
        predictions = []
        for start in range(0, len(jobs), batch_size):
            pictures = [as_picture(item) if isinstance(item, np.ndarray) else read_image(item)
                        for item, _ in jobs[start:start + batch_size]]
            beside = {name: arrays[start:start + batch_size] for name, arrays in (named or {}).items()}
            results = self.translation(pictures, beside)
            if targets:
                for target, picture in zip(targets[start:start + batch_size], results, strict=True):
                    write_picture(target, picture)
            predictions += results
        return dict(predictions=predictions)

    def video(self, source: str | os.PathLike, target: str | os.PathLike, batch_size: int = 1) -> int:
        """Translate a video frame by frame, without its sound.

        Args:
            source: A file that OpenCV can read.
            target: The file to write (``.mp4``, ``.avi``, ...); it is whole or not there.
            batch_size: How many frames run together.

        Returns:
            The number of frames.

        Raises:
            nightgen.apis.video.BrokenVideoError: It cannot be read, or not to its end.
            OSError, ValueError: The result cannot be written there.
        """
        return translate_video(VideoReader(source), Path(target), self.translation, batch_size)[0]

    @staticmethod
    def _jobs(inputs: Picture | Sequence[Picture]) -> Iterator[tuple[str | np.ndarray, str]]:
        """Every picture (a path or an array) and the name of its result inside the output folder."""
        single = isinstance(inputs, str | os.PathLike | np.ndarray)
        for number, item in enumerate([inputs] if single else inputs):
            if isinstance(item, np.ndarray):
                yield item, f'{number:06d}.png'
            elif isinstance(item, str | os.PathLike):
                for path, name in find_pictures(item):
                    yield str(path), output_name(name)
            else:
                raise TypeError(f'inputs are paths, folders, arrays or lists of them, got {type(item).__name__}; '
                                f'pictures end in {" ".join(IMAGE_EXTENSIONS)}')

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

    Called as :class:`NightgenInferencer`, with a picture's path, a folder, an array or a list of them, of any sizes;
    the results have the sizes of the inputs. Alpha is dropped; 16 bits are read in full and the result has 8.

    Args:
        config_or_name: A config's path, ``nightgen::cgan_colorization/imagenet_ibn_sn_md.py``, a shipped model's name,
            or a Config.
        weights: As in :class:`NightgenInferencer`.
        device: By default a GPU where there is one.
        size: Height and width at which the network sees a picture; by default what the model was trained with. More
            gives colours finer borders, at the price of a network that sees less of the scene than it is used to.
        precision, trusted: As in :class:`NightgenInferencer`.

    Raises:
        TypeError: The config is not of a colorizer.

    Example:
        >>> inferencer = ColorizationInferencer('cgan_colorization_imagenet_ibn_sn_md', 'iter_625000.pth')
        >>> inferencer('old_photos', out_dir='in_colour', batch_size=8)
    """

    def __init__(self, config_or_name: str | os.PathLike | Config, weights: str | os.PathLike | None = None,
                 device: str | torch.device | None = None, size: Sequence[int] | None = None, precision: str = 'fp32',
                 trusted: bool = False):
        super().__init__(config_or_name, weights, device, precision, None, trusted)
        if not isinstance(self.model, ColorizationTranslator):
            raise TypeError(f'{config_or_name} is of a {type(self.model).__name__}, which does not colorize; use '
                            'NightgenInferencer')
        if size is not None:
            self.translation = PhotoColorization(self.model, None, precision, size)
