# Tests of nightgen/datasets/nightscape/writer.py: folders, manifests, unpaired and paired splits.
import json

import cv2
import numpy as np
import pytest

from nightgen.datasets.nightscape import (
    NIGHTSCAPE_VERSION,
    NightscapeError,
    Request,
    check_dataset,
    data_name,
    render_command,
    rendered_name,
    write_dataset,
    write_split,
)
from nightgen.datasets.nightscape.writer import plan, plan_split

SMALL = Request(size=(64, 32), train=2, val=1, test=1, seed=7)


@pytest.fixture(scope='module')
def folder(tmp_path_factory):
    out = tmp_path_factory.mktemp('nightscape') / 'data'
    calls = []
    assert write_dataset(out, SMALL, progress=lambda done, total: calls.append((done, total)))
    assert calls == [(k, 8) for k in range(1, 9)]
    return out


def names(path):
    return sorted(p.name for p in path.iterdir())


def test_layout(folder):
    assert names(folder) == ['manifest.json', 'test', 'train', 'val']
    assert names(folder / 'val') == [
        'boxes_day.json',
        'boxes_night.json',
        'boxes_thermal.json',
        'day',
        'label',
        'night',
        'thermal',
    ]
    assert {tuple(names(folder / 'test' / kind)) for kind in ('day', 'night', 'thermal', 'label')} == {('000000.png',)}
    assert names(folder / 'train/day') == ['000000.png', '000001.png']
    assert names(folder / 'train/night') == ['100000.png', '100001.png']
    assert names(folder / 'train/thermal') == ['200000.png', '200001.png']
    assert len(names(folder / 'train/label')) == 6
    assert check_dataset(folder) == []
    picture = cv2.imread(str(folder / 'test/day/000000.png'), cv2.IMREAD_UNCHANGED)
    assert picture.shape == (32, 64, 3)
    assert cv2.imread(str(folder / 'test/thermal/000000.png'), cv2.IMREAD_UNCHANGED).shape == (32, 64)


def test_training_scenes_are_unpaired_and_all_seeds_differ():
    tasks = plan(Request(train=50, val=10, test=10))
    assert len({task.seed for task in tasks}) == len(tasks) == 170
    assert {task.renderings for task in tasks if task.split == 'train'} == {
        ('day', 'label'),
        ('night', 'label'),
        ('thermal', 'label'),
    }
    assert {task.renderings for task in tasks if task.split == 'test'} == {('day', 'night', 'thermal', 'label')}
    assert {(task.split, task.renderings[0], task.content) for task in tasks} == {
        *(('train', domain, domain) for domain in ('day', 'night', 'thermal')),
        ('val', 'day', 'any'),
        ('test', 'day', 'any'),
    }
    other = plan(Request(train=50, val=10, test=10, seed=1))
    assert not {task.seed for task in tasks} & {task.seed for task in other}


def test_more_scenes_keep_the_first_ones():
    assert plan_split(Request(test=5), 'test') == plan_split(Request(test=9), 'test')[:5]


def test_coco_boxes(tmp_path):
    request = Request(size=(192, 96), train=0, val=0, test=3)
    write_split(tmp_path, 'test', request)
    boxes = json.loads((tmp_path / 'test/boxes_night.json').read_text())
    assert [image['file_name'] for image in boxes['images']] == ['000000.png', '000001.png', '000002.png']
    categories = {entry['id']: entry['name'] for entry in boxes['categories']}
    assert list(categories.values())[:3] == ['person', 'rider', 'car']
    labels = [cv2.imread(str(tmp_path / f'test/label/{k:06d}.png'), cv2.IMREAD_UNCHANGED) for k in range(3)]
    assert boxes['annotations']
    for box in boxes['annotations']:
        x, y, w, h = box['bbox']
        label = labels[box['image_id'] - 1]
        assert 0 <= x and 0 <= y and x + w <= 192 and y + h <= 96
        if categories[box['category_id']] == 'car':
            assert (label[y : y + h, x : x + w] == 13).sum() >= box['area']


def test_surveillance_has_a_folder_per_camera_and_a_background(tmp_path):
    request = Request(size=(64, 32), train=3, val=1, test=2, view='surveillance', cameras=2)
    write_dataset(tmp_path / 's', request)
    assert names(tmp_path / 's/train/night') == ['cam00', 'cam01']
    assert names(tmp_path / 's/train/night/cam00') == ['100000.png', '100002.png']
    assert names(tmp_path / 's/background/day') == ['cam00.png', 'cam01.png']
    assert check_dataset(tmp_path / 's') == []
    boxes = json.loads((tmp_path / 's/test/boxes_day.json').read_text())
    assert [image['file_name'] for image in boxes['images']] == ['cam00/000000.png', 'cam01/000001.png']
    tasks = plan(request)
    moving = [(task.seed, task.frame) for task in tasks if task.moving]
    assert len(set(moving)) == len(moving) and len({task.seed for task in tasks}) == 2


def test_a_finished_folder_is_kept(folder):
    before = (folder / 'test/day/000000.png').stat().st_mtime_ns
    assert write_dataset(folder, SMALL) is False
    assert (folder / 'test/day/000000.png').stat().st_mtime_ns == before


def test_check_finds_changed_missing_and_unknown_files_and_a_run_mends_them(tmp_path):
    out = tmp_path / 'data'
    write_dataset(out, SMALL)
    picture = out / 'test/day/000000.png'
    whole = picture.read_bytes()
    picture.write_bytes(whole[:-1] + bytes([whole[-1] ^ 1]))
    (out / 'val/boxes_day.json').unlink()
    assert check_dataset(out) == ['changed: test/day/000000.png', 'missing: val/boxes_day.json']
    assert write_dataset(out, SMALL) is True
    assert check_dataset(out) == [] and picture.read_bytes() == whole
    (out / 'test/day/stray.png').write_bytes(b'')
    assert check_dataset(out) == ['not in the manifest: test/day/stray.png']


def test_an_unfinished_folder_is_rendered_again(folder, tmp_path):
    out = tmp_path / 'data'

    def stop(done, total):
        if done == 3:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write_dataset(out, SMALL, progress=stop)
    with pytest.raises(NightscapeError, match='not finished'):
        check_dataset(out)
    assert write_dataset(out, SMALL) is True
    assert (out / 'manifest.json').read_bytes() == (folder / 'manifest.json').read_bytes()
    assert not (out / 'unfinished.json').exists()


def test_folders_that_hold_something_else_are_left_alone(folder, tmp_path):
    with pytest.raises(NightscapeError, match='holds another Nightscape'):
        write_dataset(folder, Request(size=(64, 32), train=3, val=1, test=1, seed=7))
    (tmp_path / 'mine.txt').write_text('precious')
    with pytest.raises(NightscapeError, match='not empty'):
        write_dataset(tmp_path, SMALL)
    with pytest.raises(NightscapeError, match='is a file'):
        write_dataset(tmp_path / 'mine.txt', SMALL)
    assert names(tmp_path) == ['mine.txt']


def test_check_without_a_manifest(tmp_path):
    with pytest.raises(NightscapeError, match='no folder'):
        check_dataset(tmp_path / 'nowhere')
    with pytest.raises(NightscapeError, match='it is no Nightscape'):
        check_dataset(tmp_path)
    (tmp_path / 'manifest.json').write_text('{"format"')
    with pytest.raises(NightscapeError, match='not readable JSON'):
        check_dataset(tmp_path)


@pytest.mark.parametrize(
    ('change', 'message'),
    [
        (dict(size=(16, 32)), '32 to 8192'),
        (dict(train=-1), 'must not be negative'),
        (dict(train=0, val=0, test=0), 'not all 0'),
        (dict(view='sky'), 'view must be one of'),
        (dict(seed=-3), 'seed must not be negative'),
        (dict(cameras=0), 'at least 1'),
        (dict(thermal='hot'), 'thermal must be one of'),
        (dict(train=100_001), 'at most 100000'),
    ],
)
def test_bad_requests(tmp_path, change, message):
    with pytest.raises(NightscapeError, match=message):
        write_dataset(tmp_path / 'x', Request(**{'size': (64, 32), 'train': 1, 'val': 1, 'test': 1, **change}))
    assert not (tmp_path / 'x').exists()


def test_bad_workers_and_split(tmp_path):
    with pytest.raises(NightscapeError, match='workers must be at least 1'):
        write_dataset(tmp_path / 'x', SMALL, workers=0)
    with pytest.raises(NightscapeError, match='split must be one of'):
        write_split(tmp_path / 'x', 'trial', SMALL)


def test_labels_are_stored_without_loss(folder):
    label = cv2.imread(str(folder / 'val/label/000000.png'), cv2.IMREAD_UNCHANGED)
    assert label.ndim == 2 and set(np.unique(label)) <= set(range(19)) | {255}


def test_what_tables_call_a_folder(folder, tmp_path):
    named = f'Nightscape {NIGHTSCAPE_VERSION}'
    assert rendered_name(folder / 'test/day') == rendered_name(folder) == named
    assert data_name(Request(thermal='fixed_gain').describe()) == f'{named} (fixed_gain)'
    assert rendered_name(tmp_path) is None
    (tmp_path / 'manifest.json').write_text('{"format": "another"}')
    assert rendered_name(tmp_path) is None


def test_the_command_that_renders_a_folder_again(folder):
    manifest = json.loads((folder / 'manifest.json').read_text())
    words = render_command('new', manifest).split()
    assert words[:4] == ['python', 'tools/dataset_converters/nightscape.py', '--out', 'new']
    given = dict(zip(words[4::2], words[5::2], strict=True))
    assert given == {
        '--size': '64x32',
        '--train': '2',
        '--val': '1',
        '--test': '1',
        '--seed': '7',
        '--view': 'driving',
        '--thermal': 'gain_controlled',
    }
