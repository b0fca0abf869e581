"""tools/analysis_tools/mask_thresholds.py"""

import numpy as np
import pytest
import torch

from nightgen.utils.cli import UsageError
from nightgen.utils.images import write_image

CONFIG = '''
default_scope = 'nightgen'
model = dict(
    type='OneSidedTranslator', domains=('night', 'day'), inputs=('reference_day',),
    generator=dict(type='ResNetGenerator', base=4, num_blocks=1),
    tensors=[dict(type='FeatureMaps', network=dict(type='VGGFeatures', weights='random', layers=('relu1_1', 'relu2_1')),
                  name=('fake_features', 'reference_features'),
                  reads=dict(fake='fake_day', reference='reference_day'))],
    losses=[dict(type='BackgroundRegressionLoss', threshold=(0.9, 0.95),
                 reads=dict(fake='fake_features', reference='reference_features'))])
'''


@pytest.fixture
def tool(load_tool):
    return load_tool('tools/analysis_tools/mask_thresholds.py')


@pytest.fixture
def world(tmp_path):
    """Two pictures of a camera that differ from its reference, by noise, where there is a car."""
    random = np.random.default_rng(0)
    (tmp_path / 'config.py').write_text(CONFIG)
    reference = random.integers(0, 255, (32, 48, 3), dtype=np.uint8)
    write_image(str(tmp_path / 'gate.png'), reference)
    for name, car in (('a.png', np.s_[8:24, 8:24]), ('b.png', np.s_[8:24, 24:48])):
        label, image = np.zeros((32, 48), np.uint8), reference.copy()
        label[car] = 13
        image[car] = random.integers(0, 255, image[car].shape)
        for folder, picture in (('day', image), ('label', label)):
            (tmp_path / folder / 'gate').mkdir(parents=True, exist_ok=True)
            write_image(str(tmp_path / folder / 'gate' / name), picture)
    return tmp_path


def run(tool, world, *further):
    return tool.main([str(world / 'config.py'), str(world / 'day'), str(world / 'label'), str(world / '{camera}.png'),
                      *further])


def test_what_moves_is_found_and_the_rest_is_background(tool, world, capsys):
    torch.manual_seed(0)
    run(tool, world)
    said = capsys.readouterr().out.splitlines()
    assert said[0].startswith('2 images of')
    # 16x16 and 16x24 of 32x48 pixels move; a place of relu2_1 has 2x2 of them. The network sees beyond a place's
    # pixels, so that some background beside a car is unlike the reference.
    assert said[1].startswith('relu1_1: 79.2% of 3072 places') and said[4].startswith('relu2_1: 79.2% of 768 places')
    assert "config's threshold 0.90:" in said[2] and "config's threshold 0.95:" in said[5]
    for line in (said[3], said[6]):
        assert float(line.split('balanced accuracy ')[1].split(',')[0]) > 0.85
    assert float(said[1].rsplit(' ', 1)[1]) > 0.95


def test_with_weights_the_pictures_are_translated(tool, world, capsys):
    from nightgen.apis import init_model
    torch.save(dict(state_dict=init_model(world / 'config.py').state_dict()), world / 'weights.pth')
    run(tool, world, '--checkpoint', str(world / 'weights.pth'))
    said = capsys.readouterr().out
    assert said.startswith('2 translated images of')
    assert float(said.splitlines()[1].rsplit(' ', 1)[1]) < 0.9


def test_what_is_missing_is_told(tool, world):
    write_image(str(world / 'label/gate/b.png'), np.zeros((16, 48), np.uint8))
    with pytest.raises(UsageError, match='b.png.*differ in size'):
        run(tool, world)
    (world / 'label/gate/b.png').unlink()
    with pytest.raises(UsageError, match=r'label/gate/b.png, which belongs to .*day/gate/b.png, does not exist'):
        run(tool, world)
    for name in ('a.png', 'b.png'):
        write_image(str(world / 'label/gate' / name), np.zeros((32, 48), np.uint8))
    with pytest.raises(UsageError, match='relu1_1 has places of one kind only'):
        run(tool, world)
