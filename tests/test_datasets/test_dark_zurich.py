"""Dark Zurich in the layout of its download."""

import pytest

from nightgen.datasets import DarkZurichDataset
from nightgen.testing import write_pictures

FRAMES = ['train/night/GOPR0351/GOPR0351_frame_000159', 'train/night/GOPR0352/GOPR0352_frame_000002',
          'train/day/GOPR0345/GOPR0345_frame_000483', 'test/night/GOPR0364/GOPR0364_frame_000001',
          'val_ref/day/GOPR0356_ref/GOPR0356_frame_000321_ref']


@pytest.fixture
def root(tmp_path):
    write_pictures(tmp_path / 'rgb_anon', names=[f'{frame}_rgb_anon.png' for frame in FRAMES])
    write_pictures(tmp_path / 'rgb_anon', names=['train/night/GOPR0351/GOPR0351_frame_000159_other.png'])
    return str(tmp_path)


def keys(**options):
    dataset = DarkZurichDataset(**options)
    return [dataset.get_data_info(index)['key'] for index in range(len(dataset))]


def test_splits_and_times(root):
    assert keys(data_root=root) == FRAMES[:2]
    assert keys(data_root=root, split=('train', 'test')) == [FRAMES[0], FRAMES[1], FRAMES[3]]
    assert keys(data_root=root, timeofday='day') == [FRAMES[2]]
    assert keys(data_root=root, split='val_ref', timeofday='day') == [FRAMES[4]]
    path = DarkZurichDataset(data_root=root).get_data_info(0)['img_path']
    assert path == f'{root}/rgb_anon/{FRAMES[0]}_rgb_anon.png'


def test_list(root, tmp_path):
    (tmp_path / 'list.txt').write_text(f'{FRAMES[3]}_rgb_anon.png\n')
    assert keys(data_root=root, ann_file='list.txt') == [FRAMES[3]]


def test_errors_say_what_is_wrong(root):
    with pytest.raises(FileNotFoundError, match='rgb_anon/val/night does not exist'):
        DarkZurichDataset(data_root=root, split='val')
    for options in (dict(split='dev'), dict(timeofday='noon')):
        with pytest.raises(ValueError, match='split must be of .* and timeofday of'):
            DarkZurichDataset(data_root=root, **options)
    write_pictures(f'{root}/rgb_anon/test_ref/day', number=1)
    with pytest.raises(FileNotFoundError, match='no image in .*test_ref/day; looked for files ending in _rgb_anon'):
        DarkZurichDataset(data_root=root, split='test_ref', timeofday='day')
