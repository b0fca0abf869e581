"""Mistakes in a config that can be told before the first iteration."""

from collections.abc import Mapping, Sequence

from mmengine.hooks import Hook
from mmengine.optim.scheduler.param_scheduler import INF
from mmengine.runner import EpochBasedTrainLoop, Runner

from nightgen.registry import HOOKS
from nightgen.utils.settings import RECORD, changed_settings

from .run_state import bare_model


@HOOKS.register_module()
class TranslatorCheckHook(Hook):
    """Fail before training starts if model, data and loop do not fit together.

    - Loss terms and players whose ``begin`` or ``end`` counts epochs (``by_epoch=True``) need an epoch-based loop: an
      iteration loop is one endless epoch, in which they would never begin or never end.
    - Every domain of the model must be one of the training set.
    - Learning rates must end where the run ends. A schedule without ``end`` follows the run; one that ends later is cut
      off, and one that ends sooner leaves the rest of the run at its last value, which is often 0. A warm-up, which
      ends at the full rate, may end anywhere. Schedules that count epochs need an epoch-based loop.
    - A top-level setting (``data_root``, ``crop_size``, a pipeline) must be what the data loaders have. Tools put it
      there when they read a config; a Runner that is given the config itself does not. Before a test as well.

    Then parts that have something to read (weights of a frozen network) read it: ``prepare_training()`` of any module.

    Raises:
        ValueError: With what to change.
    """

    priority = 'VERY_HIGH'

    def before_train(self, runner: Runner) -> None:
        model = bare_model(runner)
        self._check_schedules(runner, model)
        self._check_domains(runner, model)
        self._check_settings(runner)
        for path, schedulers in schedules(runner.cfg.get('param_scheduler')):
            check_end(runner, path, schedulers)
        for module in model.modules():
            if callable(getattr(module, 'prepare_training', None)):
                module.prepare_training()

    def before_test(self, runner: Runner) -> None:
        self._check_settings(runner)

    @staticmethod
    def _check_settings(runner: Runner) -> None:
        names = changed_settings(runner.cfg)
        if names:
            raise ValueError(f'{" and ".join(names)} at the top level of the config differ(s) from what its parts were '
                             f'made with ({RECORD}); read the config with nightgen.utils.cli.load_config, or call '
                             'nightgen.utils.settings.settle(cfg), which puts the new value everywhere')

    @staticmethod
    def _check_schedules(runner: Runner, model: object) -> None:
        if isinstance(runner.train_loop, EpochBasedTrainLoop) or not hasattr(model, 'scheduled_by_epoch'):
            return
        names = model.scheduled_by_epoch()
        if names:
            raise ValueError(f'{", ".join(names)} count(s) epochs (by_epoch=True), but '
                             f'{type(runner.train_loop).__name__} counts iterations and has a single epoch: give begin '
                             "and end in iterations, or train with train_cfg=dict(type='ResumableEpochLoop')")

    @staticmethod
    def _check_domains(runner: Runner, model: object) -> None:
        given = getattr(runner.train_dataloader.dataset, 'domains', None)
        if given is None or not hasattr(model, 'domains'):
            return
        missing = [domain for domain in model.domains if domain not in given]
        if missing:
            raise ValueError(f'the model works on the domains {list(model.domains)}, the training set has '
                             f'{list(given)}: {missing} missing')


def schedules(config: Mapping | Sequence | None, path: str = 'param_scheduler') -> list[tuple[str, list[Mapping]]]:
    """The schedulers of each optimizer, with the path of each in the config (``{}`` where a list has its index)."""
    if not isinstance(config, Mapping | Sequence):
        return []  # none, or one that is built already
    if isinstance(config, Mapping) and 'type' not in config:
        return [found for name, inner in config.items() for found in schedules(inner, f'{path}.{name}')]
    if isinstance(config, Mapping):
        return [(path, [config])]
    return [(f'{path}.{{}}', list(config))] if all(isinstance(entry, Mapping) for entry in config) else []


def check_end(runner: Runner, path: str, schedulers: Sequence[Mapping]) -> None:
    """Raise if the schedulers of an optimizer end elsewhere than the run.

    Args:
        runner: At the start of training.
        path: Of the schedulers in the config, for the message.
        schedulers: Their configs. One without ``end``, or with mmengine's default of 1e9, ends with the run.

    Raises:
        ValueError: With the command-line options that make it fit.
    """
    runs = [end_of_run(runner, scheduler) for scheduler in schedulers]
    ends = [scheduler.get('end', INF) for scheduler in schedulers]
    parts = [1 if own >= INF else own / end for own, (end, _) in zip(ends, runs, strict=True)]
    part = max(parts, default=1)
    last = parts.index(part) if parts else 0
    if part == 1 or part < 1 and ends_at_full_rate(schedulers[last]):
        return
    options = [f'{path.format(index)}.{key}={round(scheduler[key] / part)}' for index, scheduler in
               enumerate(schedulers) if ends[index] < INF for key in ('begin', 'end') if scheduler.get(key)]
    scheduler, (end, unit) = schedulers[last], runs[last]
    length = 'max_epochs' if unit == 'epochs' else 'max_iters'
    raise ValueError(f'the schedule {scheduler["type"]} ends after {scheduler["end"]} {unit}, the run after {end}: '
                     f'give --cfg-options {" ".join(options)}, or train_cfg.{length}={scheduler["end"]}')


def end_of_run(runner: Runner, scheduler: Mapping) -> tuple[float, str]:
    """Where a run ends, in the unit that a scheduler counts, and that unit.

    Raises:
        ValueError: A scheduler counts epochs, and the loop has a single one.
    """
    if not scheduler.get('by_epoch', True):
        return runner.max_iters, 'iterations'
    if isinstance(runner.train_loop, EpochBasedTrainLoop):
        return runner.max_epochs, 'epochs'
    if scheduler.get('convert_to_iter_based'):
        return runner.max_iters / len(runner.train_dataloader), 'epochs'
    raise ValueError(f'the schedule {scheduler["type"]} counts epochs, but {type(runner.train_loop).__name__} counts '
                     'iterations and has a single epoch: give by_epoch=False and iterations, or train with '
                     "train_cfg=dict(type='ResumableEpochLoop')")


def ends_at_full_rate(scheduler: Mapping) -> bool:
    """Whether a scheduler is a warm-up: what comes after it has the full rate."""
    return str(scheduler['type']).startswith(('Linear', 'Constant')) and scheduler.get('end_factor', 1.0) == 1
