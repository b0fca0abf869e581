"""tools/analysis_tools/invariants_and_masks.py"""

import numpy as np
import pytest
import torch

from nightgen.testing import write_pictures
from nightgen.utils.cli import UsageError
from nightgen.utils.images import read_image

CONFIG = '''
default_scope = 'nightgen'
model = dict(
    type='OneSidedTranslator', domains=('night', 'day'), inputs=('reference_day',),
    generator=dict(type='InvariantGenerator', generator=dict(type='ResNetGenerator', base=4, num_blocks=1)),
    tensors=[dict(type='FeatureMaps', network=dict(type='VGGFeatures', weights='random', layers=('relu1_1', 'relu2_1')),
                  name=('fake_features', 'reference_features'),
                  reads=dict(fake='fake_day', reference='reference_day'))],
    losses=[dict(type='BackgroundRegressionLoss', threshold=THRESHOLD,
                 reads=dict(fake='fake_features', reference='reference_features'))])
'''


@pytest.fixture
def tool(load_tool):
    return load_tool('tools/analysis_tools/invariants_and_masks.py')


@pytest.fixture
def world(tmp_path):
    (tmp_path / 'config.py').write_text(CONFIG.replace('THRESHOLD', '0.4'))
    write_pictures(tmp_path, names=['night.png', 'day.png'], size=(32, 48))
    write_pictures(tmp_path, names=['large.png'], size=(64, 96))
    return tmp_path


def run(tool, world, *arguments):
    return tool.main([str(world / 'config.py'), *arguments, str(world / 'out.png')])


def test_rows(tool, world, capsys):
    run(tool, world, str(world / 'night.png'), str(world / 'night.png'))
    said = capsys.readouterr().out
    assert 'relu1_1, image: 100% background; relu2_1, image: 100% background' in said
    grid = read_image(str(world / 'out.png'))
    assert grid.shape[0] == 4 * 32 + 5 * 4 and grid.shape[1] == 5 * 48 + 6 * 4
    third = grid[2 * 36 + 4:2 * 36 + 4 + 32]
    mask, foreground = third[8:, 56:56 + 48], third[8:, 108:108 + 48]
    assert (mask == 255).all() and not foreground.any()  # the image is its own background


def test_with_a_checkpoint_the_translation_is_shown_too(tool, world, capsys):
    from nightgen.apis import init_model
    torch.save(dict(state_dict=init_model(world / 'config.py').state_dict()), world / 'weights.pth')
    run(tool, world, str(world / 'large.png'), str(world / 'day.png'), '--size', '32', '48', '--checkpoint',
        str(world / 'weights.pth'))
    said = capsys.readouterr().out
    assert said.count('background') == 4 and 'relu2_1, translation' in said
    grid = read_image(str(world / 'out.png'))
    assert grid.shape[0] == 6 * 32 + 7 * 4
    halved = read_image(str(world / 'large.png')).reshape(32, 2, 48, 2, 3).mean((1, 3))
    assert np.abs(grid[4:36, 4:52] - halved)[10:].max() <= 1  # below the label


def test_each_layer_has_its_threshold(tool, world, capsys):
    text = (world / 'config.py').read_text()
    for threshold, shares in ((-1.0, (100, 100)), (0.999999, (0, 0)), ((-1.0, 0.999999), (100, 0))):
        (world / 'config.py').write_text(text.replace('threshold=0.4', f'threshold={threshold}'))
        run(tool, world, str(world / 'night.png'), str(world / 'day.png'))
        assert 'relu1_1, image: {}% background; relu2_1, image: {}% background'.format(*shares) \
            in capsys.readouterr().out


def test_what_does_not_fit_is_told(tool, world):
    with pytest.raises(UsageError, match='large.png is 64x96, .*day.png 32x48; give --size'):
        run(tool, world, str(world / 'large.png'), str(world / 'day.png'))
    text = (world / 'config.py').read_text()
    (world / 'config.py').write_text(text[:text.index('    tensors=')] + ')')
    with pytest.raises(ValueError, match='no tensors='):
        run(tool, world, str(world / 'night.png'), str(world / 'day.png'))
