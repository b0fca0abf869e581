"""Crop, flip and resize move everything that is aligned with the image."""

import numpy as np
import pytest

from nightgen.datasets.transforms import RandomCropImages, RandomFlipTranspose, ResizeImages
from nightgen.datasets.transforms.fields import image_fields


def sample(height=9, width=13):
    """The image's channels are its row, its column and zero, so that every pixel tells where it was."""
    rows, columns = np.mgrid[:height, :width].astype(np.uint8)
    image = np.stack([rows, columns, 0 * rows], axis=2)
    return dict(img=image, edges=image[..., :1].copy(), gt_seg_map=columns.copy(), img_fields=['img', 'edges'],
                img_path='night/a.png')


def assert_aligned(results):
    np.testing.assert_array_equal(results['edges'][..., 0], results['img'][..., 0])
    np.testing.assert_array_equal(results['gt_seg_map'], results['img'][..., 1])
    assert results['img_shape'] == results['img'].shape[:2]


def test_crop_takes_every_window_and_one_for_all():
    seen = set()
    for seed in range(300):
        np.random.seed(seed)
        results = RandomCropImages((8, 11))(sample())
        assert_aligned(results)
        top, left, rows, columns = results['crop_box']
        np.testing.assert_array_equal(results['img'], sample()['img'][top:top + rows, left:left + columns])
        seen.add((top, left))
    assert seen == {(top, left) for top in range(2) for left in range(3)}


def test_crop_of_the_whole_image_and_larger():
    assert RandomCropImages((9, 13))(sample())['img'].shape == (9, 13, 3)
    with pytest.raises(ValueError, match=r'night/a.png is 9x13 \(height x width\), smaller than the crop 10x10'):
        RandomCropImages(10)(sample())


@pytest.mark.parametrize('coins,expected', [
    ((1, 0, 0), lambda image: image[:, ::-1]), ((0, 1, 0), lambda image: image[::-1]),
    ((0, 0, 1), lambda image: image.transpose(1, 0, 2)),
    ((1, 1, 1), lambda image: np.rot90(image, 2).transpose(1, 0, 2)), ((0, 0, 0), lambda image: image)])
def test_each_mirror(coins, expected):
    results = RandomFlipTranspose(*coins)(sample())
    np.testing.assert_array_equal(results['img'], expected(sample()['img']))
    assert_aligned(results)
    assert results['flip'] == tuple(map(bool, coins))


def test_coins_are_independent_and_fair():
    np.random.seed(0)
    transform = RandomFlipTranspose(0.5, 0.5, 0.5)
    flips = np.array([transform(sample(3, 3))['flip'] for _ in range(2000)], float)
    assert np.abs(flips.mean(axis=0) - 0.5).max() < 0.04
    assert np.abs(np.corrcoef(flips.T) - np.eye(3)).max() < 0.08
    assert not any(RandomFlipTranspose()(sample())['flip'][1:] != (False, False) for _ in range(50))


@pytest.mark.parametrize('rule,size', [
    (dict(size=(5, 7)), (5, 7)), (dict(size=6), (6, 6)), (dict(short_side=18), (18, 26)),
    (dict(long_side=26), (18, 26)), (dict(at_least=(18, 20)), (18, 26)), (dict(at_least=4), (9, 13)),
    (dict(scale=2), (18, 26)), (dict(scale=0.01), (1, 1))])
def test_resize_rules(rule, size):
    results = ResizeImages(**rule)(sample())
    assert results['img'].shape == (*size, 3) and results['edges'].shape == (*size, 1)
    assert results['gt_seg_map'].shape == size and results['img_shape'] == size


def test_resize_does_not_mix_labels():
    """Every column another class than its neighbours, so that no way of mixing goes unseen."""
    results = sample(64, 64)
    results['gt_seg_map'] = np.where(results['img'][..., 1] % 2 == 0, 3, 255).astype(np.uint8)
    for interpolation in ('auto', 'bilinear', 'bicubic', 'area', 'lanczos'):
        for size in (20, 90):
            resized = ResizeImages(size=size, interpolation=interpolation)(dict(results))['gt_seg_map']
            assert set(np.unique(resized)) == {3, 255}, (interpolation, size)


def test_a_crop_and_a_flip_are_replayed_for_all_that_is_aligned():
    for seed in range(5):
        np.random.seed(seed)
        first = RandomFlipTranspose(0.5, 0.5)(RandomCropImages((8, 11))(sample()))
        np.random.seed(seed + 100)
        replay = dict(crop_box=first['crop_box'], flip=first['flip'])
        again = RandomFlipTranspose(0.5, 0.5)(RandomCropImages((8, 11))(dict(sample(), replay=replay)))
        np.testing.assert_array_equal(again['img'], first['img'])
        np.testing.assert_array_equal(again['edges'], first['edges'])
        assert (again['crop_box'], again['flip']) == (first['crop_box'], first['flip'])
        assert_aligned(again)


@pytest.mark.parametrize('box', [(2, 0, 8, 11), (0, 0, 8, 10), (-1, 0, 8, 11), (0, 3, 8, 11)])
def test_a_crop_that_does_not_fit_is_not_replayed(box):
    with pytest.raises(ValueError, match='of night/a.png cannot be replayed: the image is 9x13 and crops are 8x11'):
        RandomCropImages((8, 11))(dict(sample(), replay=dict(crop_box=box)))


def test_resize_keeps_16_bits_and_takes_flipped_views():
    image = sample()['img'][:, ::-1].astype(np.uint16) * 5000
    results = ResizeImages(scale=2, interpolation='nearest')(dict(img=image))
    np.testing.assert_array_equal(results['img'][::2, ::2], image)
    assert results['img'].dtype == np.uint16


@pytest.mark.parametrize('arguments,message', [
    (dict(), 'exactly one'), (dict(size=3, scale=2), 'exactly one'), (dict(size=(1, 2, 3)), 'size must be'),
    (dict(size=0), 'size must be'), (dict(scale=-1), 'must be positive'),
    (dict(size=4, interpolation='cubic'), "unknown interpolation 'cubic'")])
def test_faulty_resize_arguments(arguments, message):
    with pytest.raises(ValueError, match=message):
        ResizeImages(**arguments)


def test_other_faulty_arguments():
    with pytest.raises(ValueError, match='crop_size must be'):
        RandomCropImages((0, 4))
    with pytest.raises(ValueError, match=r'vertical is a probability in \[0, 1\], got 2'):
        RandomFlipTranspose(vertical=2)


def test_pictures_of_different_sizes_and_boxes_are_errors():
    results = sample()
    results['edges'] = results['edges'][1:]
    with pytest.raises(ValueError, match=r"night/a.png differ in size: \{'img': \(9, 13\), 'edges': \(8, 13\)"):
        RandomCropImages(4)(results)
    with pytest.raises(TypeError, match=r"moves images only, the sample carries \['gt_bboxes'\]"):
        RandomFlipTranspose()(dict(sample(), gt_bboxes=np.zeros((1, 4))))


def test_image_alone_needs_no_record():
    assert image_fields(dict(img=np.zeros((2, 2, 3))), 'test') == ['img']


def test_transforms_say_what_they_are():
    assert repr(RandomCropImages(4)) == 'RandomCropImages(crop_size=(4, 4))'
    assert 'horizontal=0.5' in repr(RandomFlipTranspose()) and 'scale=2' in repr(ResizeImages(scale=2))
