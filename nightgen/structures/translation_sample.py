"""What travels beside the tensors of one image: where it came from, and what was made of it."""

from typing import Any

import numpy as np
from mmengine.structures import BaseDataElement
from torch import Tensor


class TranslationSample(BaseDataElement):
    """The data sample of nightgen.

    Pictures are uint8 (or uint16) RGB tensors C,H,W; a grey one has C = 1:

    - ``fake``: the translator's output;
    - ``source``: what it was made from;
    - ``truth``: the hidden image of the target domain, where a data set has one.

    What is known about the scene, where a data set has it:

    - ``label``: class numbers H,W, 255 where unlabelled;
    - ``boxes``: a dict of ``bboxes`` N,4 (left, top, right, bottom in pixels), ``labels`` N and, optionally, ``ignore``
      and ``crowd`` N.

    Meta information as the pipeline packed it: ``img_path`` (a dict by domain for an unpaired sample), ``domain``,
    ``ori_shape`` (H, W of the file), ``img_shape``, ``sample_idx``, ``key``.

    Example:
        >>> sample = TranslationSample(metainfo=dict(img_path='night/000001.png', domain='night'))
        >>> sample.fake = torch.zeros(3, 4, 4, dtype=torch.uint8)
        >>> sample.to_dict()['img_path']
        'night/000001.png'
    """

    PICTURES = ('fake', 'source', 'truth')

    def set_field(self, value: Any, name: str, dtype: Any = None, field_type: str = 'data') -> None:
        """As mmengine's, with a check of the picture fields.

        Raises:
            TypeError: a picture is not an integer array of three dimensions. A float one is refused because its range
                ([-1, 1] or [0, 1]) could only be guessed.
        """
        if name in self.PICTURES:
            if isinstance(value, Tensor):
                good = value.ndim == 3 and not value.is_floating_point()
            else:
                good = isinstance(value, np.ndarray) and value.ndim == 3 and np.issubdtype(value.dtype, np.integer)
            if not good:
                got = f'{value.dtype} {tuple(value.shape)}' if hasattr(value, 'shape') else type(value).__name__
                raise TypeError(f'{name} must be an integer image C,H,W on the 8 or 16 bit scale, got {got}')
        if name == 'label' and (not hasattr(value, 'ndim') or value.ndim != 2):
            raise TypeError(f'label must be a map of class numbers H,W, got {getattr(value, "shape", type(value))}')
        if name == 'boxes' and (not isinstance(value, dict) or {'bboxes', 'labels'} - set(value)
                                or len(value['bboxes']) != len(value['labels'])):
            raise TypeError('boxes must be a dict of bboxes N,4 and labels N (and ignore, crowd N)')
        super().set_field(value, name, dtype=dtype, field_type=field_type)
