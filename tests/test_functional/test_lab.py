"""Lab against scikit-image, both ways, for arrays and tensors."""

import warnings

import numpy as np
import pytest
import torch
from skimage.color import lab2rgb, rgb2lab

from nightgen.functional import lab_to_rgb, lab_to_rgb_tensor, rgb_to_lab, rgb_to_lab_tensor
from nightgen.testing import random_picture


def cube():
    """Corners, edges and greys of the RGB cube, the dark ones closely."""
    values = np.array([0, 1, 2, 5, 10, 11, 40, 128, 254, 255], np.uint8)
    return np.stack(np.meshgrid(values, values, values), -1).reshape(-1, 10, 3)


@pytest.mark.parametrize('image', [cube(), random_picture(20, 24)], ids=['cube', 'picture'])
def test_arrays_are_scikit_images(image):
    lab = rgb_to_lab(image)
    np.testing.assert_allclose(lab, rgb2lab(image), atol=1e-9)
    np.testing.assert_allclose(rgb_to_lab(image / 255), lab, atol=1e-12)
    np.testing.assert_allclose(lab_to_rgb(lab), lab2rgb(lab), atol=1e-9)


def test_colours_outside_the_gamut_are_scikit_images():
    lab = np.random.default_rng(0).uniform((0, -110, -110), (100, 110, 110), (30, 30, 3))
    with warnings.catch_warnings():
        warnings.simplefilter('ignore', UserWarning)  # scikit-image says how many values it clips
        np.testing.assert_allclose(lab_to_rgb(lab), lab2rgb(lab), atol=1e-9)


def test_round_trip_keeps_every_level():
    image = np.random.default_rng(1).integers(0, 256, (64, 64, 3)).astype(np.uint8)
    np.testing.assert_array_equal(np.rint(lab_to_rgb(rgb_to_lab(image)) * 255), image)


def test_tensors_are_the_arrays():
    image = np.random.default_rng(2).random((2, 9, 11, 3))
    batch = torch.from_numpy(image).permute(0, 3, 1, 2)
    lab = rgb_to_lab_tensor(batch)
    np.testing.assert_allclose(lab[1].permute(1, 2, 0).numpy(), rgb_to_lab(image[1]), atol=1e-12)
    torch.testing.assert_close(rgb_to_lab_tensor(batch.float()), lab.float(), atol=2e-3, rtol=0)
    torch.testing.assert_close(lab_to_rgb_tensor(lab), batch, atol=1e-9, rtol=0)


def test_gradients_are_right_and_finite_at_black():
    inside = torch.rand(1, 3, 2, 2, dtype=torch.float64, generator=torch.Generator().manual_seed(0)) * 0.8 + 0.1
    assert torch.autograd.gradcheck(rgb_to_lab_tensor, inside.requires_grad_())
    assert torch.autograd.gradcheck(lab_to_rgb_tensor, rgb_to_lab_tensor(inside).detach().requires_grad_())
    black = torch.zeros(1, 3, 2, 2, requires_grad=True)
    lab_to_rgb_tensor(rgb_to_lab_tensor(black)).sum().backward()
    assert torch.isfinite(black.grad).all()


def test_bad_input():
    with pytest.raises(ValueError, match='H,W,3'):
        rgb_to_lab(np.zeros((3, 4, 5)))
    with pytest.raises(TypeError, match='uint8'):
        rgb_to_lab(np.zeros((4, 5, 3), np.uint16))
