"""Settings of a resumed run against its checkpoint: what stops it, what takes effect, what does not matter."""

from pathlib import Path

import pytest
import torch

from nightgen.checkpoint import load_checkpoint
from nightgen.engine.hooks.resume_settings import ResumeSettingsError, read_dump

NEW = {'default_hooks.checkpoint.new_schedule': True}


@pytest.fixture
def resume(train, tmp_path: Path):
    """Train two iterations, then go on to four with changed settings."""
    def run(first: dict | None = None, **changes: object):
        first = {'default_hooks.checkpoint.interval': 2, **(first or {})}
        train('first', **{'max_iters': 2, **first})
        return train('second', **{'max_iters': 4, **first, **changes}, resume=True,
                     load_from=str(tmp_path / 'first/iter_2.pth'))
    return run


@pytest.fixture
def said(caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What is logged about resuming."""
    lines: list[str] = []
    monkeypatch.setattr('nightgen.engine.hooks.resume_settings.print_log',
                        lambda message, logger, level: lines.append(message))
    return lines


@pytest.mark.parametrize('changes,message', [
    ({'optim_wrapper.generator.optimizer.lr': 0.5}, r'generator lr 0.001 -> 0.5\. To have'),
    ({'optim_wrapper.discriminator.optimizer.betas': (0.5, 0.9)}, r'discriminator betas .0.9, 0.99. -> .0.5, 0.9.'),
    ({'param_scheduler.gamma': 0.5}, r'schedule of generator\[0\] gamma [\d.]+ -> 0.5; .*discriminator\[0\] gamma'),
    ({'param_scheduler': dict(type='CosineAnnealingLR', T_max=9, by_epoch=False, _delete_=True)}, 'T_max nothing -> 9'),
    ({'param_scheduler': [dict(type='ConstantLR', by_epoch=False), dict(type='ConstantLR', by_epoch=False)]},
     'schedule of generator of 1 parts -> 2; schedule of discriminator'),
    ({'optim_wrapper.generator.optimizer': dict(type='SGD', lr=1e-3, momentum=0.9, _delete_=True)},
     'the optimizer of generator is of another kind: the checkpoint has betas=.*, the config lr=0.001, momentum=0.9'),
])
def test_what_the_checkpoint_would_be_put_over_stops_the_run(resume, tmp_path: Path, changes: dict, message: str):
    with pytest.raises(ResumeSettingsError, match=message):
        resume(**changes)
    assert not (tmp_path / 'second/iter_4.pth').exists()


def test_another_kind_of_optimizer_stops_even_with_the_flag(resume):
    sgd = dict(type='SGD', lr=1e-3, momentum=0.9, _delete_=True)
    with pytest.raises(ResumeSettingsError, match='another kind'):
        resume(**NEW, **{'optim_wrapper.generator.optimizer': sgd})


def rates(checkpoint: dict) -> list[tuple]:
    return [(group['lr'], group['initial_lr'], tuple(group['betas'])) for player in ('generator', 'discriminator')
            for group in checkpoint['optimizer'][player]['param_groups']]


@pytest.mark.parametrize('schedule', [
    dict(type='LinearLR', start_factor=1.0, end_factor=0.5, by_epoch=False, begin=1, end=4, _delete_=True),
    [dict(type='LinearLR', start_factor=0.1, by_epoch=False, begin=0, end=3),
     dict(type='ExponentialLR', gamma=0.9, by_epoch=False, begin=1)]])
def test_with_the_flag_rates_are_those_of_a_run_that_always_had_them(resume, train, tmp_path: Path, said: list[str],
                                                                     schedule: dict | list):
    new = {'param_scheduler': schedule, 'optim_wrapper.generator.optimizer.lr': 0.02,
           'optim_wrapper.discriminator.optimizer.betas': (0.5, 0.9)}
    resume(**NEW, **new)
    assert len(said) == 1 and 'generator lr 0.001 -> 0.02' in said[0] and 'train_cfg.max_iters 2 -> 4' in said[0]
    train('always', **{'max_iters': 4, **new})
    resumed, always = (load_checkpoint(tmp_path / f'{name}/iter_4.pth') for name in ('second', 'always'))
    assert rates(resumed) == rates(always) and rates(resumed)[0][1] == 0.02
    assert resumed['param_schedulers'] == always['param_schedulers']
    before = load_checkpoint(tmp_path / 'first/iter_2.pth')['optimizer']['generator']['state'][0]
    assert before['step'] == 2 and resumed['optimizer']['generator']['state'][0]['step'] == 4  # moments went on


def test_a_schedule_of_epochs_is_brought_forward_too(resume, train, tmp_path: Path):
    epochs = {'train_cfg': dict(type='ResumableEpochLoop', max_epochs=1, _delete_=True),
              'train_dataloader.drop_last': True, 'train_dataloader.batch_size': 4}
    loop = {**epochs, 'train_cfg': dict(type='ResumableEpochLoop', max_epochs=2, _delete_=True)}
    new = {'param_scheduler': dict(type='ExponentialLR', gamma=0.5, by_epoch=True, _delete_=True)}
    resume(epochs, **NEW, **loop, **new)
    train('always', **{'default_hooks.checkpoint.interval': 2, **loop, **new})
    resumed, always = (load_checkpoint(tmp_path / f'{name}/iter_4.pth') for name in ('second', 'always'))
    assert resumed['meta']['epoch'] == 1 and rates(resumed) == rates(always) and rates(resumed)[0][0] < 1e-3


def test_what_takes_effect_by_itself_is_listed_once(resume, said: list[str]):
    resume(**{'train_dataloader.batch_size': 3, 'accumulate': 2, 'train_dataloader.dataset.night.test_mode': True,
              'model.losses': [dict(type='PixelLoss', kind='l1', reads=dict(pred='fake_day', target='real_night')),
                               dict(type='AdversarialLoss', mode='lsgan', weight=3.0,
                                    reads=dict(real='real_*', fake='fake_*'), pool=3)]})
    assert len(said) == 1
    for difference in ('train_dataloader.batch_size 2 -> 3', 'optim_wrapper.accumulate 1 -> 2', 'max_iters 2 -> 4',
                       "model.losses[0].kind 'l2' -> 'l1'", 'model.losses[1].weight nothing -> 3.0'):
        assert difference in said[0]


def test_what_does_not_change_training_is_not_mentioned(resume, said: list[str]):
    resume({'max_iters': 4, 'default_hooks.checkpoint.interval': 2}, **{
        'workers': 1, 'default_hooks.logger.interval': 2, 'log_level': 'ERROR', 'val_evaluator': [dict(type='SSIM')],
        'train_cfg.val_interval': 7, 'visualizer.vis_backends': []})
    assert [line for line in said if 'finished' not in line] == []


@pytest.mark.parametrize('max_iters', [1, 2])
def test_a_run_that_is_finished_says_so(train, tmp_path: Path, said: list[str], max_iters: int):
    train('first', max_iters=2)
    before = load_checkpoint(tmp_path / 'first/iter_2.pth')['state_dict']
    runner = train('second', max_iters=max_iters, resume=True, load_from=str(tmp_path / 'first/iter_2.pth'))
    assert said[-1] == (f'resume: this run is finished: 2 iters are done and train_cfg.max_iters is {max_iters}; '
                        'nothing is trained')
    assert runner.iter == 2 and all(torch.equal(value, before[key]) for key, value in runner.model.state_dict().items())


def test_a_configs_text_is_read_without_running_it():
    text = "a = dict(b=1, c=[dict(d=(1, -2.0)), 'x'])\ne = {'f.g': None}\nh = __import__('os').getcwd()\n"
    assert read_dump(text) == {'a': {'b': 1, 'c': [{'d': [1, -2.0]}, 'x']}, 'e': {'f.g': None},
                               'h': '<not a plain value>'}
    assert read_dump('a = (') == {}
