"""The last step of a pipeline: arrays become tensors, the rest becomes the data sample."""

from collections.abc import Sequence

import numpy as np
from mmcv.transforms import BaseTransform

from nightgen.registry import TRANSFORMS
from nightgen.structures import TranslationSample
from nightgen.utils.images import image_to_tensor

from .fields import image_fields

_META_KEYS = ('img_path', 'ori_shape', 'img_shape', 'sample_idx', 'key', 'domain', 'camera', 'crop_box', 'flip')


@TRANSFORMS.register_module()
class PackTranslationInputs(BaseTransform):
    """Makes ``dict(inputs={'real': C,H,W, ...}, data_samples=TranslationSample)``.

    The image becomes ``inputs['real']``, every other aligned picture keeps its name (``gt_seg_map`` becomes ``label``).
    Values stay the integers of the file: the data preprocessor scales whole batches on the device, so that workers
    neither compute nor send floats.

    Args:
        keys: further entries (arrays) to pack under their own names.
        meta_keys: further entries for the data sample, which must be there.
        full_names: entries that keep their name in the batch, whatever domain loads them: ``('reference_day',)`` of a
            night camera's pipeline stays ``reference_day`` and does not become ``reference_day_night``. A data set may
            name such entries too, as ``full_names`` of a sample; of those only what is packed counts.

    Raises:
        KeyError: an entry of these lists that the sample does not have.
    """

    def __init__(self, keys: Sequence[str] = (), meta_keys: Sequence[str] = (), full_names: Sequence[str] = ()):
        self.keys, self.meta_keys, self.full_names = tuple(keys), tuple(meta_keys), tuple(full_names)

    def transform(self, results: dict) -> dict:
        missing = [key for key in ('img', *self.keys, *self.meta_keys) if key not in results]
        if missing:
            raise KeyError(f'PackTranslationInputs: {missing} not in the sample, which has {sorted(results)}')
        inputs = {}
        for key in dict.fromkeys((*image_fields(results, 'PackTranslationInputs'), *self.keys)):
            array = results[key]
            name = {'img': 'real', 'gt_seg_map': 'label'}.get(key, key)
            inputs[name] = image_to_tensor(array[..., None] if key == 'img' and array.ndim == 2 else np.asarray(array))
        meta = {key: results[key] for key in _META_KEYS if key in results}
        meta.update({key: results[key] for key in self.meta_keys})
        if self.full_names:
            unknown = sorted(set(self.full_names) - set(inputs))
            if unknown:
                raise KeyError(f'PackTranslationInputs: full_names={self.full_names}, but {unknown} are not packed; '
                               f'there are {sorted(inputs)}')
        known = tuple(name for name in results.get('full_names', ()) if name in inputs)
        if self.full_names or known:
            meta['full_names'] = tuple(dict.fromkeys((*self.full_names, *known)))
        return dict(inputs=inputs, data_samples=TranslationSample(metainfo=meta))

    def __repr__(self) -> str:
        return f'PackTranslationInputs(keys={self.keys}, meta_keys={self.meta_keys}, full_names={self.full_names})'
