"""The pyramid against a literal numpy one in float64, against OpenCV, and its exactness."""

import cv2
import numpy as np
import pytest
import torch

from nightgen.models.layers import LaplacianPyramid

KERNEL = np.outer([1, 4, 6, 4, 1], [1, 4, 6, 4, 1]) / 256


def blur(image, kernel):
    """H,W float64 with reflected borders, tap by tap."""
    height, width = image.shape
    padded = np.pad(image, 2, mode='reflect')
    return sum(kernel[i, j] * padded[i:i + height, j:j + width] for i in range(5) for j in range(5))


def literal_decompose(image, num_levels):
    """Spec n2d_lpnet 1.1, word by word, on H,W."""
    bands = []
    for _ in range(num_levels):
        small = blur(image, KERNEL)[::2, ::2]
        zeros = np.zeros((2 * small.shape[0], 2 * small.shape[1]))
        zeros[::2, ::2] = small
        large = blur(zeros, 4 * KERNEL)
        nearest = [np.arange(side) * size // side for side, size in zip(image.shape, large.shape, strict=True)]
        bands.append(image - large[np.ix_(*nearest)])
        image = small
    return [*bands, image]


@pytest.mark.parametrize('size', [(32, 48), (33, 48), (37, 51), (25, 26), (17, 17)])
@pytest.mark.parametrize('num_levels', [1, 3, 4])
def test_against_the_literal_pyramid(size, num_levels):
    image = np.random.default_rng(0).random((2, 3, *size))
    bands = LaplacianPyramid(num_levels).decompose(torch.from_numpy(image))
    for n in range(2):
        for c in range(3):
            want = literal_decompose(image[n, c], num_levels)
            for got, expected in zip(bands, want, strict=True):
                np.testing.assert_allclose(got[n, c].numpy(), expected, atol=1e-7)


def test_against_opencv_borders_included():
    image = np.random.default_rng(1).random((36, 52, 3)).astype(np.float32)
    pyramid = LaplacianPyramid(1)
    x = torch.from_numpy(image).permute(2, 0, 1)[None]
    small = cv2.pyrDown(image)
    np.testing.assert_allclose(pyramid.down(x)[0].permute(1, 2, 0).numpy(), small, atol=1e-6)
    up = pyramid.up(torch.from_numpy(small).permute(2, 0, 1)[None])
    np.testing.assert_allclose(up[0].permute(1, 2, 0).numpy(), cv2.pyrUp(small), atol=1e-6)


@pytest.mark.parametrize('size', [(64, 64), (45, 67), (9, 33), (72, 128), (135, 240)])
@pytest.mark.parametrize('num_levels', [1, 2, 3])
def test_reconstruction_is_exact(size, num_levels):
    x = torch.rand(2, 3, *size)
    pyramid = LaplacianPyramid(num_levels)
    assert (pyramid.reconstruct(pyramid.decompose(x)) - x).abs().max() < 1e-6


@pytest.mark.parametrize(('num_levels', 'want'), [
    (3, [(720, 1280), (360, 640), (180, 320), (90, 160)]),
    (4, [(720, 1280), (360, 640), (180, 320), (90, 160), (45, 80)]),
    (5, [(720, 1280), (360, 640), (180, 320), (90, 160), (45, 80), (23, 40)]),
])
def test_band_sizes(num_levels, want):
    bands = LaplacianPyramid(num_levels).decompose(torch.zeros(1, 1, 720, 1280))
    assert [tuple(band.shape[-2:]) for band in bands] == want


def test_a_constant_image_has_no_high_bands():
    *bands, low = LaplacianPyramid(3).decompose(torch.full((1, 3, 24, 40), 0.3, dtype=torch.float64))
    assert all(band.abs().max() < 1e-7 for band in bands)
    torch.testing.assert_close(low, torch.full_like(low, 0.3))


def test_gradient_is_the_derivative():
    pyramid = LaplacianPyramid(2).double()
    x = torch.rand(1, 1, 7, 6, dtype=torch.float64, requires_grad=True)
    assert torch.autograd.gradcheck(lambda t: tuple(pyramid.decompose(t)), x)


def test_filters_are_in_no_checkpoint_and_autocast_does_not_touch_them():
    pyramid = LaplacianPyramid(3)
    assert not pyramid.state_dict() and not list(pyramid.parameters())
    x = torch.rand(1, 3, 32, 32)
    with torch.autocast('cpu', dtype=torch.bfloat16):
        bands = pyramid.decompose(x)
        assert all(band.dtype is torch.float32 for band in bands)
        assert (pyramid.reconstruct(bands) - x).abs().max() < 1e-6


def test_errors():
    with pytest.raises(ValueError, match='num_levels >= 1'):
        LaplacianPyramid(0)
    with pytest.raises(ValueError, match='at least 9'):
        LaplacianPyramid(3).decompose(torch.rand(1, 3, 8, 32))
    with pytest.raises(ValueError, match='3 high bands and a low band'):
        LaplacianPyramid(3).reconstruct([torch.rand(1, 3, 8, 8)])
