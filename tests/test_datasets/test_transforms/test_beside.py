"""What lies beside a picture: from its file, else by its recipe, else a message; only what is wanted."""

import numpy as np
import pytest

from nightgen.datasets import ImageFolderDataset
from nightgen.datasets.transforms import CannyEdges, LoadBeside
from nightgen.testing import write_pictures
from nightgen.utils.images import write_image

EDGES = dict(day=dict(type='CannyEdges'), thermal=dict(type='CannyEdges', blur=2.0))


def sample(**entries) -> dict:
    image = np.random.RandomState(0).randint(0, 256, (20, 24, 3), np.uint8)
    return dict(img=image, img_fields=['img'], **entries)


@pytest.mark.parametrize(('domain', 'blur'), [('day', 0.0), ('thermal', 2.0)])
def test_a_recipe_of_each_domain(domain: str, blur: float):
    made = LoadBeside(make=dict(edges=EDGES))(sample(inputs=('edges',), domain=domain))
    np.testing.assert_array_equal(made['edges'], CannyEdges(blur=blur)(sample())['edges'])
    assert made['img_fields'] == ['img', 'edges']


def test_one_recipe_for_all_domains():
    made = LoadBeside(make=dict(edges=dict(type='CannyEdges')))(sample(inputs=('edges',), domain='dawn'))
    np.testing.assert_array_equal(made['edges'], CannyEdges()(sample())['edges'])


def test_nothing_happens_for_what_nobody_wants(tmp_path):
    given = sample(domain='day', edges_path=str(tmp_path / 'not there.png'))
    assert set(LoadBeside(make=dict(edges=EDGES))(dict(given))) == set(given)


def test_a_file_comes_before_the_recipe_and_is_read_as_its_kind(tmp_path):
    edges, label = (np.random.RandomState(seed).randint(0, 256, (20, 24), np.uint8) for seed in (1, 2))
    depth = np.random.RandomState(3).randint(0, 256, (20, 24, 3), np.uint8)
    for name, picture in dict(edges=edges, label=label, depth=depth, mask=depth[..., 0]).items():
        write_image(str(tmp_path / f'{name}.png'), picture)
    paths = {f'{name}_path': str(tmp_path / f'{name}.png') for name in ('edges', 'label', 'depth', 'mask')}
    loader = LoadBeside(make=dict(edges=EDGES), modes=dict(mask='label'))
    made = loader(sample(inputs=('edges', 'label', 'depth', 'mask'), domain='day', **paths))
    np.testing.assert_array_equal(made['edges'], edges[..., None])
    np.testing.assert_array_equal(made['label'], label)
    np.testing.assert_array_equal(made['depth'], depth)
    np.testing.assert_array_equal(made['mask'], depth[..., 0])
    assert made['img_fields'] == ['img', 'edges', 'label', 'depth', 'mask']


def test_what_a_step_before_has_made_is_left_alone():
    before = CannyEdges(blur=5.0)(sample(inputs=('edges',), domain='day'))
    after = LoadBeside(make=dict(edges=EDGES))(dict(before))
    assert after['edges'] is before['edges']


def test_without_a_file_or_a_recipe_it_says_what_to_do():
    loader = LoadBeside(make=dict(edges=EDGES))
    with pytest.raises(KeyError, match=r"'edges' of the domain 'night' is wanted.*beside=dict\(edges=<folder.*"
                                       r'make=dict\(edges=dict\(night=dict'):
        loader(sample(inputs=('edges',), domain='night'))
    with pytest.raises(KeyError, match="recipe for 'contours' and makes no such entry; give it key='contours'"):
        LoadBeside(make=dict(contours=dict(type='CannyEdges')))(sample(inputs=('contours',), domain='day'))


PIPELINE = [dict(type='LoadImage'), dict(type='LoadBeside', make=dict(edges=EDGES)), dict(type='PackTranslationInputs')]


def test_a_data_set_asks_its_pipeline(tmp_path):
    write_pictures(tmp_path / 'day', 2, (20, 24))
    config = dict(data_root=str(tmp_path), data_prefix=dict(img='day'), domain='day', pipeline=PIPELINE)
    assert list(ImageFolderDataset(**config)[0]['inputs']) == ['real']
    packed = ImageFolderDataset(**config, inputs=('edges',))[0]['inputs']
    assert set(packed) == {'real', 'edges'} and packed['edges'].shape == (1, 20, 24)


def test_a_data_set_refuses_what_nobody_provides(tmp_path):
    write_pictures(tmp_path / 'day', 1, (20, 24))
    config = dict(data_root=str(tmp_path), data_prefix=dict(img='day'), domain='day', lazy_init=True)
    with pytest.raises(ValueError, match="'label' of the domain 'day' is wanted, and neither a file nor a recipe"):
        ImageFolderDataset(**config, pipeline=PIPELINE, inputs=('edges', 'label'))
    with pytest.raises(ValueError, match=r"'edges' is wanted, and no step of the pipeline loads it; put "
                                         r"dict\(type='LoadBeside'\) behind LoadImage"):
        ImageFolderDataset(**config, pipeline=[PIPELINE[0], PIPELINE[2]], inputs=('edges',))
    own = [dict(type='LoadImage'), dict(type='CannyEdges'), dict(type='PackTranslationInputs')]
    assert ImageFolderDataset(**config, pipeline=own, inputs=('edges',))[0]['inputs']['edges'].shape == (1, 20, 24)


def test_a_folder_that_is_given_replaces_the_recipe(tmp_path):
    write_pictures(tmp_path / 'day', 1, (20, 24))
    write_image(str(tmp_path / 'soft/000000.png'), np.full((20, 24), 99, np.uint8))
    dataset = ImageFolderDataset(data_root=str(tmp_path), data_prefix=dict(img='day'), domain='day', pipeline=PIPELINE,
                                 beside=dict(edges='soft'), inputs=('edges',))
    assert (dataset[0]['inputs']['edges'] == 99).all()
