"""Edge maps beside the image: found on the fly, and read from a folder, they move with it."""

import cv2
import numpy as np
import pytest

from nightgen.datasets import ImageFolderDataset
from nightgen.datasets.transforms import CannyEdges
from nightgen.datasets.transforms.edges import edge_map
from nightgen.functional import canny_edges, matlab_grey
from nightgen.models.data_preprocessor import TranslationDataPreprocessor
from nightgen.registry import TRANSFORMS
from nightgen.testing import random_picture, write_pictures
from nightgen.utils.images import read_image, write_image
from nightgen.utils.seeding import Draw


def test_they_are_matlabs_edges_of_the_grey_picture():
    image = random_picture(24, 30)
    edges = edge_map(image)
    assert edges.dtype == np.uint8 and edges.shape == (24, 30) and set(np.unique(edges)) == {0, 255}
    np.testing.assert_array_equal(edges, 255 * canny_edges(matlab_grey(image), 0.1, 0.2))
    np.testing.assert_array_equal(edge_map(image.astype(np.uint16) * 257), edges)  # 16 bit: by its range
    np.testing.assert_array_equal(edge_map(image[:, ::-1]), edge_map(np.ascontiguousarray(image[:, ::-1])))
    grey = image[..., :1]
    np.testing.assert_array_equal(edge_map(grey), edge_map(np.repeat(grey, 3, axis=2)))


def test_a_blur_before_takes_the_noise():
    step = np.full((40, 40), 60.0)
    step[:, 20:] = 120
    noise = np.random.default_rng(0).normal(0, 25, step.shape)
    image = np.clip(step + noise, 0, 255).astype(np.uint8)
    blurred = cv2.GaussianBlur(image.astype(np.float64), (0, 0), 2, borderType=cv2.BORDER_REPLICATE)
    np.testing.assert_array_equal(edge_map(image, blur=2), 255 * canny_edges(blurred))
    assert np.count_nonzero(edge_map(image, blur=2)) < np.count_nonzero(edge_map(image))


def test_the_transform_puts_them_beside_the_image():
    results = dict(img=random_picture(12, 16), img_fields=['img'])
    out = TRANSFORMS.build(dict(type='CannyEdges', low=0.05, high=0.3, blur=1.0))(results)
    assert out['img_fields'] == ['img', 'edges'] and out['edges'].shape == (12, 16, 1)
    np.testing.assert_array_equal(out['edges'][..., 0], edge_map(random_picture(12, 16), 0.05, 0.3, 1.0))
    assert repr(CannyEdges(0.05, 0.3, 1.0)) == "CannyEdges(low=0.05, high=0.3, blur=1.0, key='edges')"


GEOMETRY = [dict(type='RandomCropImages', crop_size=16), dict(type='RandomFlipTranspose', horizontal=0.5),
            dict(type='PackTranslationInputs')]


def test_the_same_from_a_folder_and_on_the_fly_in_a_batch(tmp_path):
    """Cropped and flipped with the image: found before the crop, so equal to what the offline tool writes."""
    paths = write_pictures(tmp_path / 'day', number=3, size=(24, 32))
    for path in paths:
        write_image(str(tmp_path / 'edges' / path.name), edge_map(read_image(str(path))))
    common = dict(data_root=str(tmp_path), data_prefix=dict(img='day'), domain='day')
    found = ImageFolderDataset(**common, pipeline=[dict(type='LoadImage'), dict(type='CannyEdges'), *GEOMETRY])
    read = ImageFolderDataset(
        **common, beside=dict(edges='edges'),
        pipeline=[dict(type='LoadImage'), dict(type='LoadImage', key='edges', mode='grey'), *GEOMETRY])
    flips = set()
    for draw in range(8):
        one, other = found[Draw(draw % 3, draw, 1)], read[Draw(draw % 3, draw, 1)]
        assert one['inputs']['edges'].shape == (1, 16, 16)
        assert one['inputs']['edges'].equal(other['inputs']['edges'])
        assert one['inputs']['real'].equal(other['inputs']['real'])
        flips.add(one['data_samples'].flip)
    assert len(flips) == 2
    batch = TranslationDataPreprocessor()(dict(inputs=dict(edges_day=[found[0]['inputs']['edges']] * 2)))
    assert batch['inputs']['edges_day'].shape == (2, 1, 16, 16)
    assert set(batch['inputs']['edges_day'].unique().tolist()) == {0.0, 1.0}


def test_soft_edges_keep_their_strength(tmp_path):
    write_pictures(tmp_path / 'day', number=1, size=(16, 16))
    soft = np.arange(256, dtype=np.uint8).reshape(16, 16)
    write_image(str(tmp_path / 'edges/000000.png'), soft)
    dataset = ImageFolderDataset(
        data_root=str(tmp_path), data_prefix=dict(img='day'), beside=dict(edges='edges'),
        pipeline=[dict(type='LoadImage'), dict(type='LoadImage', key='edges', mode='grey'),
                  dict(type='PackTranslationInputs')])
    batch = TranslationDataPreprocessor()(dict(inputs=dict(edges=[dataset[0]['inputs']['edges']])))
    np.testing.assert_allclose(batch['inputs']['edges'][0, 0].numpy(), soft / 255, atol=1e-7)


@pytest.mark.parametrize(('settings', 'words'), [(dict(low=0.3), 'low < high'), (dict(blur=-1), 'standard deviation'),
                                                 (dict(high=1.5), 'high < 1')])
def test_bad_settings_are_refused_when_built(settings, words):
    with pytest.raises(ValueError, match=words):
        CannyEdges(**settings)
