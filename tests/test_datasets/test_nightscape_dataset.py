"""Rendered Nightscape folders as domain datasets."""

import json

import pytest
import torch

from nightgen.datasets import NightscapeDataset, SingleDomainDataset
from nightgen.datasets.nightscape import NIGHTSCAPE_VERSION, Request, write_dataset
from nightgen.testing import write_pictures

WHOLE = [dict(type='LoadImage'), dict(type='PackTranslationInputs')]


@pytest.fixture(scope='module')
def root(tmp_path_factory):
    out = tmp_path_factory.mktemp('rendered') / 'nightscape'
    write_dataset(out, Request(size=(64, 64), train=2, val=1, test=2))
    return str(out)


def test_splits_and_renderings_of_a_rendered_folder(root):
    for rendering in ('day', 'night', 'thermal'):
        dataset = NightscapeDataset(data_root=root, rendering=rendering, pipeline=WHOLE)
        sample = dataset[0]
        assert len(dataset) == 2 and sample['inputs']['real'].shape == (3, 64, 64)
        assert sample['data_samples'].domain == rendering and f'train/{rendering}/' in sample['data_samples'].img_path


def test_training_is_unpaired_and_the_test_has_its_truth(root):
    train = [{dataset.get_data_info(index)['key'] for index in range(2)} for dataset in
             (NightscapeDataset(data_root=root, rendering='night'), NightscapeDataset(data_root=root, rendering='day'))]
    assert not train[0] & train[1]
    test = dict(type='NightscapeDataset', data_root=root, split='test', pipeline=WHOLE, test_mode=True)
    dataset = SingleDomainDataset('night', dict(test, rendering='night'), dict(test, rendering='day'))
    record = dataset[1]['data_samples']
    assert len(dataset) == 2 and record.truth.shape == (3, 64, 64)
    assert record.truth.float().mean() > dataset[1]['inputs']['real_night'].float().mean()


def test_surveillance_pictures_know_their_camera(tmp_path):
    (tmp_path / 'manifest.json').write_text(json.dumps(dict(version=NIGHTSCAPE_VERSION)))
    write_pictures(tmp_path / 'train/night', names=['cam01/000001.png', 'cam00/000000.png'])
    dataset = NightscapeDataset(data_root=str(tmp_path), pipeline=WHOLE)
    records = [dataset[index]['data_samples'] for index in range(2)]
    assert [(record.camera, record.key) for record in records] == [('cam00', 'cam00/000000'), ('cam01', 'cam01/000001')]


def test_missing_unfinished_and_foreign_folders(tmp_path):
    with pytest.raises(FileNotFoundError, match='manifest.json does not exist; render the data with `python tools'):
        NightscapeDataset(data_root=str(tmp_path / 'gone'))
    write_pictures(tmp_path / 'train/night')
    (tmp_path / 'manifest.json').write_text(json.dumps(dict(version='1.0', request=dict(size=[64, 32], train=3))))
    again = f'python tools/dataset_converters/nightscape.py --out {tmp_path} --size 64x32 --train 3`$'
    with pytest.raises(ValueError, match=f'of version 1.0, this nightgen needs {NIGHTSCAPE_VERSION}; delete .*{again}'):
        NightscapeDataset(data_root=str(tmp_path))
    for text in ('[]', '{"ver'):
        (tmp_path / 'manifest.json').write_text(text)
        with pytest.raises(ValueError, match='is no manifest'):
            NightscapeDataset(data_root=str(tmp_path))
    for options in (dict(split='dev'), dict(rendering='dusk')):
        with pytest.raises(ValueError, match='split must be train, val or test and rendering of'):
            NightscapeDataset(data_root=str(tmp_path), **options)


@pytest.mark.parametrize('rendering', ['day', 'night', 'thermal'])
def test_label_maps_and_boxes_are_where_the_renderer_put_them(root, rendering):
    test = dict(type='NightscapeDataset', data_root=root, split='test', rendering=rendering, pipeline=WHOLE)
    auto = SingleDomainDataset(rendering, test, label='auto', boxes='auto')
    named = SingleDomainDataset(rendering, test, label=f'{root}/test/label',
                                boxes=f'{root}/test/boxes_{rendering}.json')
    for first, second in zip(auto, named, strict=True):
        first, second = first['data_samples'], second['data_samples']
        assert torch.equal(first.label, second.label) and torch.equal(first.boxes['bboxes'], second.boxes['bboxes'])


def test_an_experts_label_maps_lie_beside_the_folder():
    """Also of a folder that is a link, and of one that is written with a slash behind."""
    loading = [dict(type='LoadImage'), dict(type='LoadBeside'), dict(type='PackTranslationInputs')]
    for root in ('data/streets', 'data/streets/'):
        days = NightscapeDataset(data_root=root, rendering='day', pipeline=loading, inputs=('label',), lazy_init=True)
        assert days.beside == dict(label='data/streets_pseudo/label_day')
    with pytest.raises(ValueError, match="'label' of the domain 'day' is wanted, and neither"):
        NightscapeDataset(split='val', rendering='day', pipeline=loading, inputs=('label',), lazy_init=True)
