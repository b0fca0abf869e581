"""A model from a config and a checkpoint."""

from pathlib import Path

import pytest
import torch
from mmengine.config import Config

from nightgen.apis import init_model
from nightgen.checkpoint import CheckpointMismatchError, UntrustedCheckpointError, load_checkpoint
from nightgen.utils.shipped import shipped_weights


def test_the_model_has_the_checkpoints_weights(tiny_config: Path, tiny_checkpoint: Path):
    model = init_model(tiny_config, tiny_checkpoint)
    expected = torch.load(tiny_checkpoint, weights_only=True)['state_dict']
    assert all(torch.equal(value, expected[key]) for key, value in model.state_dict().items())
    assert not model.training and model.cfg.filename == str(tiny_config)


def test_averaged_weights_are_preferred(tiny_config: Path, tiny_checkpoint: Path, tmp_path: Path):
    checkpoint = torch.load(tiny_checkpoint, weights_only=True)
    live = {key.removeprefix('generators.'): value for key, value in checkpoint['state_dict'].items()
            if key.startswith('generators.')}
    checkpoint['ema'] = dict(generators={key: value + 1 for key, value in live.items()})
    torch.save(checkpoint, tmp_path / 'ema.pth')
    model = init_model(str(tiny_config), tmp_path / 'ema.pth')
    assert all(torch.equal(value, live[key] + 1) for key, value in model.generators.state_dict().items())


def test_without_a_checkpoint_it_is_what_training_starts_from(tiny_config: Path):
    cfg = Config.fromfile(tiny_config)
    torch.manual_seed(3)
    first = init_model(cfg).state_dict()
    torch.manual_seed(3)
    second = init_model(cfg).state_dict()
    assert all(torch.equal(first[key], second[key]) for key in first)


def test_a_shipped_model_has_its_weights():
    """By name too: random weights in place of the published ones would go unnoticed."""
    one, other = init_model('n2d_lpnet_night2day').state_dict(), init_model('n2d_lpnet_night2day').state_dict()
    published = load_checkpoint(shipped_weights('n2d_lpnet_night2day'))['state_dict']
    assert one.keys() == published.keys() and all(torch.equal(one[key], other[key]) for key in one)
    assert all(torch.equal(one[key], value.to(one[key].dtype)) for key, value in published.items())


def test_a_checkpoint_of_another_network_is_refused(tiny_config: Path, tiny_checkpoint: Path):
    cfg = Config.fromfile(tiny_config)
    cfg.model.generator.base = 4
    with pytest.raises(CheckpointMismatchError):
        init_model(cfg, tiny_checkpoint)


def test_code_in_a_checkpoint_is_refused_unless_trusted(tiny_config: Path, tiny_checkpoint: Path, tmp_path: Path):
    checkpoint = torch.load(tiny_checkpoint, weights_only=True)
    torch.save(dict(checkpoint, extra=torch.nn.Conv2d(1, 1, 1)), tmp_path / 'code.pth')
    with pytest.raises(UntrustedCheckpointError):
        init_model(tiny_config, tmp_path / 'code.pth')
    assert init_model(tiny_config, tmp_path / 'code.pth', trusted=True)


def test_a_config_without_a_model_says_so():
    with pytest.raises(KeyError, match='describes no model'):
        init_model(Config(dict(a=1)))


def test_building_leaves_the_default_scope_alone(tiny_config: Path):
    from mmengine.registry import DefaultScope
    init_model(tiny_config)
    assert DefaultScope.get_current_instance() is None
