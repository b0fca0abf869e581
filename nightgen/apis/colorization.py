"""Photos through a colorizer: colours at the network's size, light and dark at the photo's own."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from nightgen.models.translators import BaseTranslator, ColorizationTranslator, SemanticColorizationTranslator
from nightgen.models.translators.translating import to_uint8
from nightgen.structures.class_maps import UNLABELLED
from nightgen.utils.images import image_to_tensor, tensor_to_image

from .translation import ImageTranslation, Named, check_named, prepare_network

STRIP_PIXELS = 2 ** 20  # converted at once: Lab takes some ten floats a pixel meanwhile


class PhotoColorization:
    """Colorizes H,W,3 pictures of any size.

    The network sees the luma at its own size, whatever the picture's shape, as in training; the chroma that it predicts
    is enlarged and joined with the luma of the picture itself, so that no detail is lost. Of a colour photo nothing but
    the luma is read.

    Args:
        model: A colorizer in evaluation mode.
        direction: ``'chroma'`` or None.
        precision: As in :class:`~.translation.ImageTranslation`.
        size: Height and width at which the network sees a picture; the model's ``photo_size`` by default.

    Raises:
        ValueError: A size that is not two positive numbers; an unknown precision or direction.
    """

    def __init__(self, model: ColorizationTranslator, direction: tuple[str, str] | str | None = None,
                 precision: str = 'fp32', size: Sequence[int] | None = None):
        self.size = tuple(model.photo_size if size is None else size)
        if len(self.size) != 2 or min(self.size) < 1:
            raise ValueError(f'size is (height, width), both positive, got {self.size}')
        self.model, self.direction, self.precision = model, direction, precision
        self.network = prepare_network(model.inference_network(direction), precision)

    @property
    def can_predict(self) -> bool:
        """Whether the model has a segmentor, so that label maps need not be given."""
        return getattr(self.model, 'labels', None) is not None

    def open(self, picture: np.ndarray) -> OpenPhoto:
        """Take a photo in, to colour it again and again with label maps that change.

        Args:
            picture: H,W,3 uint8 or uint16 RGB.

        Raises:
            TypeError: A model that takes no label maps.
        """
        if not isinstance(self.model, SemanticColorizationTranslator):
            raise TypeError(f'{type(self.model).__name__} takes no label maps; a SemanticColorizationTranslator does')
        return OpenPhoto(self, picture)

    @torch.no_grad()
    def __call__(self, pictures: Sequence[np.ndarray], named: Named | None = None) -> list[np.ndarray]:
        """Colorize pictures; all of them run together, of whatever sizes.

        Args:
            pictures: H,W,3 uint8 or uint16 RGB arrays.
            named: What the network takes beside each of them, see :func:`~.translation.check_named`; label maps are
                brought to the network's size without mixing classes.

        Returns:
            H,W,3 uint8 RGB arrays in the same order.

        Raises:
            TypeError, ValueError: Inputs that the network does not take or misses, or that do not fit the pictures.
        """
        check_named(self.model, self.direction, pictures, named or {})
        beside = {name: torch.cat([self._beside(name, array) for array in arrays])
                  for name, arrays in (named or {}).items()}
        lumas = [in_strips(self._luma, image_to_tensor(picture)) for picture in pictures]
        seen = torch.cat([self._seen(luma) for luma in lumas])
        chromas = self.network(seen, **beside).clamp(-1, 1)
        return [tensor_to_image(self._join(*pair)) for pair in zip(lumas, chromas, strict=True)]

    def _beside(self, name: str, array: np.ndarray) -> Tensor:
        """A named input of one picture at the network's size, N,C,h,w or of a label map N,h,w."""
        value = self.model.data_preprocessor(dict(inputs={name: [image_to_tensor(array)]}), False)['inputs'][name]
        if value.is_floating_point():
            return F.interpolate(value, self.size, mode='bilinear', antialias=True)
        return F.interpolate(value[:, None].double(), self.size, mode='nearest-exact')[:, 0].to(value.dtype)

    def _seen(self, luma: Tensor) -> Tensor:
        return F.interpolate(luma[None], self.size, mode='bilinear', antialias=True)

    def _luma(self, picture: Tensor) -> Tensor:
        batch = self.model.data_preprocessor(dict(inputs=dict(real=[picture])), False)['inputs']['real']
        return self.model.split(batch)[0][0]

    def _join(self, luma: Tensor, chroma: Tensor) -> Tensor:
        chroma = F.interpolate(chroma[None], luma.shape[-2:], mode='bilinear')[0]
        return in_strips(lambda luma, chroma: to_uint8(self.model.join(luma, chroma)), luma, chroma)


class OpenPhoto:
    """A photo whose label map is edited: what does not depend on the map is computed once.

    Args:
        colorization: Of a semantic colorizer.
        picture: H,W,3 uint8 or uint16 RGB.

    Attributes:
        size: Height and width at which the network sees the photo; label maps have it.
    """

    @torch.no_grad()
    def __init__(self, colorization: PhotoColorization, picture: np.ndarray):
        self.colorization, self.size = colorization, colorization.size
        self._luma = in_strips(colorization._luma, image_to_tensor(picture))
        self._seen = colorization._seen(self._luma)
        self._kept = colorization.network.encode_grey(self._seen)

    def predict_label(self) -> np.ndarray:
        """The segmentor's label map, uint8 of :attr:`size`; what it leaves unlabelled (255) is the unlabelled class.

        Raises:
            ValueError: The model has no segmentor.
        """
        model = self.colorization.model
        if not self.colorization.can_predict:
            raise ValueError('this model has no segmentor that predicts label maps; set model.segmentor in its config, '
                             'or give a map')
        label = model.labels(self._seen)[0]
        return label.where(label != UNLABELLED, model.label_set.unlabelled).cpu().numpy().astype(np.uint8)

    @torch.no_grad()
    def colour(self, label: np.ndarray) -> np.ndarray:
        """The photo as H,W,3 uint8 RGB of its own size, coloured by a map; only what depends on the map is computed.

        Args:
            label: Integers of :attr:`size`: classes of the model's label set, 255 where unlabelled.

        Raises:
            ValueError: A map of another size, or values that are no class.
        """
        label = np.asarray(label)
        if label.shape != self.size or not np.issubdtype(label.dtype, np.integer):
            raise ValueError(f'a label map holds integers, {self.size[0]}x{self.size[1]} of them (height x width), got '
                             f'{label.dtype} {label.shape}')
        there = torch.from_numpy(label.astype(np.int64))[None].to(self._seen.device)
        chroma = self.colorization.network(self._seen, there, kept=self._kept).clamp(-1, 1)
        return tensor_to_image(self.colorization._join(self._luma, chroma[0]))


def in_strips(function: Callable[..., Tensor], *images: Tensor) -> Tensor:
    """A function of single pixels on a few rows after the others: C,H,W to C',H,W."""
    height, width = images[0].shape[-2:]
    rows = max(1, STRIP_PIXELS // width)
    return torch.cat([function(*(image[..., top:top + rows, :] for image in images))
                      for top in range(0, height, rows)], dim=-2)


def translation_of(model: BaseTranslator, direction: tuple[str, str] | str | None = None, precision: str = 'fp32'
                   ) -> ImageTranslation | PhotoColorization:
    """What takes pictures through a model: a colorizer's photos, or any other translator's images."""
    kind = PhotoColorization if isinstance(model, ColorizationTranslator) else ImageTranslation
    return kind(model, direction, precision)
