"""person_labels.py: one scene by hand, erosion and denoising of persons, and the table."""

import numpy as np
import pytest

from nightgen.apis.files import write_picture


@pytest.fixture
def tool(load_tool):
    return load_tool('tools/analysis_tools/person_labels.py')


def test_a_scene_by_hand(tool):
    truth = np.array([[0, 0, 11, 11, 255]], np.uint8)
    label = np.array([[0, 0, 11, 255, 11]], np.uint8)
    thermal = np.array([[100, 110, 200, 210, 42]], np.uint8)
    found = tool.measure(label, truth, thermal)
    road = 105 / 255
    assert found['pixels'] == 2 and found['right'] == 1 and found['on_person'] == 0
    assert found['loss'] == pytest.approx((road - 42 / 255) / (road + 1e-4), rel=1e-4)
    assert found['median'] == 0  # of 42 and 200: 121, warmer than the road
    assert tool.measure(truth, truth, thermal)['on_person'] == 1
    assert set(tool.measure(np.where(label == 0, 1, label), truth, thermal)) == {'pixels', 'right'}


def test_erosion(tool):
    label = np.zeros((7, 9), np.uint8)
    label[1:6, 2:7] = 11
    label[0, 8] = 13
    core = tool.eroded(label, 1)
    assert (core == 11).sum() == 9 and (core[2:5, 3:6] == 11).all() and (core == 255).sum() == 16
    assert core[0, 8] == 13 and (tool.eroded(label, 2) == 11).sum() == 1


def test_persons_that_look_like_the_road(tool):
    label = np.array([[0, 0, 11, 11, 11, 8]], np.uint8)
    day = np.array([50, 52, 200, 190, 54, 120], np.uint8)[None, :, None].repeat(3, 2)
    # persons: mean 148; the 54 is nearer to the road's 51
    assert tool.denoised(label, day).tolist() == [[0, 0, 11, 11, 255, 8]]


def test_the_table(tool, tmp_path, capsys):
    truth = np.zeros((8, 8), np.uint8)
    truth[2:6, 2:6] = 11
    pseudo = np.zeros((8, 8), np.uint8)
    pseudo[1:7, 1:7] = 11
    thermal = np.where(truth == 11, 200, 100).astype(np.uint8)
    for name in ('a.png', 'b.png'):
        for folder, array in {'test/day': thermal[..., None].repeat(3, 2), 'test/thermal': thermal, 'test/label': truth,
                              'pseudo': pseudo}.items():
            write_picture(tmp_path / folder / name, array)
    assert tool.main([str(tmp_path / 'test'), str(tmp_path / 'pseudo'), '--crop', '8']) == 0
    rows = {line[:25].strip(): line[25:].split() for line in capsys.readouterr().out.splitlines()}
    assert rows['true'] == ['1.000', '2', '1.000', '0.000', '1.000', '0.000']
    assert rows['pseudo'][:4] == ['2.250', '2', '0.444', '0.000']  # persons as cold as the road, no colder
    assert rows['pseudo, eroded by 1'] == rows['true']
    assert rows['pseudo, eroded by 3'] == ['0.000', '0', '-', '-', '-', '-']
    with pytest.raises(ValueError, match='no scene has both'):
        tool.summary(dict(true=[dict(pixels=0.0, right=0.0)]))
    with pytest.raises(ValueError, match='8x8, smaller than --crop 9'):
        tool.main([str(tmp_path / 'test'), str(tmp_path / 'pseudo'), '--crop', '9'])
