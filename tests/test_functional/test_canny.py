"""The levels of Canny's edges against MATLAB's definition, spelt out pixel by pixel and threshold by threshold."""

import math

import cv2
import numpy as np
import pytest
from skimage.morphology import reconstruction

from nightgen.functional import canny_edges, canny_levels, matlab_grey
from nightgen.functional.canny import THRESHOLDS, local_maxima, reconstruct, smooth_gradient


def thermal_frame(seed: int, height: int = 40, width: int = 56) -> np.ndarray:
    """Warm blobs on a cold gradient, sensor noise, low contrast: uint8 H,W."""
    rng = np.random.default_rng(seed)
    rows, columns = np.mgrid[:height, :width]
    image = 40 + 20 * rows / height + 10 * np.sin(columns / 9)
    for _ in range(5):
        y, x, radius = rng.uniform(0, height), rng.uniform(0, width), rng.uniform(2, 8)
        image += rng.uniform(-30, 70) * (((rows - y) / 1.7) ** 2 + (columns - x) ** 2 < radius ** 2)
    image = cv2.GaussianBlur(image, (0, 0), 1.0) + rng.normal(0, 2, image.shape)
    return np.clip(np.rint(image), 0, 255).astype(np.uint8)


def filtered(image: np.ndarray, taps: list[float], axis: int) -> np.ndarray:
    """MATLAB's imfilter(..., 'conv', 'replicate') along one axis."""
    half, result = len(taps) // 2, np.zeros_like(image)
    for y in range(image.shape[0]):
        for x in range(image.shape[1]):
            total = 0.0
            for index, tap in enumerate(taps):
                shift = half - index  # a convolution mirrors its kernel
                row = min(max(y + shift, 0), image.shape[0] - 1) if axis == 0 else y
                column = min(max(x + shift, 0), image.shape[1] - 1) if axis == 1 else x
                total += tap * image[row, column]
            result[y, x] = total
    return result


def matlab_gradient(image: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    sigma = math.sqrt(2)
    gauss = [math.exp(-x * x / (2 * sigma * sigma)) for x in range(-6, 7)]
    gauss = [tap / sum(gauss) for tap in gauss]
    slope = [gauss[1] - gauss[0], *((gauss[i + 1] - gauss[i - 1]) / 2 for i in range(1, 12)), gauss[12] - gauss[11]]
    positive, negative = sum(t for t in slope if t > 0), -sum(t for t in slope if t < 0)
    slope = [tap / (positive if tap > 0 else negative) for tap in slope]
    image = image / 255
    return filtered(filtered(image, gauss, 0), slope, 1), filtered(filtered(image, gauss, 1), slope, 0)


def matlab_maxima(ix: np.ndarray, iy: np.ndarray, mag: np.ndarray) -> np.ndarray:
    """The four direction sectors of MATLAB's cannyFindLocalMaxima; rows grow downwards."""
    result = np.zeros(mag.shape, bool)
    for r in range(1, mag.shape[0] - 1):
        for c in range(1, mag.shape[1] - 1):
            x, y, box = ix[r, c], iy[r, c], mag[r - 1:r + 2, c - 1:c + 2]  # box[0] is the row above
            if (y <= 0 and x > -y) or (y >= 0 and x < -y):
                d = abs(y / x)
                one, two = box[1, 2] * (1 - d) + box[0, 2] * d, box[1, 0] * (1 - d) + box[2, 0] * d
            elif (x > 0 and -y >= x) or (x < 0 and -y <= x):
                d = abs(x / y)
                one, two = box[0, 1] * (1 - d) + box[0, 2] * d, box[2, 1] * (1 - d) + box[2, 0] * d
            elif (x <= 0 and x > y) or (x >= 0 and x < y):
                d = abs(x / y)
                one, two = box[0, 1] * (1 - d) + box[0, 0] * d, box[2, 1] * (1 - d) + box[2, 2] * d
            elif (y < 0 and x <= y) or (y > 0 and x >= y):
                d = abs(y / x)
                one, two = box[1, 0] * (1 - d) + box[0, 0] * d, box[1, 2] * (1 - d) + box[2, 2] * d
            else:
                continue
            result[r, c] = mag[r, c] >= one and mag[r, c] >= two
    return result


def matlab_edges(maxima: np.ndarray, mag: np.ndarray, low: float, high: float) -> np.ndarray:
    """bwselect: the 8-connected components of weak edges that hold a strong one, by flood fill."""
    weak, edges = maxima & (mag > low), np.zeros(mag.shape, bool)
    stack = list(zip(*np.nonzero(maxima & (mag > high)), strict=True))
    while stack:
        r, c = stack.pop()
        if not edges[r, c]:
            edges[r, c] = True
            stack += [(r + i, c + j) for i in (-1, 0, 1) for j in (-1, 0, 1) if weak[r + i, c + j]]
    return edges


def test_gradient_is_matlabs():
    image = thermal_frame(0, 20, 24)
    for ours, theirs in zip(smooth_gradient(image / 255), matlab_gradient(image), strict=True):
        np.testing.assert_allclose(ours, theirs, atol=1e-14)


def test_gradient_points_right_and_down():
    ramp = np.tile(np.arange(32.0), (32, 1))
    dx, dy = smooth_gradient(ramp)
    assert np.all(dx[8:-8, 8:-8] > 0) and np.allclose(dy, 0)
    assert np.all(smooth_gradient(ramp.T)[1][8:-8, 8:-8] > 0)


def test_maxima_are_matlabs():
    rng = np.random.default_rng(0)
    # values from a small set make ties, zeros and 45 degrees
    dx, dy = (rng.choice([-2.0, -1.0, -0.5, 0.0, 0.5, 1.0, 2.0], (30, 34)) for _ in range(2))
    mag = np.hypot(dx, dy)
    ours = np.zeros(mag.shape, bool)
    ours.ravel()[local_maxima(dx, dy, mag)] = True
    np.testing.assert_array_equal(ours, matlab_maxima(dx, dy, mag))


@pytest.mark.parametrize('seed', range(4))
def test_levels_are_matlabs_edges_at_every_threshold(seed):
    image = thermal_frame(seed)
    dx, dy = matlab_gradient(image)
    mag = np.hypot(dx, dy)
    mag /= mag.max()
    maxima = matlab_maxima(dx, dy, mag)
    levels = canny_levels(image)
    assert levels.max() > 50
    for j, high in enumerate(THRESHOLDS):
        np.testing.assert_array_equal(levels > j, matlab_edges(maxima, mag, high / 2, high), err_msg=f'at {high}')


@pytest.mark.parametrize(('low', 'high'), [(0.1, 0.2), (0.05, 0.4), (0.0, 0.15), (0.3, 0.31)])
def test_edges_are_matlabs_at_any_two_thresholds(low, high):
    image = thermal_frame(7)
    dx, dy = matlab_gradient(image)
    mag = np.hypot(dx, dy)
    mag /= mag.max()
    edges = canny_edges(image, low, high)
    assert edges.dtype == np.uint8 and edges.any()
    np.testing.assert_array_equal(edges, matlab_edges(matlab_maxima(dx, dy, mag), mag, low, high))


def test_reconstruction_is_scikit_images():
    rng = np.random.default_rng(1)
    mask = cv2.GaussianBlur(rng.random((60, 70)), (0, 0), 2)
    mask = np.rint(255 * (mask - mask.min()) / np.ptp(mask)).astype(np.uint8)
    marker = np.where(rng.random(mask.shape) < 0.02, mask, 0).astype(np.uint8)
    np.testing.assert_array_equal(reconstruct(marker, mask), reconstruction(marker, mask, footprint=np.ones((3, 3))))


def test_reconstruction_follows_a_long_path():
    mask = np.zeros((41, 60), np.uint8)  # a path of 20 rows that turn at their ends
    mask[1::2, 1:-1] = 9
    for turn, row in enumerate(range(2, 39, 2)):
        mask[row, -2 if turn % 2 == 0 else 1] = 9
    marker = np.zeros_like(mask)
    marker[1, 1] = 9
    np.testing.assert_array_equal(reconstruct(marker, mask), mask)


def test_constant_picture_has_no_edges():
    for value in (0, 7, 255):
        assert not canny_levels(np.full((24, 30), value, np.uint8)).any()
        assert not canny_edges(np.full((24, 30), value, np.uint8)).any()


def test_contrast_does_not_matter():
    image = thermal_frame(5) // 2
    np.testing.assert_array_equal(canny_levels(image), canny_levels(image / 510))


def test_grey_is_rounded_ntsc_luma():
    image = np.array([[[255, 0, 0], [0, 255, 0], [0, 0, 255], [255, 255, 255], [77, 77, 77]]], np.uint8)
    np.testing.assert_array_equal(matlab_grey(image), [[76, 150, 29, 255, 77]])  # rgb2gray's documented values
    np.testing.assert_array_equal(matlab_grey(image[..., :1]), image[..., 0])


def test_bad_input():
    with pytest.raises(ValueError, match='3x3'):
        canny_levels(np.zeros((2, 9), np.uint8))
    with pytest.raises(ValueError, match='low < high'):
        canny_edges(np.zeros((9, 9), np.uint8), 0.2, 0.1)
    with pytest.raises(ValueError, match='ascend'):
        canny_levels(np.zeros((9, 9), np.uint8), np.array([0.5, 0.4]))
    with pytest.raises(TypeError, match='uint8'):
        matlab_grey(np.zeros((4, 4, 3)))
