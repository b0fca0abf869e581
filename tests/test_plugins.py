"""A third party's package adds a loss, a backbone, a transform and a hook by ``custom_imports``, and trains."""

import copy
from pathlib import Path

import pytest
import torch
from mmengine.config import Config
from mmengine.runner import Runner

from nightgen.testing import write_domains

PLUGIN = Path(__file__).parent / 'plugins' / 'nightgen_example'


@pytest.fixture
def config(tmp_path, monkeypatch):
    """The plug-in's config over small folders of pictures, for two iterations on a CPU."""
    monkeypatch.syspath_prepend(str(PLUGIN))
    root = write_domains(tmp_path / 'data', count=4)
    config = Config.fromfile(PLUGIN / 'configs' / 'darkness.py')
    for domain in ('night', 'day'):
        pipeline = config.train_dataloader.dataset[domain].pipeline
        config.train_dataloader.dataset[domain] = dict(
            type='ImageFolderDataset', data_root=str(root), data_prefix=dict(img=domain), pipeline=pipeline)
    config.merge_from_dict(dict(
        work_dir=str(tmp_path / 'work'), log_level='WARNING',
        model=dict(discriminator=dict(base=4, num_layers=1, num_scales=2))))
    config.train_cfg.max_iters, config.param_scheduler = 2, None
    for key in ('val_cfg', 'val_dataloader', 'val_evaluator', 'test_cfg', 'test_dataloader', 'test_evaluator'):
        config.pop(key)
    config.default_hooks.pop('pictures')
    return config


def test_it_trains_with_its_own_parts(config):
    runner = Runner.from_cfg(config)
    start = copy.deepcopy(runner.model.state_dict())
    runner.train()
    hook, = [hook for hook in runner.hooks if type(hook).__name__ == 'StepCounterHook']
    assert hook.steps == 2
    dataset = runner.train_dataloader.dataset
    assert [type(step).__name__ for step in dataset.datasets['night'].pipeline.transforms][1] == 'UndoGamma'
    assert type(runner.model.generators['day']).__name__ == 'ShallowNet'
    assert not torch.equal(start['generators.day.mix.weight'], runner.model.state_dict()['generators.day.mix.weight'])


def test_the_gradient_of_its_loss_arrives(config):
    """With the adversarial term's weight 0 the generator's gradient is that of 2 * mean(relu(0.9 - (x + 1) / 2))."""
    config.model.losses[1].weight = 0.0
    runner = Runner.from_cfg(config)
    model = runner.model
    model.generators['day'].mix.weight.data.mul_(0.1)
    wrapper = runner.build_optim_wrapper(config.optim_wrapper)
    seen = []
    wrapper['generator'].step = lambda parameters: seen.extend(p.grad.clone() for p in parameters)
    night, day = torch.randint(0, 256, (2, 2, 3, 32, 32), dtype=torch.uint8)
    network = copy.deepcopy(model.generators['day'])
    model.train_step(dict(inputs=dict(real_night=list(night), real_day=list(day)), data_samples=None), wrapper)
    loss = 2 * torch.relu(0.9 - (network(night / 127.5 - 1) + 1) / 2).mean()
    for ours, theirs in zip(seen, torch.autograd.grad(loss, list(network.parameters())), strict=True):
        assert theirs.any()
        torch.testing.assert_close(ours, theirs)
