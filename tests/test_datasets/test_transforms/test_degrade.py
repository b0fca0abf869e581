"""RandomBlur and RandomNoise: how much, how often, and what they leave alone."""

import numpy as np
import pytest
from scipy import ndimage

from nightgen.datasets.transforms import RandomBlur, RandomNoise


def sample(level=128, size=(96, 96)):
    return dict(img=np.full((*size, 3), level, np.uint8), gt_seg_map=np.arange(96 * 96).reshape(size))


def test_blur_is_a_gaussian_of_the_asked_deviation():
    np.random.seed(0)
    image = np.random.randint(0, 255, (64, 64, 3), np.uint8)
    found = RandomBlur(sigma=(1.5, 1.5), prob=1.0)(dict(img=image))['img']
    expected = ndimage.gaussian_filter(image.astype(float), (1.5, 1.5, 0), mode='mirror')
    assert np.abs(found - expected).max() < 2  # OpenCV cuts the kernel of 8-bit images at three deviations


def test_noise_has_the_asked_deviation_and_is_grey_or_coloured():
    np.random.seed(1)
    grey = []
    for _ in range(12):
        before = sample()
        after = RandomNoise(deviation=(10, 10), prob=1.0)(dict(before))
        noise = after['img'].astype(float) - 128
        assert noise.std() == pytest.approx(10, rel=0.05) and abs(noise.mean()) < 0.5
        assert after['gt_seg_map'] is before['gt_seg_map']
        grey.append(bool((noise[..., 0] == noise[..., 1]).all()))
    assert {True, False} == set(grey)
    assert RandomNoise(deviation=(200, 200), prob=1.0)(sample())['img'].max() == 255  # clipped, not wrapped


@pytest.mark.parametrize('kind', [RandomBlur, RandomNoise])
def test_how_often(kind):
    np.random.seed(2)
    image = np.random.randint(0, 255, (32, 32, 3), np.uint8)
    changed = [not np.array_equal(kind(prob=0.3)(dict(img=image))['img'], image) for _ in range(200)]
    assert 0.2 < np.mean(changed) < 0.4
    assert kind(prob=0.0)(dict(img=image))['img'] is image


def test_bad_settings_and_images():
    for make in (lambda: RandomBlur(sigma=(2, 1)), lambda: RandomNoise(deviation=(0, 3)), lambda: RandomBlur(prob=1.5)):
        with pytest.raises(ValueError):
            make()
    with pytest.raises(TypeError, match='takes 8-bit images, a.png is float32'):
        RandomBlur(prob=1.0)(dict(img=np.zeros((8, 8, 3), np.float32), img_path='a.png'))
