"""GeneratorEMAHook against averages computed by hand."""

from pathlib import Path

import pytest
import torch
from mmengine.hooks import Hook
from mmengine.registry import HOOKS
from mmengine.runner import Runner

from nightgen.checkpoint import CheckpointMismatchError, load_checkpoint


@HOOKS.register_module(force=True)
class RecordsWeights(Hook):
    """Keeps the generator's weights after every iteration and in every validation; runs before the averaging."""

    priority = 'VERY_HIGH'
    live: list = []
    validated: list = []

    def before_train(self, runner: Runner) -> None:
        self.live.clear(), self.validated.clear()
        self.live.append(weights(runner))

    def after_train_iter(self, runner: Runner, **kwargs) -> None:
        self.live.append(weights(runner))

    def after_val_iter(self, runner: Runner, **kwargs) -> None:
        self.validated.append(weights(runner))


def weights(runner: Runner) -> dict:
    return {key: value.clone() for key, value in runner.model.generators.state_dict().items()}


def averaged(history: list[dict], momentum: float, begin: int = 0, accumulate: int = 1) -> dict:
    """The average after all of ``history``, whose first entry is what training started with."""
    average = history[0]
    for iteration, live in enumerate(history[1:]):
        if (iteration + 1) % accumulate:
            continue
        if iteration < begin:
            average = live
        else:
            average = {key: (1 - momentum) * average[key] + momentum * live[key] for key in live}
    return average


@pytest.mark.parametrize('begin,accumulate', [(0, 1), (2, 1), (0, 2)])
def test_averages_equal_the_formula(train, tmp_path: Path, begin: int, accumulate: int):
    hooks = [dict(type='RecordsWeights'), dict(type='GeneratorEMAHook', momentum=0.3, begin=begin)]
    runner = train('run', max_iters=5, accumulate=accumulate, custom_hooks=hooks)
    checkpoint = load_checkpoint(tmp_path / 'run/iter_5.pth')
    expected = averaged(RecordsWeights.live, 0.3, begin, accumulate)
    for key, value in checkpoint['ema']['generators'].items():
        torch.testing.assert_close(value, expected[key], rtol=1e-6, atol=1e-7)
        assert torch.equal(checkpoint['state_dict'][f'generators.{key}'], RecordsWeights.live[-1][key])
    moved = sum(not torch.equal(value, weights(runner)[key]) for key, value in expected.items())
    assert moved > 0.9 * len(expected)


def test_validation_uses_averages_and_training_goes_on_with_its_own(train):
    hooks = [dict(type='RecordsWeights'), dict(type='GeneratorEMAHook', momentum=0.3)]
    runner = train('run', max_iters=4, custom_hooks=hooks, **{'train_cfg.val_interval': 4})
    expected = averaged(RecordsWeights.live, 0.3)
    assert len(RecordsWeights.validated) == 5
    for seen in RecordsWeights.validated:
        for key, value in seen.items():
            torch.testing.assert_close(value, expected[key], rtol=1e-6, atol=1e-7)
    assert all(torch.equal(value, RecordsWeights.live[-1][key]) for key, value in weights(runner).items())


def test_a_save_in_the_middle_of_a_validation_keeps_both_apart(train, tmp_path: Path):
    @HOOKS.register_module(force=True)
    class SavesInValidation(Hook):
        def after_val_iter(self, runner: Runner, batch_idx: int, **kwargs) -> None:
            if batch_idx == 1:
                runner.save_checkpoint(runner.work_dir, 'inside.pth', by_epoch=False, meta=dict(iter=2, epoch=0))

    hooks = [dict(type='RecordsWeights'), dict(type='GeneratorEMAHook', momentum=0.3), dict(type='SavesInValidation')]
    train('run', max_iters=2, custom_hooks=hooks, **{'train_cfg.val_interval': 2})
    inside, after = (load_checkpoint(tmp_path / f'run/{name}.pth') for name in ('inside', 'iter_2'))
    for part in ('state_dict', 'ema'):
        a, b = (c[part].get('generators', c[part]) for c in (inside, after))
        assert a.keys() == b.keys() and all(torch.equal(a[key], b[key]) for key in a)


def test_buffers_are_copied():
    network = torch.nn.Sequential(torch.nn.Linear(2, 2), torch.nn.BatchNorm1d(2))
    hook, runner = hook_with(network, momentum=0.5)
    network[1].running_mean.fill_(7.0)
    network[1].num_batches_tracked.fill_(3)
    with torch.no_grad():
        network[0].weight.add_(2.0)
    before = hook.average['generators']['0.weight'].clone()
    hook.after_train_iter(runner, 0)
    average = hook.average['generators']
    assert average['1.running_mean'].tolist() == [7.0, 7.0] and average['1.num_batches_tracked'] == 3
    torch.testing.assert_close(average['0.weight'], before + 1.0)


def hook_with(network: torch.nn.Module, **settings):
    from types import SimpleNamespace

    from nightgen.engine.hooks import GeneratorEMAHook
    hook = GeneratorEMAHook(**settings)
    runner = SimpleNamespace(model=torch.nn.ModuleDict(dict(generators=network)), iter=0, optim_wrapper=None)
    hook.before_train(runner)
    return hook, runner


@pytest.mark.parametrize('settings', [dict(momentum=0.0), dict(momentum=1.5), dict(networks='generators'),
                                      dict(networks=()), dict(begin=-1)])
def test_bad_settings(settings):
    with pytest.raises(ValueError, match='GeneratorEMAHook'):
        hook_with(torch.nn.Linear(1, 1), **settings)


def test_an_unknown_network_is_named_with_those_there_are():
    with pytest.raises(ValueError, match=r"no network 'generator'; there are \['generators'\]"):
        hook_with(torch.nn.Linear(1, 1), networks=('generator',))


def test_averages_of_another_network(train, tmp_path: Path):
    train('first', max_iters=1)
    checkpoint = load_checkpoint(tmp_path / 'first/iter_1.pth')
    checkpoint['ema']['generators'].popitem()
    torch.save(checkpoint, tmp_path / 'odd.pth')
    with pytest.raises(CheckpointMismatchError, match="averages of 'generators' are of another network"):
        train('second', max_iters=2, resume=True, load_from=str(tmp_path / 'odd.pth'))


@pytest.mark.parametrize('norm', ['batch', 'instance'])
def test_statistics_of_live_weights_do_not_go_unnoticed(train, tmp_path: Path, norm: str):
    generator = dict(_delete_=True, type='ResNetGenerator', base=4, num_blocks=1, norm=norm)
    train('run', **{'max_iters': 1, 'model.generator': generator, 'custom_hooks': [dict(type='GeneratorEMAHook')]})
    log = next((tmp_path / 'run').glob('*/*.log')).read_text()
    assert ("'generators' has batch norm" in log) == (norm == 'batch')
