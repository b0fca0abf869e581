"""Colour spaces: normalised Lab beside the image."""

import torch
from mmcv.transforms import BaseTransform

from nightgen.functional import AB_SCALE, rgb_to_luma_chroma
from nightgen.registry import TRANSFORMS
from nightgen.utils.images import image_to_tensor, tensor_to_image

from .fields import add_image_field


@TRANSFORMS.register_module()
class RGBToLab(BaseTransform):
    """Adds ``luma`` (H,W,1, L / 50 - 1) and ``chroma`` (H,W,2, ab / scale) to the RGB image, both float32.

    Without it a colorizer converts whole batches on the device, from the integers of the file, which moves a sixth of
    the bytes; with it, workers do. The numbers are the same (specs/cgan_colorization 7).

    Args:
        ab_scale: What a and b are divided by; the model's has to be the same.

    Raises:
        TypeError: An image that is not of 8 or 16 bit integers.
    """

    def __init__(self, ab_scale: float = AB_SCALE):
        self.ab_scale = ab_scale

    def transform(self, results: dict) -> dict:
        image = image_to_tensor(results['img'])
        if image.dtype not in (torch.uint8, torch.uint16):
            raise TypeError(f'RGBToLab takes the 8 or 16 bit integers of LoadImage, got {image.dtype}; put it before '
                            'whatever made floats of them')
        rgb = image.double() * 2 / torch.iinfo(image.dtype).max - 1
        add_image_field(results, 'img')
        for key, value in zip(('luma', 'chroma'), rgb_to_luma_chroma(rgb, self.ab_scale), strict=True):
            results[key] = tensor_to_image(value.float())
            add_image_field(results, key)
        return results

    def __repr__(self) -> str:
        return f'RGBToLab(ab_scale={self.ab_scale})'
