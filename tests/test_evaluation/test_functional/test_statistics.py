"""Statistics of images that are known by construction."""

import numpy as np
import pytest
from scipy import ndimage

from nightgen.evaluation.functional import STATISTICS, image_statistics, mean_statistics
from nightgen.testing import random_picture


def test_a_constant_colour_by_hand():
    found = image_statistics(np.full((32, 40, 3), (200, 100, 50), np.uint8))
    grey = 0.299 * 200 + 0.587 * 100 + 0.114 * 50
    for name in ('mean', 'p5', 'p50', 'p95', 'p99.5'):
        assert found[name] == pytest.approx(grey, abs=1e-9)
    assert found['saturation'] == pytest.approx(255 * 150 / 200, abs=1e-9)
    assert [found[name] for name in ('range', 'below 20', 'above 240', 'clipped', 'dark')] == [0] * 5
    assert found['laplacian'] == pytest.approx(0, abs=1e-9)
    assert np.isnan(found['dark grain']) and np.isnan(found['dark structure'])
    assert tuple(found) == STATISTICS


def test_shares_by_hand():
    image = np.full((20, 50), 100, np.uint8)
    image[:2], image[2:3], image[3:4] = 10, 241, 255  # 10 %, 5 % and 5 %
    found = image_statistics(image)
    assert [found[name] for name in ('below 20', 'above 240', 'clipped')] == pytest.approx([10, 10, 5])
    assert found['range'] == found['p95'] - found['p5'] and found['saturation'] == 0
    assert found['p50'] == 100 and found['p99.5'] == 255


def test_a_ramp_has_its_percentiles():
    ramp = np.tile(np.arange(256, dtype=np.uint8), (16, 1))
    found = image_statistics(ramp)
    # numpy's linear rule over 16 equal rows of 0..255
    assert found['p5'] == pytest.approx(12) and found['p99.5'] == pytest.approx(254)
    assert found['below 20'] == pytest.approx(100 * 20 / 256) and found['above 240'] == pytest.approx(100 * 15 / 256)


def test_sharpness_and_colour_beside_another_computation():
    image = random_picture(40, 56)
    grey = image.astype(float) @ (0.299, 0.587, 0.114)
    found = image_statistics(image)
    assert found['laplacian'] == pytest.approx(ndimage.laplace(grey, mode='mirror').std(), rel=1e-9)
    high, low = image.max(2).astype(float), image.min(2).astype(float)
    assert found['saturation'] == pytest.approx((255 * (high - low) / np.where(high > 0, high, 1)).mean(), rel=1e-9)


def test_grain_in_the_dark_is_the_deviation_of_the_noise():
    rng = np.random.default_rng(0)
    image = np.full((160, 160), 20.0)
    image[:, 80:] = 200  # noise in the bright half does not count
    noisy = image + rng.normal(0, 3, image.shape) + np.where(image > 100, rng.normal(0, 20, image.shape), 0)
    found = image_statistics(np.clip(np.rint(noisy), 0, 255).astype(np.uint8))
    assert found['dark grain'] == pytest.approx(3, rel=0.15)
    assert found['dark'] == pytest.approx(50, abs=4)


def test_structure_in_the_dark_is_what_noise_is_not():
    """Stripes of 12 pixels survive a denoising; white noise of the same deviation hardly does."""
    rng = np.random.default_rng(1)
    stripes = 20 + 5 * np.sign(np.sin(np.arange(128) * 2 * np.pi / 12))[None].repeat(128, 0)
    noise = 20 + rng.normal(0, 5, (128, 128))
    found = [image_statistics(np.rint(image).astype(np.uint8))['dark structure'] for image in (stripes, noise)]
    blurred = [ndimage.gaussian_filter(np.rint(image), sigma, mode='mirror') for image in (stripes,)
               for sigma in (1.5, 4)]
    assert found[0] == pytest.approx(np.median(np.abs(blurred[0] - blurred[1])), rel=0.02)
    assert found[0] > 3 * found[1]


def test_means_leave_out_what_was_not_told():
    dark, bright = (image_statistics(np.full((32, 32), level, np.uint8)) for level in (10, 250))
    mean = mean_statistics([dark, bright])
    assert mean['mean'] == pytest.approx(130) and mean['below 20'] == 50 and mean['dark grain'] == dark['dark grain']
    assert np.isnan(mean_statistics([bright])['dark grain'])
    with pytest.raises(ValueError, match='no image'):
        mean_statistics([])


@pytest.mark.parametrize('image', [np.zeros((32, 32), np.uint16), np.zeros((32, 32, 4), np.uint8),
                                   np.zeros((8, 32), np.uint8)])
def test_other_arrays(image):
    with pytest.raises(ValueError, match='at least 16x16 is expected, got'):
        image_statistics(image)
