"""tools/model_converters/publish_model.py: weights, and what describes the model."""

import pytest
import torch


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
