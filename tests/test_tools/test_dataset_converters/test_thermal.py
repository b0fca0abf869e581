"""The converters of FLIR ADAS and KAIST on small downloads."""

import json

import numpy as np
import pytest

from nightgen.datasets.annotations import BoxFile
from nightgen.datasets.splits import split_names
from nightgen.registry import DATASETS
from nightgen.testing import random_picture
from nightgen.utils.cli import load_config
from nightgen.utils.images import read_image, write_image


def put(path, picture):
    path.parent.mkdir(parents=True, exist_ok=True)
    write_image(str(path), picture)


@pytest.fixture
def flir(tmp_path):
    root = tmp_path / 'FLIR_ADAS_1_3'
    thermal = np.zeros((512, 640), np.uint8)
    thermal[200:300, 256:384] = 255
    put(root / 'val/thermal_8_bit/FLIR_08863.jpeg', thermal)
    put(root / 'train/RGB/FLIR_00002.jpg', random_picture(900, 1000))
    boxes = [dict(category_id=1, bbox=[256, 200, 128, 100]), dict(category_id=1, bbox=[0, 0, 20, 20]),
             dict(category_id=18, bbox=[300, 300, 40, 40])]
    content = dict(
        images=[dict(id=0, file_name='thermal_8_bit/FLIR_08863.jpeg', width=640, height=512)],
        categories=[dict(id=1, name='person'), dict(id=3, name='car'), dict(id=18, name='dog')],
        annotations=[dict(id=number, image_id=0, **box) for number, box in enumerate(boxes)])
    (root / 'val/thermal_annotations.json').write_text(json.dumps(content))
    return tmp_path


def test_flir_pictures_and_boxes(flir, load_tool, capsys):
    tool, out = load_tool('tools/dataset_converters/flir.py'), flir / 'out'
    assert tool.main([str(flir), str(out), '--allow-missing']) == 0
    assert read_image(str(out / 'train/day/FLIR_00002.png')).shape == (288, 360, 3)
    picture = read_image(str(out / 'test/thermal/FLIR_08863.png'))
    boxes = BoxFile(str(out / 'test/boxes_thermal.json')).read('FLIR_08863')
    assert boxes['labels'].tolist() == [11]  # the second is cut off, the dog is not evaluated
    left, top, right, bottom = boxes['bboxes'][0].round().int().tolist()
    assert picture[top + 2:bottom - 2, left + 2:right - 2].min() > 200 and (picture > 127).mean() == pytest.approx(
        (right - left) * (bottom - top) / 288 / 360, rel=0.05)
    assert '1 of 2 boxes in 1 images' in capsys.readouterr().out
    settings = load_config('cyclegan_flir', {'data_root': str(out), 'allow_missing': True})
    for part in (settings.train_dataloader.dataset.day, settings.test_dataloader.dataset.dataset):
        assert len(DATASETS.build(part)) == 1
    with pytest.raises(FileNotFoundError, match='allow_missing=True uses the others'):
        DATASETS.build(load_config('cyclegan_flir', {'data_root': str(out)}).train_dataloader.dataset.day)


def test_check_says_what_is_missing_and_writes_nothing(flir, load_tool, capsys):
    tool = load_tool('tools/dataset_converters/flir.py')
    assert tool.main([str(flir), str(flir / 'out'), '--check']) == 1
    printed = capsys.readouterr().out
    assert 'train/day: 1 of 5447' in printed and 'test/thermal: 1 of 490' in printed and 'is there' in printed
    assert not (flir / 'out').exists()
    with pytest.raises(SystemExit, match='8844 of 8846 images'):
        tool.main([str(flir), str(flir / 'out')])
    with pytest.raises(SystemExit, match='no FLIR ADAS v1'):
        tool.main([str(flir / 'FLIR_ADAS_1_3/train/RGB')])


def test_masks_are_checked(flir, load_tool):
    copy_masks = load_tool('tools/dataset_converters/thermal_pictures.py').copy_masks
    masks, out = flir / 'masks', flir / 'out'
    put(masks / 'a.png', np.full((288, 360), 11, np.uint8))
    copy_masks(masks, out, ['a'], (360, 288))
    assert read_image(str(out / 'test/label/a.png'), 'label').max() == 11
    put(masks / 'b.png', np.full((288, 360), 26, np.uint8))
    with pytest.raises(SystemExit, match=r'b.png is 360x288 with the values \[26\]'):
        copy_masks(masks, out, ['a', 'b'], (360, 288))
    with pytest.raises(SystemExit, match='lacks 1 of 2 label maps'):
        copy_masks(masks, out, ['a', 'c'], (360, 288))


def test_kaist_test_pictures_are_only_cropped(tmp_path, load_tool, capsys):
    tool, root, out = load_tool('tools/dataset_converters/kaist.py'), tmp_path / 'kaist', tmp_path / 'out'
    picture = random_picture(512, 640)
    put(root / 'images/set04/V001/lwir/I00020.png', picture)
    train = split_names('kaist', 'train_day')[0]
    put(root / 'images/set00/V000/visible/I00000.png', picture)
    (root / 'annotations/set04/V001').mkdir(parents=True)
    (root / 'annotations/set04/V001/I00020.txt').write_text(
        '% bbGt version=3\nperson 150 120 50 100 0 0 0 0 0 0 0\npeople 200 200 50 50 0 0 0 0 0 0 0\n')
    assert tool.main([str(root), str(out), '--allow-missing']) == 0
    assert np.array_equal(read_image(str(out / 'test/thermal/set4_1_I00020.png')), picture[112:400, 140:500])
    assert read_image(str(out / f'train/day/{train}.png')).shape == (288, 360, 3)
    boxes = BoxFile(str(out / 'test/boxes_thermal.json')).read('set4_1_I00020')
    assert boxes['bboxes'].tolist() == [[10, 8, 60, 108]] and boxes['labels'].tolist() == [11]
    assert tool.main([str(root), str(tmp_path / 'resized'), '--allow-missing', '--resize-test', '--classes', 'person',
                      'people']) == 0
    boxes = BoxFile(str(tmp_path / 'resized/test/boxes_thermal.json')).read('set4_1_I00020')
    assert len(boxes['labels']) == 2 and boxes['bboxes'][0, 0] == pytest.approx(150 * 0.78125 - 70, abs=0.01)
    assert tool.main([str(root), '--check']) == 1
    assert 'test/thermal: 1 of 500' in capsys.readouterr().out
    with pytest.raises(SystemExit, match='no folder images'):
        tool.main([str(root / 'images')])
