"""Reading the files of one sample."""

from mmcv.transforms import BaseTransform

from nightgen.registry import TRANSFORMS
from nightgen.structures.label_sets import read_labels
from nightgen.utils.images import BrokenImageError, read_image
from nightgen.utils.ranges import Range, checked_range

from .fields import add_image_field


@TRANSFORMS.register_module()
class LoadImage(BaseTransform):
    """Reads a picture as RGB and takes every kind users have: 8 and 16 bit, grey, RGBA, paletted, EXIF-rotated.

    It differs from mmcv's ``LoadImageFromFile`` in its colour order, in keeping 16 bits, and in refusing truncated
    files, which OpenCV would decode in part.

    Required keys: ``path_key``. Added keys: ``key`` (an image field: later geometry applies to it too), and, for the
    main image, ``img_shape``, ``ori_shape`` (H, W).

    Args:
        key: the entry to make, ``img`` for the image itself.
        path_key: the entry that holds the path; default ``<key>_path``.
        mode: ``color`` (H,W,3), ``grey`` (H,W,1) or ``label`` (H,W, stored values; class numbers of the label set that
            the data set states, where it does).
        backend_args: of mmengine's file backend; None for local files.
        range: which numbers of the file become black and white: ``full``, ``10bit``, ``12bit``, ``14bit``, ``minmax``,
            ``percentile`` or two numbers (:func:`~nightgen.utils.ranges.to_range`). None takes what the data set states
            for the image, and ``full`` for what lies beside it.

    Raises:
        BrokenImageError: missing, empty, truncated or undecodable file, or a label map with values that are no class of
            the stated label set; named in the message.
    """

    def __init__(self, key: str = 'img', path_key: str | None = None, mode: str = 'color',
                 backend_args: dict | None = None, range: Range | None = None):
        if mode not in ('color', 'grey', 'label'):
            raise ValueError(f"LoadImage: unknown mode '{mode}', there are color, grey, label")
        if mode == 'label' and range is not None:
            raise ValueError(f'LoadImage: a label map is read as it is stored, without a range; got range={range!r}')
        self.key, self.path_key, self.mode, self.backend_args = key, path_key or f'{key}_path', mode, backend_args
        self.range = None if range is None else checked_range(range)

    def transform(self, results: dict) -> dict:
        if self.path_key not in results:
            raise KeyError(f"LoadImage(key='{self.key}') reads the path from '{self.path_key}', the data set gives "
                           f'{sorted(results)}')
        stated = self.range or (results.get('range') if self.key == 'img' else None) or 'full'
        image = read_image(results[self.path_key], self.mode, self.backend_args, stated)
        if self.mode == 'label' and results.get('label_set') is not None:
            try:
                image = read_labels(image, results['label_set'], results[self.path_key])
            except ValueError as error:
                raise BrokenImageError(str(error)) from error
        results[self.key] = image[..., None] if self.mode == 'grey' else image
        add_image_field(results, self.key)
        if self.key == 'img':
            results['img_shape'] = results['ori_shape'] = image.shape[:2]
        return results

    def __repr__(self) -> str:
        return (f"LoadImage(key='{self.key}', path_key='{self.path_key}', mode='{self.mode}', "
                f'range={self.range!r})')
