"""Sets of pictures that metrics compare with: where they are."""

import pytest

from nightgen.datasets import ImageFolderDataset
from nightgen.evaluation.metrics.real_set import beside_evaluated, file_list
from nightgen.testing import write_pictures


def test_auto_is_the_folder_of_the_evaluated_data_set(tmp_path):
    write_pictures(tmp_path / 'a/day', 2)
    write_pictures(tmp_path / 'b/day', 3)
    config = dict(type='ImageFolderDataset', data_root='auto', data_prefix=dict(img='day'))
    for name, number in dict(a=2, b=3).items():
        paths = file_list(config, dict(data_root=str(tmp_path / name)), 'FID')
        assert paths == [str(tmp_path / name / f'day/{index:06d}.png') for index in range(number)]
    assert config['data_root'] == 'auto'
    built = ImageFolderDataset(data_root=str(tmp_path / 'a/day'))
    assert beside_evaluated(built, None, 'FID') is built
    elsewhere = dict(type='ImageFolderDataset', data_root=str(tmp_path / 'b/day'))
    assert len(file_list(elsewhere, dict(data_root=str(tmp_path / 'a')), 'FID')) == 3


@pytest.mark.parametrize('meta', [None, {}, dict(data_root=None)])
def test_auto_of_nowhere_is_an_error(meta):
    with pytest.raises(ValueError, match="FID: data_root='auto' .* does not say its own; give a folder to Night"):
        beside_evaluated(dict(type='NightscapeDataset', data_root='auto'), meta, 'FID')


def test_real_pictures_are_files_without_a_range(tmp_path):
    paths = write_pictures(tmp_path, number=2)
    config = dict(type='ImageFolderDataset', data_root=str(tmp_path))
    assert file_list(config, None, 'FID') == [str(path) for path in paths]
    with pytest.raises(ValueError, match='ImageFolderDataset: real images are compared as they are'):
        file_list(dict(config, range='minmax'), None, 'FID')
