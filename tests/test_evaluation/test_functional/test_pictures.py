"""PSNR, SSIM and colourfulness against hand computations and scikit-image."""

import math

import numpy as np
import pytest
from skimage.metrics import peak_signal_noise_ratio, structural_similarity

from nightgen.evaluation.functional import colourfulness, psnr, ssim
from nightgen.testing import random_picture


def noisy(image, deviation=20, seed=0):
    noise = np.random.default_rng(seed).normal(0, deviation, image.shape)
    return np.clip(image + noise, 0, 255).astype(np.uint8)


def test_psnr_by_hand():
    first, second = np.zeros((2, 2, 3), np.uint8), np.zeros((2, 2, 3), np.uint8)
    second[0, 0] = [3, 0, 6]  # squared errors 9 and 36 over 12 values
    assert psnr(first, second) == pytest.approx(10 * math.log10(255 ** 2 / (45 / 12)), abs=1e-12)
    assert psnr(first, np.full_like(first, 255)) == 0
    assert psnr(first / 255, second / 255, data_range=1) == pytest.approx(psnr(first, second), abs=1e-9)
    assert psnr(first, first) == math.inf


@pytest.mark.parametrize('size', [(11, 11), (24, 37), (64, 48)])
def test_equal_to_scikit_image(size):
    first = random_picture(*size)
    second = noisy(first)
    assert psnr(first, second) == pytest.approx(peak_signal_noise_ratio(second, first, data_range=255), abs=1e-10)
    options = dict(gaussian_weights=True, sigma=1.5, use_sample_covariance=False, data_range=255)
    if min(size) > 11:
        expected = structural_similarity(first, second, channel_axis=2, **options)
        assert ssim(first, second) == pytest.approx(expected, abs=1e-10)
        expected = structural_similarity(first[..., 0], second[..., 0], **options)
        assert ssim(first[..., 0], second[..., 0]) == pytest.approx(expected, abs=1e-10)


def test_ssim_of_one_window_by_hand():
    first, second = random_picture(11, 11), noisy(random_picture(11, 11))
    offsets = np.arange(-5, 6)
    window = np.exp(-(offsets[:, None] ** 2 + offsets[None] ** 2) / (2 * 1.5 ** 2))
    window = (window / window.sum())[..., None]
    x, y = first.astype(float), second.astype(float)
    mean_x, mean_y = (window * x).sum((0, 1)), (window * y).sum((0, 1))
    var_x, var_y = (window * (x - mean_x) ** 2).sum((0, 1)), (window * (y - mean_y) ** 2).sum((0, 1))
    covariance = (window * (x - mean_x) * (y - mean_y)).sum((0, 1))
    c1, c2 = 2.55 ** 2, 7.65 ** 2
    expected = (2 * mean_x * mean_y + c1) * (2 * covariance + c2) / (
        (mean_x ** 2 + mean_y ** 2 + c1) * (var_x + var_y + c2))
    assert ssim(first, second) == pytest.approx(expected.mean(), abs=1e-10)


def test_ssim_of_constant_and_equal_pictures():
    dark, bright = np.full((16, 16, 3), 50, np.uint8), np.full((16, 16, 3), 100, np.uint8)
    expected = (2 * 50 * 100 + 2.55 ** 2) / (50 ** 2 + 100 ** 2 + 2.55 ** 2)
    assert ssim(dark, bright) == pytest.approx(expected, abs=1e-9)
    assert ssim(dark, dark) == pytest.approx(1, abs=1e-12)
    negative = 255 - random_picture(32, 32)
    assert ssim(random_picture(32, 32), negative) < 0


def test_colourfulness_by_hand():
    image = np.zeros((1, 2, 3), np.uint8)
    image[0, 0] = [200, 100, 50]  # rg 100, yb 100
    image[0, 1] = [100, 100, 100]  # rg 0, yb 0
    # both have mean 50 and deviation 50
    assert colourfulness(image) == pytest.approx(math.sqrt(2 * 50 ** 2) + 0.3 * math.sqrt(2 * 50 ** 2), abs=1e-12)
    assert colourfulness(np.full((4, 4, 3), 77, np.uint8)) == 0


@pytest.mark.parametrize('call,message', [
    (lambda: psnr(np.zeros((2, 2)), np.zeros((2, 3))), 'differ in size'),
    (lambda: ssim(np.zeros((10, 20, 3)), np.zeros((10, 20, 3))), 'at least 11x11 pixels, got 10x20'),
    (lambda: psnr(np.zeros(3), np.zeros(3)), 'H,W or H,W,C'), (lambda: colourfulness(np.zeros((3, 4, 4))), 'H,W,3')])
def test_faulty_pictures(call, message):
    with pytest.raises(ValueError, match=message):
        call()
