"""tools/analysis_tools/browse_dataset.py"""

import numpy as np
import pytest

from nightgen.testing import random_picture, write_pictures
from nightgen.utils.images import read_image

CONFIG = '''
pipeline = [dict(type='LoadImage'), dict(type='RandomCropImages', crop_size=16), dict(type='PackTranslationInputs')]
whole = [dict(type='LoadImage'), dict(type='PackTranslationInputs')]
train_dataloader = dict(dataset=dict(
    type='UnpairedDataset',
    night=dict(type='ImageFolderDataset', data_root='{root}/night', pipeline=pipeline),
    day=dict(type='ImageFolderDataset', data_root='{root}/day', pipeline=pipeline)))
test_dataloader = dict(dataset=dict(
    type='SingleDomainDataset', domain='night',
    dataset=dict(type='ImageFolderDataset', data_root='{root}/night', pipeline=whole),
    truth=dict(type='ImageFolderDataset', data_root='{root}/day', pipeline=whole)))
'''


@pytest.fixture
def tool(load_tool):
    return load_tool('tools/analysis_tools/browse_dataset.py')


@pytest.fixture
def config(tmp_path):
    write_pictures(tmp_path / 'night', number=9, seed=1)
    write_pictures(tmp_path / 'day', number=11, seed=2)
    path = tmp_path / 'config.py'
    path.write_text(CONFIG.format(root=tmp_path))
    return str(path)


def test_counts_and_grids(tool, config, tmp_path, capsys):
    out = tmp_path / 'out'
    assert tool.main([config, '--out-dir', str(out), '--number', '10', '--cell', '40']) == 0
    printed = capsys.readouterr().out
    assert 'train: night 9, day 11' in printed and 'test: night 9 with truth' in printed
    parts = ('test_night', 'test_truth', 'train_day', 'train_night')
    assert sorted(path.name for path in out.iterdir()) == [f'{part}.{end}' for part in parts for end in ('png', 'txt')]
    listed = (out / 'train_night.txt').read_text().split()
    assert len(listed) == 10 and set(listed) <= {str(path) for path in (tmp_path / 'night').iterdir()}
    assert (out / 'test_truth.txt').read_text().startswith(
        f'truth of {(out / "test_night.txt").read_text().splitlines()[0].split("/")[-1]}')
    assert read_image(out / 'train_night.png').shape == (4 * 40, 8 * 40, 3)  # ten: eight and two, files above samples
    again = tmp_path / 'again'
    tool.main([config, '--out-dir', str(again), '--number', '10', '--cell', '40'])
    np.testing.assert_array_equal(read_image(again / 'train_day.png'), read_image(out / 'train_day.png'))


def test_overrides_and_one_split(tool, config, tmp_path, capsys):
    out = tmp_path / 'out'
    assert tool.main([config, '--out-dir', str(out), '--splits', 'train', '--number', '1', '--cfg-options',
                      f'train_dataloader.dataset.day.data_root={tmp_path}/night']) == 0
    assert 'train: night 9, day 9' in capsys.readouterr().out
    assert sorted(path.name for path in out.glob('*.png')) == ['train_day.png', 'train_night.png']


def test_config_without_data(tool, tmp_path, capsys):
    path = tmp_path / 'config.py'
    path.write_text('model = dict()')
    assert tool.main([str(path)]) == 1 and 'has no data loader for train, val, test' in capsys.readouterr().err


def test_cells_keep_the_aspect_ratio_and_take_grey_and_16_bit(tool):
    cell = tool.cell_of(random_picture(10, 20, channels=1, dtype=np.uint16), 40)
    assert cell.shape == (40, 40, 3) and (cell[:10] == 128).all() and (cell[30:] == 128).all()
    assert cell[10:30].std() > 10 and (cell[..., 0] == cell[..., 2]).all()
