"""The Lab transform against scikit-image, in 8 and 16 bits, and against the tensor code that models use."""

import numpy as np
import pytest
import torch
from skimage.color import rgb2lab

from nightgen.datasets.transforms import PackTranslationInputs, RandomFlipTranspose, ResizeImages, RGBToLab
from nightgen.functional import rgb_to_luma_chroma
from nightgen.testing import random_picture


@pytest.mark.parametrize('dtype', [np.uint8, np.uint16])
@pytest.mark.parametrize('ab_scale', [110.0, 128.0])
def test_it_is_scikit_images_lab_normalised(dtype: type, ab_scale: float):
    image = random_picture(12, 10, dtype=dtype)
    made = RGBToLab(ab_scale)(dict(img=image.copy()))
    lab = rgb2lab(image.astype(np.float64) / np.iinfo(dtype).max)
    assert made['luma'].dtype == made['chroma'].dtype == np.float32
    np.testing.assert_allclose(made['luma'], lab[..., :1] / 50 - 1, atol=1e-6)
    np.testing.assert_allclose(made['chroma'], lab[..., 1:] / ab_scale, atol=1e-6)
    assert np.array_equal(made['img'], image)


def test_it_is_what_the_device_makes_of_the_same_integers():
    image = random_picture(9, 8)
    made = RGBToLab()(dict(img=image))
    luma, chroma = rgb_to_luma_chroma(torch.from_numpy(image).permute(2, 0, 1).float() / 127.5 - 1)
    np.testing.assert_allclose(made['luma'], luma.permute(1, 2, 0), atol=5e-5)
    np.testing.assert_allclose(made['chroma'], chroma.permute(1, 2, 0), atol=5e-5)


def test_later_geometry_moves_all_of_it_and_packing_takes_it():
    results = RGBToLab()(dict(img=random_picture(8, 12)))
    flipped = RandomFlipTranspose(horizontal=1.0)(dict(results))
    assert np.array_equal(flipped['chroma'], results['chroma'][:, ::-1])
    packed = PackTranslationInputs()(ResizeImages(size=(4, 6))(results))
    assert {name: tuple(value.shape) for name, value in packed['inputs'].items()} == dict(
        real=(3, 4, 6), luma=(1, 4, 6), chroma=(2, 4, 6))


def test_floats_are_refused():
    with pytest.raises(TypeError, match='8 or 16 bit integers'):
        RGBToLab()(dict(img=np.zeros((4, 4, 3), np.float32)))
