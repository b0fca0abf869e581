"""tools/dataset_converters/make_reference.py"""

import json

import numpy as np
import pytest

from nightgen.utils.cli import UsageError
from nightgen.utils.images import read_image, write_image


@pytest.fixture
def tool(load_tool):
    return load_tool('tools/dataset_converters/make_reference.py')


def days(folder, number=5, seed=0, size=(40, 24)):
    """A still view, brighter or darker by a level, with a bright square that is elsewhere each time."""
    rng = np.random.RandomState(seed)
    view = rng.randint(20, 200, (*size, 3)).astype(np.uint8)
    for index in range(number):
        picture = view + np.uint8(index % 2)
        picture[4 * index:4 * index + 4, 3:9] = 255
        folder.mkdir(parents=True, exist_ok=True)
        write_image(str(folder / f'{index}.png'), picture)
    return view


def stack(folder):
    return np.stack([read_image(str(path)) for path in sorted(folder.glob('*.png'))]).astype(float)


def test_modes(tool, tmp_path):
    days(tmp_path / 'day')
    pictures = stack(tmp_path / 'day')
    out = tmp_path / 'out/gate.png'
    assert tool.main([str(tmp_path / 'day'), str(out), '--spread']) == 0
    expected = np.floor(np.median(pictures, axis=0) + 0.5)
    assert (read_image(str(out)) == expected).all() and not (expected == 255).any()
    changes = read_image(str(tmp_path / 'out/gate_spread.png'), 'grey')
    assert (changes == np.floor(np.median(np.abs(pictures - expected), axis=0).max(-1) + 0.5)).all()
    origin = json.loads(out.with_suffix('.json').read_text())
    assert origin['mode'] == 'median' and origin['pictures'] == [f'{index}.png' for index in range(5)]
    assert origin['size'] == [40, 24] and len(origin['pixels_sha256']) == 64
    tool.main([str(tmp_path / 'day'), str(out), '--mode', 'mean'])
    assert np.abs(read_image(str(out)) - pictures.mean(0)).max() <= 0.5
    tool.main([str(tmp_path / 'day'), str(out), '--mode', 'frame', '--frame', '3.png'])
    assert (read_image(str(out)) == pictures[3]).all()
    tool.main([str(tmp_path / 'day'), str(out), '--mode', 'frame'])
    distances = [np.abs(picture - expected).mean() for picture in pictures]
    assert (read_image(str(out)) == pictures[np.argmin(distances)]).all()
    assert json.loads(out.with_suffix('.json').read_text())['pictures'] == [f'{np.argmin(distances)}.png']


def test_a_reference_for_each_camera(tool, tmp_path):
    for seed, camera in enumerate(('a', 'b')):
        days(tmp_path / f'cams/{camera}/day', 3, seed, (24, 24 + seed))
    (tmp_path / 'cams/c/night').mkdir(parents=True)
    tool.main([str(tmp_path / 'cams'), str(tmp_path / 'out'), '--cameras', '{camera}/day'])
    assert sorted(path.name for path in (tmp_path / 'out').iterdir()) == ['a.json', 'a.png', 'b.json', 'b.png']
    days(tmp_path / 'scape/train/day/cam00', 3)
    tool.main([str(tmp_path / 'scape'), str(tmp_path / 'more'), '--cameras', 'train/day/{camera}', '--number', '2'])
    assert json.loads((tmp_path / 'more/cam00.json').read_text())['looked_at'] == 2
    with pytest.raises(UsageError, match='has no folder {camera}/dusk'):
        tool.main([str(tmp_path / 'cams'), str(tmp_path / 'out'), '--cameras', '{camera}/dusk'])


def test_lists_sizes_and_what_is_wrong(tool, tmp_path, capsys):
    days(tmp_path / 'day', 4)
    (tmp_path / 'list.txt').write_text('# chosen\n1.png\n2.png\n')
    out = str(tmp_path / 'o.png')
    tool.main([str(tmp_path / 'day'), out, '--mode', 'mean', '--list', str(tmp_path / 'list.txt'), '--size', '20',
               '12'])
    assert read_image(out).shape == (20, 12, 3)
    assert json.loads((tmp_path / 'o.json').read_text())['pictures'] == ['1.png', '2.png']
    days(tmp_path / 'day/other', 1, size=(8, 9))
    with pytest.raises(UsageError, match='is 8x9, .* 40x24: give --size'):
        tool.main([str(tmp_path / 'day'), out])
    (tmp_path / 'list.txt').write_text('9.png\n')
    with pytest.raises(UsageError, match='1 of 1 listed images are not in .*: 9.png'):
        tool.main([str(tmp_path / 'day'), out, '--list', str(tmp_path / 'list.txt')])
    with pytest.raises(UsageError, match='--frame 9.png is no image'):
        tool.main([str(tmp_path / 'day'), out, '--mode', 'frame', '--frame', '9.png'])
    for wrong in (['--frame', '1.png'], ['--number', '0'], ['--cameras', 'x', '--list', 'y']):
        with pytest.raises(SystemExit):
            tool.main([str(tmp_path / 'day'), out, *wrong])
    with pytest.raises(SystemExit):
        tool.main([str(tmp_path / 'day'), str(tmp_path / 'o.jpg')])
    assert 'must end in .png' in capsys.readouterr().err
