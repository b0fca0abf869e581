"""Fixed cameras: NightSuR, folders of webcams, LLVIP."""

import pytest

from nightgen.datasets import FixedCameraDataset, LLVIPDataset, NightscapeDataset, NightSuRDataset, UnpairedDataset
from nightgen.datasets.nightscape import Request, write_dataset
from nightgen.datasets.surveillance import NIGHTSUR_SCENES
from nightgen.testing import write_pictures
from nightgen.utils.images import image_to_tensor, read_image
from nightgen.utils.seeding import Draw


def infos(dataset):
    return [dataset.get_data_info(index) for index in range(len(dataset))]


def test_cameras_have_days_nights_and_a_background(tmp_path):
    write_pictures(tmp_path, names=['a/day/1.png', 'a/night/2.png', 'a/night/10.png', 'b/night/x/3.png', 'c/day/4.png',
                                    'a/background.png'])
    nights = infos(FixedCameraDataset(data_root=str(tmp_path)))
    assert [(info['camera'], info['key'], info['domain']) for info in nights] == [
        ('a', 'a/2', 'night'), ('a', 'a/10', 'night'), ('b', 'b/x/3', 'night')]
    with pytest.raises(ValueError, match="layout='day' needs '{camera}' as one of its folders"):
        FixedCameraDataset(data_root=str(tmp_path), layout='day')
    days = infos(FixedCameraDataset(data_root=str(tmp_path), timeofday='day', cameras='c'))
    assert [info['key'] for info in days] == ['c/4']
    with pytest.raises(FileNotFoundError, match='no folder b/day; it has a, b, c'):
        FixedCameraDataset(data_root=str(tmp_path), timeofday='day', cameras=('a', 'b'))


def test_the_reference_is_that_of_the_camera_and_moves_with_the_night(tmp_path):
    names = ['a/day/1.png', 'a/night/2.png', 'b/night/3.png', 'b/day/4.png']
    write_pictures(tmp_path, names=names, size=(12, 16))
    for seed, camera in enumerate('ab'):
        write_pictures(tmp_path, names=[f'{camera}/background.png'], size=(12, 16), seed=7 + seed)
    pipeline = [dict(type='LoadImage'), dict(type='LoadBeside'), dict(type='RandomCropImages', crop_size=8),
                dict(type='RandomFlipTranspose'), dict(type='PackTranslationInputs')]
    config = dict(type='FixedCameraDataset', data_root=str(tmp_path), pipeline=pipeline,
                  reference='{root}/{camera}/background.png')
    dataset = UnpairedDataset(night=dict(config, inputs=('reference_day',)),
                              day=dict(config, timeofday='day', reference=None))
    for draw in range(6):
        sample = dataset[Draw(draw % 2, draw, 0)]
        assert sorted(sample['inputs']) == ['real_day', 'real_night', 'reference_day']
        meta = sample['data_samples']
        top, left, height, width = meta.crop_box['night']
        for entry, path in (('real_night', meta.img_path['night']),
                            ('reference_day', str(tmp_path / meta.camera['night'] / 'background.png'))):
            whole = image_to_tensor(read_image(path))[:, top:top + height, left:left + width]
            assert sample['inputs'][entry].equal(whole.flip(-1) if meta.flip['night'][0] else whole)
    unasked = FixedCameraDataset(**{key: value for key, value in config.items() if key != 'type'})
    assert sorted(unasked[0]['inputs']) == ['real']
    asked = dict(data_root=str(tmp_path), pipeline=pipeline, inputs=('reference_day',))
    with pytest.raises(FileNotFoundError, match='no daytime reference .*a/other.png; .*make_reference.py'):
        infos(FixedCameraDataset(reference='{root}/{camera}/other.png', **asked))
    with pytest.raises(ValueError, match='reference .*{scene}.* cannot be filled in'):
        infos(FixedCameraDataset(reference='{root}/{scene}.png', **asked))
    with pytest.raises(ValueError, match="'reference_day' of the domain 'night' is wanted, and neither"):
        FixedCameraDataset(**asked)


def test_nightscapes_own_layout(tmp_path):
    request = Request((64, 64), 2, 0, 1, seed=1, view='surveillance', cameras=2)
    write_dataset(tmp_path, request)
    asked = dict(data_root=str(tmp_path), inputs=('reference_day',), reference='{root}/background/day/{camera}.png',
                 pipeline=[dict(type='LoadImage'), dict(type='LoadBeside'), dict(type='PackTranslationInputs')])
    dataset = FixedCameraDataset(layout='train/{timeofday}/{camera}', **asked)
    assert [(info['camera'], info['key']) for info in infos(dataset)] == [
        ('cam00', 'cam00/100000'), ('cam01', 'cam01/100001')]
    assert infos(dataset)[1]['reference_day_path'] == f'{tmp_path}/background/day/cam01.png'
    own = NightscapeDataset(split='test', **asked)
    assert infos(own)[0]['reference_day_path'] == f'{tmp_path}/background/day/cam00.png'
    with pytest.raises(FileNotFoundError, match='no folder train/dusk/<camera>; train/dusk has nothing'):
        infos(FixedCameraDataset(data_root=str(tmp_path), timeofday='dusk', layout='train/{timeofday}/{camera}'))


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
