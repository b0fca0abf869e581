"""image_statistics.py: the table of folders, what is far from the reference, and the file of numbers."""

import json

import numpy as np
import pytest

from nightgen.apis.files import write_picture
from nightgen.utils.cli import UsageError


@pytest.fixture
def tool(load_tool):
    return load_tool('tools/analysis_tools/image_statistics.py')


def grey(level, size=(32, 64)):
    return np.full((*size, 3), level, np.uint8)


def test_the_table_and_the_file(tool, tmp_path, capsys):
    for name, level in (('real/a.png', 100), ('real/sub/b.png', 120), ('near/a.png', 130), ('far/test/day/a.png', 240)):
        write_picture(tmp_path / name, grey(level))
    (tmp_path / 'far/manifest.json').write_text(json.dumps(dict(format='nightscape', version='2.0')))
    out = tmp_path / 'numbers.json'
    folders = [f'real={tmp_path}/real', f'near={tmp_path}/near', f'far={tmp_path}/far/test/day']
    assert tool.main([*folders, '--reference', 'real', '--only', 'mean', 'p95', '--json', str(out)]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split() for line in lines[:4]] == [
        ['real', 'near', 'far'], ['images', '2', '1', '1'], ['mean', '110.000', '130.000', '240.000'],
        ['p95', '110.000', '130.000', '240.000']]
    assert lines[4:7] == ['far: Nightscape 2.0', 'near: 2 of 2 within a quarter of real',
                          'far: 0 of 2 within a quarter of real; not mean, p95']
    content = json.loads(out.read_text())
    assert content['means']['real']['mean'] == 110 and content['means']['real']['dark grain'] == 'nan'
    assert len(content['images']['real']) == 2


def test_wide_images_are_scaled_down_and_folders_join(tool, tmp_path):
    stripes = np.where(np.arange(128) % 2 == 0, 0, 200).astype(np.uint8)[None, :, None] * np.ones((32, 1, 3), np.uint8)
    write_picture(tmp_path / 'a/x.png', stripes)
    found, = tool.measure(str(tmp_path / 'a'), 64).values()
    assert found['mean'] == 100 and found['laplacian'] == pytest.approx(0, abs=1e-9)
    assert next(iter(tool.measure(str(tmp_path / 'a'), 128).values()))['laplacian'] > 100
    assert tool.named_folders(['a=x', 'b=y', 'a=z']) == dict(a=['x', 'z'], b=['y'])


def test_what_cannot_be_measured(tool, tmp_path):
    write_picture(tmp_path / 'small/a.png', grey(1, (8, 8)))
    with pytest.raises(ValueError, match='a.png: .*at least 16x16'):
        tool.main([f'x={tmp_path}/small'])
    for arguments, message in ((['days'], 'is not NAME=FOLDER'), (['a=x', '--reference', 'b'], 'none of the names a'),
                               (['a=x', '--width', '4'], 'at least 16')):
        with pytest.raises(UsageError, match=message):
            tool.main(arguments)
    with pytest.raises(FileNotFoundError):
        tool.main([f'x={tmp_path}/nowhere'])
