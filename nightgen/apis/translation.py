"""Pictures through a trained model, exactly as in testing: the same scaling, the same rounding, RGB throughout."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import torch
from PIL import Image, ImageOps
from torch import nn

from nightgen.models.translators import BaseTranslator
from nightgen.models.translators.translating import Direction, to_uint8
from nightgen.utils.batches import equal_batches
from nightgen.utils.images import image_to_tensor, tensor_to_image

Named = Mapping[str, Sequence[np.ndarray]]
"""By name, what a network takes beside each picture: arrays of the pictures' sizes, see :func:`check_named`."""

PRECISIONS = ('fp32', 'bf16', 'fp16', 'exact')
_DTYPES = dict(fp32=torch.float32, bf16=torch.bfloat16, fp16=torch.float16)


class ImageTranslation:
    """Translates H,W,3 pictures at their native sizes.

    Args:
        model: A translator in evaluation mode.
        direction: (source, target) or the target's name; by default what the method exists for.
        precision: ``fp32`` (the network's fast inference form where it has one, within 0.01 grey levels of training's),
            ``bf16`` or ``fp16`` (that form in 16 bits), ``exact`` (the network as it was trained and is tested).

    Raises:
        ValueError: Unknown precision or direction, or one that this network or device does not offer.
    """

    def __init__(self, model: BaseTranslator, direction: Direction = None, precision: str = 'fp32'):
        self.model, self.direction, self.precision = model, direction, precision
        self.network = prepare_network(model.inference_network(direction), precision)

    @torch.no_grad()
    def __call__(self, pictures: Sequence[np.ndarray], named: Named | None = None) -> list[np.ndarray]:
        """Translate a batch of pictures; those of one size run together.

        Args:
            pictures: H,W,3 uint8 or uint16 RGB arrays, of any sizes.
            named: What the network takes beside each of them, see :func:`check_named`.

        Returns:
            H,W,3 uint8 RGB arrays in the same order.

        Raises:
            TypeError, ValueError: Inputs that the network does not take or misses, or that do not fit the pictures.
        """
        named = named or {}
        check_named(self.model, self.direction, pictures, named)

        def kind(index: int) -> tuple:
            return pictures[index].shape, pictures[index].dtype.str

        results: list[np.ndarray | None] = [None] * len(pictures)
        for indices in equal_batches(sorted(range(len(pictures)), key=kind), len(pictures), kind):
            inputs = {name: [image_to_tensor(arrays[index]) for index in indices]
                      for name, arrays in dict(named, real=pictures).items()}
            inputs = self.model.data_preprocessor(dict(inputs=inputs), False)['inputs']
            made_of_all = self.network(inputs.pop('real'), **inputs)
            for index, made in zip(indices, to_uint8(made_of_all.clamp(-1, 1)), strict=True):
                results[index] = tensor_to_image(made)
        return results


def check_named(model: BaseTranslator, direction: Direction, pictures: Sequence[np.ndarray], named: Named) -> None:
    """Refuse named inputs that do not fit.

    Args:
        model: Its ``named_inputs`` says the names, its data preprocessor of which kind each is: ``label`` H,W integers,
            ``unit`` H,W,1 (or H,W) and ``image`` H,W,3, both uint8 or uint16.
        direction: As in ``translate``.
        pictures: H,W,3 arrays.
        named: By name, as many arrays of the same heights and widths.

    Raises:
        TypeError: A name that the network does not take, or one that it needs and does not get.
        ValueError: Another number of arrays, or another size than the picture's.
    """
    model.check_named(named, direction)
    for name, arrays in named.items():
        if len(arrays) != len(pictures):
            raise ValueError(f'{len(pictures)} images and {len(arrays)} of {name!r}: one for each is needed')
        for picture, array in zip(pictures, arrays, strict=True):
            if array.shape[:2] != picture.shape[:2]:
                raise ValueError(f'{name!r} of an image of {picture.shape[0]}x{picture.shape[1]} is '
                                 f'{array.shape[0]}x{array.shape[1]}; both have one height and width')


def _of_pil(image: Image.Image) -> np.ndarray:
    image = ImageOps.exif_transpose(image)
    if image.mode in ('I', 'F'):
        raise TypeError(f"a PIL image of mode {image.mode!r} holds 32 bits, whose range could only be guessed; give an "
                        'array of uint8 or uint16')
    if not image.mode.startswith('I;16'):
        return np.asarray(image if image.mode in ('L', 'RGB', 'RGBA') else image.convert('RGB'))
    return np.asarray(image).astype(np.uint16)  # of either byte order


def prepare_network(network: nn.Module, precision: str) -> nn.Module:
    """The network in the form of a precision, see :class:`ImageTranslation`.

    Raises:
        ValueError: Unknown precision, or one that this network does not offer.
    """
    if precision not in PRECISIONS:
        raise ValueError(f'precision must be one of {", ".join(PRECISIONS)}, got {precision!r}')
    if precision == 'exact':
        return network
    if hasattr(network, 'to_inference'):
        return network.to_inference(_DTYPES[precision])
    if precision != 'fp32':
        raise ValueError(f"{type(network).__name__} has no 16-bit inference form; use precision='fp32'")
    return network


def as_picture(array: Any) -> np.ndarray:
    """A user's array or PIL image as an H,W,3 RGB picture: grey is repeated, alpha is dropped.

    Args:
        array: H,W or H,W,C with C in 1, 3, 4; uint8 or uint16; RGB order (OpenCV reads BGR: ``array[..., ::-1]``). Or a
            ``PIL.Image.Image``: palettes and CMYK are resolved and EXIF rotation is applied, as for files.

    Raises:
        TypeError: Not 8 or 16 bit integers; the range of a float picture could only be guessed.
        ValueError: A shape that is no picture's.
    """
    if isinstance(array, Image.Image):
        array = _of_pil(array)
    if not isinstance(array, np.ndarray) or array.dtype not in (np.uint8, np.uint16):
        kind = array.dtype if isinstance(array, np.ndarray) else type(array).__name__
        raise TypeError(f'an image is a numpy array of uint8 or uint16, or a PIL image, got {kind}')
    picture = array[..., None] if array.ndim == 2 else array
    if picture.ndim != 3 or picture.shape[2] not in (1, 3, 4) or 0 in picture.shape:
        raise ValueError(f'an image has the shape H,W or H,W,C with 1, 3 or 4 channels, got {array.shape}')
    return np.ascontiguousarray(np.repeat(picture, 3, axis=2) if picture.shape[2] == 1 else picture[..., :3])
