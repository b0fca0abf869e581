"""Which entries of a sample are pictures of the same scene, and so share every geometric transform."""

import numpy as np

_BOXES = ('gt_bboxes', 'gt_keypoints')


def add_image_field(results: dict, key: str) -> None:
    """Records that ``key`` is aligned with the image, pixel by pixel."""
    fields = results.setdefault('img_fields', [])
    if key not in fields:
        fields.append(key)


def image_fields(results: dict, transform: str) -> list[str]:
    """The aligned pictures of a sample, the image first.

    A transform that moved the image and forgot the edge or label map beside it would train on nonsense without a word,
    so they are looked up, not listed in the config. ``gt_seg_map`` of mmcv's ``LoadAnnotations`` counts.

    Raises:
        ValueError: two pictures differ in size.
        TypeError: the sample carries boxes or key points, which the caller does not move.
    """
    fields = list(results.get('img_fields') or ['img'])
    if 'gt_seg_map' in results and 'gt_seg_map' not in fields:
        fields.append('gt_seg_map')
    boxes = [key for key in _BOXES if key in results]
    if boxes:
        raise TypeError(f'{transform} moves images only, the sample carries {boxes}: load them after it')
    sizes = {key: results[key].shape[:2] for key in fields}
    if len(set(sizes.values())) > 1:
        raise ValueError(f'{transform}: the images of {results.get("img_path")} differ in size: {sizes}')
    return fields


def is_label(image: np.ndarray) -> bool:
    """Label maps are H,W (no channel axis) and must not be interpolated."""
    return image.ndim == 2
