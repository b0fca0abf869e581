"""tools/model_converters/publish_model.py: weights, and what describes the model."""

import pytest
import torch
from mmengine.config import Config

from nightgen.apis import init_model


def test_only_weights_and_the_description_stay(tmp_path, load_tool):
    tool = load_tool('tools/model_converters/publish_model.py')
    state = {'a.weight': torch.randn(3, 2), 'a.steps': torch.tensor(7)}
    torch.save(dict(meta=dict(dataset_meta=dict(classes=('car',)), cfg='x' * 9000, iter=5), state_dict=state,
                    optimizer=dict(state={0: torch.zeros(99)}), ema=dict(a=dict(weight=torch.ones(3, 2)))),
               tmp_path / 'full.pth')
    assert tool.main([str(tmp_path / 'full.pth'), str(tmp_path / 'small.pth'), '--half', '--no-ema']) == 0
    small = torch.load(tmp_path / 'small.pth', weights_only=True)
    assert set(small) == {'meta', 'state_dict'}
    assert small['meta']['iter'] == 5 and list(small['meta']['dataset_meta']['classes']) == ['car']
    assert 'cfg' not in small['meta'] and small['state_dict']['a.weight'].dtype == torch.float16
    assert small['state_dict']['a.steps'] == 7
    torch.testing.assert_close(small['state_dict']['a.weight'].float(), state['a.weight'], atol=1e-3, rtol=1e-3)
    tool.main([str(tmp_path / 'full.pth'), str(tmp_path / 'averaged.pth')])
    assert (torch.load(tmp_path / 'averaged.pth', weights_only=True)['state_dict']['a.weight'] == 1).all()
    with pytest.raises(ValueError, match='the checkpoint itself'):
        tool.main([str(tmp_path / 'full.pth'), str(tmp_path / 'full.pth')])


def test_published_for_inference_needs_nothing_of_training(tmp_path, load_tool, tiny_config):
    """Without its discriminator the file translates as the whole one does, and its config's judge need not be there."""
    tool, cfg = load_tool('tools/model_converters/publish_model.py'), Config.fromfile(tiny_config)
    cfg.model.discriminator = dict(type='PatchDiscriminator', base=2, num_layers=1)
    cfg.model.losses = [dict(type='AdversarialLoss', reads=dict(real='real_*', fake='fake_*'))]
    whole = init_model(cfg)
    torch.save(dict(meta={}, state_dict=whole.state_dict()), tmp_path / 'full.pth')
    assert tool.main([str(tmp_path / 'full.pth'), str(tmp_path / 'small.pth'), '--inference']) == 0
    small = torch.load(tmp_path / 'small.pth', weights_only=True)
    assert small['meta']['inference_only'] is True and all(key.startswith('generators.') for key in small['state_dict'])
    cfg.model.discriminator = dict(type='NotInstalled')
    model = init_model(cfg, tmp_path / 'small.pth')
    assert len(whole.discriminators) == 1 and len(model.discriminators) == 0 and not model.losses
    picture = torch.rand(1, 3, 32, 48, generator=torch.Generator().manual_seed(0)) * 2 - 1
    with torch.no_grad():
        assert model.translate(picture).equal(whole.translate(picture))
    with pytest.raises(KeyError, match='NotInstalled'):
        init_model(cfg, tmp_path / 'full.pth')
