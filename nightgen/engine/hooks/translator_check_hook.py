"""Mistakes in a config that can be told before the first iteration."""

from mmengine.hooks import Hook
from mmengine.runner import EpochBasedTrainLoop, Runner

from nightgen.registry import HOOKS

from .run_state import bare_model


@HOOKS.register_module()
class TranslatorCheckHook(Hook):
    """Fail before training starts if model, data and loop do not fit together.

    - Loss terms and players whose ``begin`` or ``end`` counts epochs (``by_epoch=True``) need an epoch-based loop: an
      iteration loop is one endless epoch, in which they would never begin or never end.
    - Every domain of the model must be one of the training set.

    Raises:
        ValueError: With what to change.
    """

    priority = 'VERY_HIGH'

    def before_train(self, runner: Runner) -> None:
        model = bare_model(runner)
        self._check_schedules(runner, model)
        self._check_domains(runner, model)

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
