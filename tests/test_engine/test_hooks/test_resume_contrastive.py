"""CUT, FastCUT and UNIT resume exactly: patches, mirrored iterations and latent noise are drawn as if never stopped."""

from pathlib import Path

import pytest
import torch
from mmengine.config import Config

from nightgen.checkpoint import load_checkpoint
from tests.test_engine.test_hooks.test_resume import differences, scramble

NARROW = dict(
    cut={'generator': dict(base=4, num_blocks=5), 'discriminator.base': 4, 'sampler': dict(width=8, num_patches=9)},
    unit={'generator': dict(encoder=dict(base=4, num_blocks=1), decoder=dict(base=4, num_blocks=1)),
          'discriminator': dict(base=4, num_layers=3, num_scales=2)})


@pytest.mark.parametrize('name', ['cut', 'fastcut', 'unit'])
def test_six_iterations_equal_three_and_three(train, configs_dir: Path, tmp_path: Path, name: str):
    config = Config.fromfile(configs_dir / f'_base_/models/{name}.py')
    config.merge_from_dict({f'model.{key}': value for key, value in NARROW[name.removeprefix('fast')].items()})
    model = {**config.model.to_dict(), 'domains': ('night', 'day')}
    settings = {'max_iters': 6, 'accumulate': 2, 'default_hooks.checkpoint.interval': 3,
                'model': dict(model, _delete_=True)}  # the checkpoint lies inside a window of two
    train('whole', **settings)
    scramble()
    train('resumed', **settings, resume=True, load_from=str(tmp_path / 'whole/iter_3.pth'))
    half, whole, resumed = (load_checkpoint(tmp_path / path) for path in (
        'whole/iter_3.pth', 'whole/iter_6.pth', 'resumed/iter_6.pth'))
    assert differences(whole, resumed) == []
    changed = {key.split('.')[0] for key in whole['state_dict']
               if not torch.equal(whole['state_dict'][key], half['state_dict'][key])}
    assert changed == {'generators', 'discriminators'} | ({'sampler'} if name != 'unit' else set())
