"""FLIR ADAS and KAIST, prepared and native."""

import pytest

from nightgen.datasets import FLIRDataset, KAISTDataset, thermal
from nightgen.datasets.kaist import read_annotation
from nightgen.datasets.splits import split_names
from nightgen.testing import write_pictures

PIPELINE = [dict(type='LoadImage'), dict(type='PackTranslationInputs')]


@pytest.fixture
def short_lists(monkeypatch):
    monkeypatch.setattr(thermal, 'split_names', lambda *args: split_names(*args)[:3])


def test_native_layouts(tmp_path, short_lists):
    write_pictures(tmp_path / 'flir', names=[
        *(f'train/RGB/{name}.jpg' for name in split_names('flir', 'train_day')[:3]), 'train/RGB/FLIR_00001.jpg',
        *(f'val/thermal_8_bit/{name}.jpeg' for name in split_names('flir', 'test_night')[:3])])
    days = FLIRDataset(data_root=str(tmp_path / 'flir'), split='train', rendering='day', native=True, pipeline=PIPELINE)
    nights = FLIRDataset(data_root=str(tmp_path / 'flir'), split='test', native=True, pipeline=PIPELINE)
    assert [days.get_data_info(i)['key'] for i in range(len(days))] == list(split_names('flir', 'train_day')[:3])
    assert nights[0]['data_samples'].domain == 'thermal' and nights[0]['inputs']['real'].shape[0] == 3

    write_pictures(tmp_path / 'kaist', names=[f'images/set04/V001/lwir/I{n:05d}.jpg' for n in (0, 20, 40, 41)])
    kaist = KAISTDataset(data_root=str(tmp_path / 'kaist'), split='test', native=True)
    assert [kaist.get_data_info(i)['key'] for i in range(len(kaist))] == ['set4_1_I00000', 'set4_1_I00020',
                                                                          'set4_1_I00040']


def test_prepared_layout_with_label_maps_beside(tmp_path, short_lists):
    names = split_names('kaist', 'train_day')[:3]
    write_pictures(tmp_path, names=[f'train/day/{name}.png' for name in names])
    write_pictures(tmp_path / 'train/label_day', names=[f'{name}.png' for name in names])
    dataset = KAISTDataset(data_root=str(tmp_path), rendering='day', beside=dict(label='train/label_day'))
    info = dataset.get_data_info(1)
    assert len(dataset) == 3 and info['domain'] == 'day'
    assert info['label_path'] == str(tmp_path / 'train/label_day' / f'{names[1]}.png')


def test_native_pictures_have_their_label_maps_by_their_published_names(tmp_path, short_lists):
    names = split_names('kaist', 'test_night')[:3]
    write_pictures(tmp_path, names=[f'images/set04/V001/lwir/I{n:05d}.jpg' for n in (0, 20, 40)])
    write_pictures(tmp_path / 'labels', names=[f'{name}.png' for name in names])
    dataset = KAISTDataset(data_root=str(tmp_path), split='test', native=True, beside=dict(label='labels'))
    assert dataset.get_data_info(2)['label_path'] == str(tmp_path / 'labels' / f'{names[2]}.png')


def test_missing_pictures_are_counted(tmp_path, short_lists):
    write_pictures(tmp_path, names=[f'train/thermal/{split_names("flir", "train_night")[0]}.png'])
    with pytest.raises(FileNotFoundError, match=r'2 of the 3 images.*dataset_converters/flir.py.*allow_missing=True'):
        FLIRDataset(data_root=str(tmp_path))
    with pytest.raises(ValueError, match='rendering day or thermal'):
        FLIRDataset(data_root=str(tmp_path), rendering='night')


def test_what_is_there_of_a_list_on_request(tmp_path, short_lists, caplog):
    names = split_names('flir', 'train_night')[:3]
    write_pictures(tmp_path, names=[f'train/thermal/{names[1]}.png', 'train/thermal/another.png'])
    dataset = FLIRDataset(data_root=str(tmp_path), allow_missing=True)
    assert [dataset.get_data_info(i)['key'] for i in range(len(dataset))] == [names[1]]
    write_pictures(tmp_path, names=['train/day/another.png'])
    with pytest.raises(FileNotFoundError, match='3 of the 3 images'):
        FLIRDataset(data_root=str(tmp_path), rendering='day', allow_missing=True)


def test_kaist_annotations():
    text = '% bbGt version=3\nperson 282 209 52 111 0 0 0 0 0 0 0\n\nperson? 1 2 3 4 0 0 0 0 0 0 0\ncyclist 5 5 5 5 0\n'
    assert read_annotation(text, 'x') == [('person', (282, 209, 334, 320)), ('person?', (1, 2, 4, 6)),
                                          ('cyclist', (5, 5, 10, 10))]
    with pytest.raises(ValueError, match='x, line 2'):
        read_annotation('% bbGt version=3\nperson one two\n', 'x')


def test_where_label_maps_and_boxes_are(tmp_path, short_lists):
    for dataset in (FLIRDataset, KAISTDataset):
        tested = dataset(data_root='far/away', split='test', lazy_init=True)
        assert tested.label_folder() == 'far/away/test/label'
        assert tested.box_file() == 'far/away/test/boxes_thermal.json'
        days = dataset(data_root='far/away', rendering='day', lazy_init=True, inputs=('label',), pipeline=[
            dict(type='LoadImage'), dict(type='LoadBeside'), dict(type='PackTranslationInputs')])
        assert days.beside == dict(label='far/away/train/label_day')
