"""What correcting a region does: regions and errors by hand, and a network whose colours follow the map."""

import json
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest
import torch
from mmengine.config import Config

from nightgen.apis import SemanticMapEditor, init_model, translation_of
from nightgen.functional import lab_to_rgb
from nightgen.structures.label_sets import load_label_set
from nightgen.testing import random_picture
from nightgen.utils.images import write_image

CONFIG = '''
default_scope = 'nightgen'
model = dict(
    type='SemanticColorizationTranslator', domains=('color',), photo_size=(16, 16), label_set='camvid',
    generator=dict(type='TwoStreamUNet', widths=(4, 6), num_classes=12, unlabelled=11))
'''


@pytest.fixture
def tool(load_tool: Callable[[str], ModuleType]) -> ModuleType:
    return load_tool('tools/analysis_tools/map_correction.py')


def test_the_largest_regions(tool: ModuleType):
    label = np.full((10, 10), 11, np.uint8)  # unlabelled: no region
    label[:2], label[4:8, :5], label[4:8, 7:] = 0, 1, 1
    editor = SemanticMapEditor(load_label_set('camvid'), label)
    assert [editor.pick(*place) for place in tool.largest_regions(editor, 9, 0.0)] == [0, 1, 1]
    assert tool.largest_regions(editor, 9, 0.13) == [(0, 0), (0, 4)] and len(tool.largest_regions(editor, 1, 0)) == 1


def test_the_error_by_hand(tool: ModuleType):
    lab = np.zeros((4, 6, 3))
    lab[..., 0] = 50
    other = lab.copy()
    other[:2, :, 1], other[2:, :, 2] = 20, -8
    inside = np.zeros((4, 6), bool)
    inside[:2] = True
    pictures = [np.rint(lab_to_rgb(each) * 255).astype(np.uint8) for each in (lab, other)]
    assert tool.error_beside(*pictures, inside) == pytest.approx(dict(inside=10, outside=4), abs=0.3)


def test_photos_in_the_networks_own_colours(tool: ModuleType, tmp_path: Path, capsys: pytest.CaptureFixture):
    """The photos are what the network makes of the true map, so a corrected map has no error but that of rounding."""
    (tmp_path / 'config.py').write_text(CONFIG)
    model = init_model(Config.fromfile(tmp_path / 'config.py'))
    torch.save(dict(state_dict=model.state_dict(), meta={}), tmp_path / 'weights.pth')
    label = np.repeat(np.arange(4, dtype=np.uint8), 4)[:, None].repeat(16, axis=1)
    photo = translation_of(model).open(80 + random_picture(16, 16) // 4).colour(label)
    for folder, picture in (('photos', photo), ('labels', label)):
        (tmp_path / folder).mkdir()
        write_image(str(tmp_path / folder / 'a.png'), picture)
    arguments = [str(tmp_path / name) for name in ('config.py', 'weights.pth', 'photos', 'labels')]
    tool.main([*arguments, '--json'])
    said = json.loads(capsys.readouterr().out)
    assert said['regions'] == 3 and said['lower'] == 1
    assert said['corrected/inside'] < said['wrong/inside'] / 4
    tool.main(arguments)
    assert 'correcting lowers the error inside in 100% of them' in capsys.readouterr().out
    (tmp_path / 'labels/a.png').rename(tmp_path / 'labels/b.png')
    with pytest.raises(FileNotFoundError, match='has no map a.png'):
        tool.main(arguments)
