"""Fixed cameras: NightSuR, folders of webcams, LLVIP."""

import pytest

from nightgen.datasets import FixedCameraDataset, LLVIPDataset, NightSuRDataset
from nightgen.datasets.surveillance import NIGHTSUR_SCENES
from nightgen.testing import write_pictures
from nightgen.utils.images import image_to_tensor, read_image


def infos(dataset):
    return [dataset.get_data_info(index) for index in range(len(dataset))]


def test_cameras_have_days_nights_and_a_background(tmp_path):
    write_pictures(tmp_path, names=['a/day/1.png', 'a/night/2.png', 'a/night/10.png', 'b/night/x/3.png', 'c/day/4.png',
                                    'a/background.png'])
    nights = infos(FixedCameraDataset(data_root=str(tmp_path), background='background.png'))
    assert [(info['camera'], info['key'], info['domain']) for info in nights] == [
        ('a', 'a/2', 'night'), ('a', 'a/10', 'night'), ('b', 'b/x/3', 'night')]
    assert nights[0]['background_path'] == str(tmp_path / 'a/background.png')
    pipeline = [dict(type='LoadImage'), dict(type='LoadBeside'), dict(type='PackTranslationInputs')]
    config = dict(data_root=str(tmp_path), cameras='a', pipeline=pipeline, inputs=('background',))
    loaded = FixedCameraDataset(**config, background='background.png')[1]['inputs']['background']
    assert loaded.equal(image_to_tensor(read_image(str(tmp_path / 'a/background.png'))))
    with pytest.raises(ValueError, match="'background' of the domain 'night' is wanted, and neither"):
        FixedCameraDataset(**config)
    days = infos(FixedCameraDataset(data_root=str(tmp_path), timeofday='day', cameras='c'))
    assert [info['key'] for info in days] == ['c/4']
    with pytest.raises(FileNotFoundError, match='no folder b/day; it has a, b, c'):
        FixedCameraDataset(data_root=str(tmp_path), timeofday='day', cameras=('a', 'b'))


def test_nightsur_has_six_scenes(tmp_path):
    assert len(NIGHTSUR_SCENES) == 6
    write_pictures(tmp_path, names=['vehicle/night/1.jpg', 'traffic/night/1.jpg'])
    dataset = NightSuRDataset('vehicle', data_root=str(tmp_path))
    assert [info['key'] for info in infos(dataset)] == ['vehicle/1']
    with pytest.raises(ValueError, match="pedestrian_g.*got 'street'"):
        NightSuRDataset('street', data_root=str(tmp_path))


def test_llvip_pairs_share_a_key_and_know_their_camera(tmp_path):
    names = ['010002.jpg', '010013.jpg', '190001.jpg']
    write_pictures(tmp_path, names=[f'{part}/train/{name}' for part in ('visible', 'infrared') for name in names])
    visible, infrared = (infos(LLVIPDataset(data_root=str(tmp_path), rendering=part)) for part in
                         ('visible', 'infrared'))
    assert [info['key'] for info in visible] == [info['key'] for info in infrared] == ['010002', '010013', '190001']
    assert [info['camera'] for info in visible] == ['01', '01', '19']
    assert (visible[0]['domain'], infrared[0]['domain']) == ('night', 'thermal')
    assert len(LLVIPDataset(data_root=str(tmp_path), cameras=('19',))) == 1
    with pytest.raises(FileNotFoundError, match='of the cameras 20'):
        LLVIPDataset(data_root=str(tmp_path), cameras=('20',))
