"""tools/dataset_converters/bdd100k_lists.py"""

import json

import pytest

from nightgen.datasets import BDD100KDataset

TIMES = ['night', 'daytime', 'dawn/dusk']


@pytest.fixture
def tool(load_tool):
    return load_tool('tools/dataset_converters/bdd100k_lists.py')


@pytest.fixture
def root(tmp_path):
    (tmp_path / 'labels').mkdir()
    for split in ('train', 'val'):
        frames = [dict(name=f'{split}{index:03d}.jpg', attributes=dict(
            timeofday=TIMES[index % 3], weather='rainy' if index % 2 else 'clear')) for index in range(60)]
        (tmp_path / f'labels/bdd100k_labels_images_{split}.json').write_text(json.dumps(frames))
        (tmp_path / 'images/100k' / split).mkdir(parents=True)
        for frame in frames:
            (tmp_path / 'images/100k' / split / frame['name']).touch()
    return tmp_path


def lines(root, name):
    return [line for line in (root / 'lists' / name).read_text().splitlines() if not line.startswith('#')]


def run(tool, root, *more):
    return tool.main([str(root), '--train', '12', '--test', '5', *more])


def test_numbers_times_and_splits(tool, root):
    assert run(tool, root) == 0
    night, day, test = (lines(root, f'{name}.txt') for name in ('train_night', 'train_day', 'test_night'))
    assert [len(set(part)) for part in (night, day, test)] == [12, 12, 5] and night == sorted(night)
    assert all(int(name[5:8]) % 3 == 0 for name in night) and all(int(name[5:8]) % 3 == 1 for name in day)
    assert all(name.startswith('val') and int(name[3:6]) % 3 == 0 for name in test)
    assert 'seed 0' in (root / 'lists/train_night.txt').read_text().splitlines()[0]
    assert len(BDD100KDataset(data_root=str(root), ann_file='lists/train_day.txt')) == 12


def test_the_seed_decides(tool, root):
    run(tool, root)
    first = lines(root, 'train_night.txt')
    run(tool, root)
    assert lines(root, 'train_night.txt') == first
    run(tool, root, '--seed', '1')
    assert lines(root, 'train_night.txt') != first


def test_weather_narrows_the_choice(tool, root):
    tool.main([str(root), '--train', '8', '--test', '5', '--weather', 'rainy'])
    assert all(int(name[5:8]) % 2 for name in lines(root, 'train_night.txt'))


def test_check_compares(tool, root, capsys):
    assert run(tool, root, '--check') == 1 and 'missing' in capsys.readouterr().out
    run(tool, root)
    assert run(tool, root, '--check') == 0
    path = root / 'lists/test_night.txt'
    path.write_text(path.read_text().replace('val', 'other', 1))
    assert run(tool, root, '--check') == 1 and 'test_night.txt: DIFFERS' in capsys.readouterr().out


def test_what_is_missing_is_said(tool, root, capsys):
    with pytest.raises(SystemExit, match='train_night: 21 images wanted, only 20 there'):
        tool.main([str(root), '--train', '21'])
    (root / 'images/100k/train/train000.jpg').unlink()
    assert run(tool, root) == 0
    assert '1 of 20 labelled night images are not in' in capsys.readouterr().err
    assert 'train000.jpg' not in lines(root, 'train_night.txt')
    with pytest.raises(SystemExit, match='labels_images_train.json does not exist; download BDD100K'):
        tool.main([str(root / 'gone')])
