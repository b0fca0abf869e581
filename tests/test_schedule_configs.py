"""configs/_base_/schedules of two-sided methods: learning rates epoch by epoch against the references' rules."""

import pytest
import torch
from mmengine.config import Config
from mmengine.registry import PARAM_SCHEDULERS, init_default_scope

from nightgen.registry import LOOPS, OPTIMIZERS


def cyclegan(epoch: int) -> float:
    """The reference's rule for 100 + 100 epochs, 0-based."""
    return 2e-4 * (1 - max(0, epoch + 1 - 100) / 101)


def lowered_when_an_epoch_is_over(constant: int, falling: int, epoch: int) -> float:
    """ToDayGAN's and PearlGAN's training: after each 1-based epoch beyond ``constant`` the rate is set anew."""
    rate = 2e-4
    for over in range(1, epoch + 1):
        if over > constant:
            rate = 2e-4 * (1 - (over - constant) / falling)
    return rate


RULES = dict(
    cyclegan_200ep=(200, cyclegan),
    cut_400ep=(400, lambda epoch: 2e-4 * (1 - max(0, epoch + 1 - 200) / 201)),
    fastcut_200ep=(200, lambda epoch: 2e-4 * (1 - max(0, epoch + 1 - 150) / 51)),
    todaygan_150ep=(150, lambda epoch: lowered_when_an_epoch_is_over(75, 75, epoch)),
    pearlgan_80ep=(80, lambda epoch: lowered_when_an_epoch_is_over(40, 40, epoch)),
    pearlgan_120ep=(120, lambda epoch: lowered_when_an_epoch_is_over(60, 60, epoch)),
    morngan_80ep=(80, lambda epoch: 2e-4),
    morngan_160ep=(160, lambda epoch: 2e-4))


def rates(config, steps: int) -> list[float]:
    """The generator's rate in each epoch (or iteration)."""
    optimizer = OPTIMIZERS.build({**config.optim_wrapper.generator.optimizer,
                                  'params': [torch.nn.Parameter(torch.zeros(2))]})
    scheduler = PARAM_SCHEDULERS.build(dict(config.param_scheduler, optimizer=optimizer))
    found = []
    for _ in range(steps):
        found.append(optimizer.param_groups[0]['lr'])
        optimizer.step()
        scheduler.step()
    return found


@pytest.mark.parametrize('name', RULES)
def test_rates_of_every_epoch(configs_dir, name):
    init_default_scope('nightgen')
    config = Config.fromfile(configs_dir / f'_base_/schedules/{name}.py')
    epochs, rule = RULES[name]
    assert config.train_cfg.max_epochs == epochs and config.param_scheduler.by_epoch
    assert LOOPS.get(config.train_cfg.type).__name__ == 'ResumableEpochLoop'
    assert rates(config, epochs) == pytest.approx([rule(epoch) for epoch in range(epochs)], rel=1e-9)
    for player in ('generator', 'discriminator'):
        optimizer = config.optim_wrapper[player].optimizer
        assert (optimizer.type, optimizer.lr, optimizer.betas) == ('Adam', 2e-4, (0.5, 0.999))


def test_the_small_schedule_falls_to_nothing(configs_dir):
    init_default_scope('nightgen')
    config = Config.fromfile(configs_dir / '_base_/schedules/two_sided_small.py')
    assert config.train_cfg == dict(type='ResumableTrainLoop', max_iters=800, val_interval=800)
    found = rates(config, 800)
    assert found[:401] == pytest.approx([4e-4] * 401) and found[-1] == pytest.approx(0, abs=1e-12)
    assert found[600] == pytest.approx(4e-4 * (1 - 200 / 399))


def test_the_schedule_of_unit_halves_every_100000_iterations(configs_dir):
    init_default_scope('nightgen')
    config = Config.fromfile(configs_dir / '_base_/schedules/unit_1000k.py')
    config.param_scheduler.step_size = 10
    assert rates(config, 35) == pytest.approx([1e-4 / 2 ** (step // 10) for step in range(35)])
    assert config.train_cfg.max_iters == 1_000_000 and not config.param_scheduler.by_epoch
    assert all(config.optim_wrapper[player].optimizer.weight_decay == 1e-4 for player in (
        'generator', 'discriminator'))
