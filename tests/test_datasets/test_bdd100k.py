"""BDD100K in the layout of its download."""

import json

import pytest

from nightgen.datasets import BDD100KDataset
from nightgen.datasets.bdd100k import read_frames, select_names
from nightgen.testing import write_pictures

ATTRIBUTES = [('night', 'clear'), ('daytime', 'rainy'), ('night', 'rainy'), ('dawn/dusk', 'clear'),
              ('daytime', 'clear')]


def frames(attributes=ATTRIBUTES):
    return [dict(name=f'{index}-a.jpg', attributes=dict(timeofday=time, weather=weather, scene='city street'),
                 labels=[dict(category='car', box2d=dict(x1=1.5, note='[]{}",'))])
            for index, (time, weather) in enumerate(attributes)]


@pytest.fixture
def root(tmp_path):
    write_pictures(tmp_path / 'images/100k/train', names=[f'{index}-a.jpg' for index in range(6)])
    (tmp_path / 'labels').mkdir()
    (tmp_path / 'labels/bdd100k_labels_images_train.json').write_text(json.dumps(frames(), indent=1))
    return tmp_path


def names(**options):
    dataset = BDD100KDataset(**options)
    return [dataset.get_data_info(index)['key'] for index in range(len(dataset))]


def test_choice_by_time_and_weather(root):
    root = str(root)
    assert names(data_root=root, timeofday='night') == ['0-a', '2-a']
    assert names(data_root=root, timeofday='night', weather=['clear', 'foggy']) == ['0-a']
    assert names(data_root=root, weather='clear') == ['0-a', '3-a', '4-a']
    assert names(data_root=root, timeofday=['daytime', 'dawn/dusk']) == ['1-a', '3-a', '4-a']
    assert len(names(data_root=root)) == 6  # the sixth has no labels
    assert BDD100KDataset(data_root=root, timeofday='night').get_data_info(1)['img_path'] == \
        f'{root}/images/100k/train/2-a.jpg'


def test_list_and_another_label_file(root):
    (root / 'lists').mkdir()
    (root / 'lists/night.txt').write_text('# seed 0\n2-a.jpg\n')
    assert names(data_root=str(root), ann_file='lists/night.txt') == ['2-a']
    (root / 'labels/det_train.json').write_text(json.dumps(dict(config={}, frames=frames()[:1])))
    assert names(data_root=str(root), timeofday='night', labels='labels/det_train.json') == ['0-a']


def test_errors_say_what_is_wrong(root):
    root_name = str(root)
    with pytest.raises(ValueError, match=r"unknown timeofday \['day'\], there are \['daytime', 'night'"):
        BDD100KDataset(data_root=root_name, timeofday='day')
    with pytest.raises(ValueError, match='not both'):
        BDD100KDataset(data_root=root_name, timeofday='night', ann_file='x.txt')
    with pytest.raises(ValueError, match="split must be train, val or test, got 'dev'"):
        BDD100KDataset(data_root=root_name, split='dev')
    with pytest.raises(FileNotFoundError, match='images/100k/val does not exist'):
        BDD100KDataset(data_root=root_name, split='val', timeofday='night')
    with pytest.raises(FileNotFoundError, match='no frame with timeofday night, weather snowy'):
        BDD100KDataset(data_root=root_name, timeofday='night', weather='snowy')
    (root / 'images/100k/train/2-a.jpg').unlink()
    with pytest.raises(FileNotFoundError, match='1 of the 2 files listed in .*train.json.*the first is 2-a.jpg'):
        BDD100KDataset(data_root=root_name, timeofday='night')
    (root / 'labels/bdd100k_labels_images_train.json').unlink()
    with pytest.raises(FileNotFoundError, match='choosing by timeofday night needs the label file'):
        BDD100KDataset(data_root=root_name, timeofday='night')


def test_frames_are_read_one_by_one(tmp_path):
    path = tmp_path / 'labels.json'
    for text in (json.dumps(frames()), json.dumps(frames(), indent=4), json.dumps(dict(frames=frames()))):
        path.write_text(text)
        assert list(read_frames(path)) == frames()
    path.write_text('[]')
    assert list(read_frames(path)) == []


@pytest.mark.parametrize('text,message', [
    (json.dumps(frames())[:-30], 'is not whole'), ('{"a": 1}', 'no list of frames'), ('[{"url": 1}]', "without 'name'"),
    ('[1]', "without 'name'"), ('', 'no list')])
def test_faulty_label_files(tmp_path, text, message):
    path = tmp_path / 'labels.json'
    path.write_text(text)
    with pytest.raises(ValueError, match=message):
        list(read_frames(path))


def test_frames_without_attributes_are_chosen_only_where_nothing_is_asked():
    bare = [dict(name='a.jpg'), dict(name='b.jpg', attributes=None), dict(name='a.jpg')]
    assert select_names(iter(bare)) == ['a.jpg', 'b.jpg'] and select_names(iter(bare), 'night') == []
