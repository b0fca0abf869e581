"""Where the time of training goes: the phases of a step, in a run with its data or in several forms of one config."""

from __future__ import annotations

import copy
import statistics
import time
from collections.abc import Callable, Mapping, Sequence
from functools import wraps
from typing import Any

import torch
from mmengine.hooks import Hook
from mmengine.registry import init_default_scope
from mmengine.runner import Runner
from torch import nn

from nightgen.registry import MODELS, OPTIM_WRAPPER_CONSTRUCTORS
from nightgen.utils.timing import stopwatch

from .optimizers import PlayerOptimWrapperDict

# What is added to the form before it, in this order.
FORMS = ('plain', 'fused', 'channels_last', 'bf16')
_CLASSES = 19


class StepClock:
    """Collects the seconds of each phase of each iteration.

    Attributes:
        warmup (int): Iterations at the start that do not count.
        iterations (list[dict[str, float]]): Seconds by phase: ``data``, ``step`` (all of ``train_step``), and of that
            ``backward`` and ``optimizer``; ``total``.
        now (dict[str, float]): The same of the iteration under way.
    """

    def __init__(self, warmup: int) -> None:
        self.warmup = warmup
        self.iterations: list[dict[str, float]] = []
        self.now: dict[str, float] = {}
        self.last = 0.0

    def timed(self, phase: str, function: Callable) -> Callable:
        """The function, its time added to a phase."""
        @wraps(function)  # schedulers look for a mark on the step that they have wrapped
        def run(*args: Any, **kwargs: Any) -> Any:
            seconds, result = stopwatch(function, *args, **kwargs)
            self.now[phase] = self.now.get(phase, 0.0) + seconds
            return result
        return run

    def watch(self, model: nn.Module, optim_wrapper: Any) -> None:
        """Wrap the calls of a step; backward and optimizer of a translator's players only."""
        model.train_step = self.timed('step', model.train_step)
        if isinstance(optim_wrapper, PlayerOptimWrapperDict):
            optim_wrapper.backward = self.timed('backward', optim_wrapper.backward)
            for player in optim_wrapper.values():
                player.step = self.timed('optimizer', player.step)

    def attach(self, runner: Runner) -> None:
        """Register a hook before and one after all others; the calls are wrapped when training starts."""
        clock = self

        class First(Hook):
            def before_train(self, runner: Runner) -> None:
                clock.watch(getattr(runner.model, 'module', runner.model), runner.optim_wrapper)
                clock.last = time.perf_counter()

            def before_train_iter(self, runner: Runner, batch_idx: int, data_batch: dict | None = None) -> None:
                clock.now = dict(data=time.perf_counter() - clock.last)

        class Last(Hook):
            def after_train_iter(self, runner: Runner, batch_idx: int, data_batch: dict | None = None,
                                 outputs: dict | None = None) -> None:
                end = time.perf_counter()
                clock.iterations.append(dict(clock.now, total=end - clock.last))
                clock.last = end

        runner.register_hook(First(), priority=0)
        runner.register_hook(Last(), priority=100)

    def median(self, phase: str) -> float:
        """Median seconds of a phase over the iterations that count."""
        return statistics.median(times.get(phase, 0.0) for times in self.iterations[self.warmup:])

    def summary(self, batch_size: int) -> dict:
        """Median seconds of each phase, and what follows from the sums."""
        kept = self.iterations[self.warmup:]
        seconds = {phase: self.median(phase) for phase in ('data', 'step', 'backward', 'optimizer', 'total')}
        step = seconds.pop('step')
        seconds['forward'] = max(0.0, step - seconds['backward'] - seconds['optimizer'])
        seconds['hooks'] = max(0.0, seconds['total'] - step - seconds['data'])
        total = sum(times['total'] for times in kept)
        return dict(iterations=len(kept), batch_size=batch_size, images_per_second=batch_size * len(kept) / total,
                    data_share=sum(times['data'] for times in kept) / total, seconds=seconds)


# Forms of one config

def config_of_form(cfg: Mapping, form: str) -> tuple[dict, dict]:
    """Configs of model and optimizers in one of :data:`FORMS`.

    ``plain`` is a contiguous model in fp32 with torch's default optimizers; ``fused`` has fused ones,
    ``channels_last`` also that memory format, ``bf16`` also autocast.

    Raises:
        ValueError: An unknown form, or optimizers that are not those of players.
    """
    if form not in FORMS:
        raise ValueError(f'there is no form {form!r}; there are {FORMS}')
    if cfg['optim_wrapper'].get('constructor') != 'PlayerOptimWrapperConstructor':
        raise ValueError("forms are those of a config with optim_wrapper=dict(constructor="
                         "'PlayerOptimWrapperConstructor', <player>=dict(optimizer=...))")
    rank = FORMS.index(form)
    model, wrapper = copy.deepcopy(dict(cfg['model'])), copy.deepcopy(dict(cfg['optim_wrapper']))
    model['channels_last'] = rank >= FORMS.index('channels_last')
    wrapper.update(amp='bf16' if rank >= FORMS.index('bf16') else 'off', accumulate=1)
    for entry in wrapper.values():
        if isinstance(entry, dict) and 'optimizer' in entry:
            entry['optimizer'].pop('fused', None)
            if rank >= FORMS.index('fused'):
                entry['optimizer']['fused'] = True
    return model, wrapper


def made_batch(model: nn.Module, batch_size: int, shape: tuple[int, int], seed: int = 0) -> dict:
    """A batch as a data loader gives it, of noise: all that a translator reads, in the kinds that it declares.

    Raises:
        ValueError: For an entry of kind ``raw``, of which nothing is known.
    """
    generator = torch.Generator().manual_seed(seed)
    channels = dict(image=3, unit=1, label=1)
    inputs = {}
    for name in (*(f'real_{domain}' for domain in model.domains), *model.inputs):
        kind = model.data_preprocessor.kind_of(name)
        if kind not in channels:
            raise ValueError(f'the batch entry {name!r} is of kind {kind!r}, which cannot be made; time a run with '
                             'its data')
        size, limit = (batch_size, channels[kind], *shape), _CLASSES if kind == 'label' else 256
        inputs[name] = list(torch.randint(0, limit, size, generator=generator, dtype=torch.uint8))
    return dict(inputs=inputs, data_samples=None)


def time_forms(cfg: Mapping, forms: Sequence[str], shape: tuple[int, int], batch_size: int = 1, warmup: int = 1,
               iterations: int = 5, device: str = 'cpu', at: int | None = None) -> list[dict]:
    """Times training steps of one config in several forms, which take turns in one process.

    Nothing is loaded: every step has the same made pictures.

    Args:
        cfg: With ``model`` and ``optim_wrapper``.
        forms: See :func:`config_of_form`.
        shape: Height and width of the pictures.
        batch_size: Pictures of each domain in a step.
        warmup: Steps of each form that do not count.
        iterations: Steps of each form that do.
        device: Where to train.
        at: Epoch, or iteration where the schedule counts those, whose terms and players are on; by default where the
            last term begins.

    Returns:
        A row for each form: ``form``, median ``seconds`` by phase and ``cpu_seconds`` (the processor's time, which
        other programs on the machine do not lengthen much), and how many times as fast as the first it is by either,
        ``ratio`` and ``cpu_ratio``.
    """
    init_default_scope(cfg.get('default_scope', 'nightgen'))
    runs = {}
    for form in forms:
        model_cfg, wrapper_cfg = config_of_form(cfg, form)
        torch.manual_seed(0)
        model = MODELS.build(model_cfg).to(device)
        wrapper_cfg = dict(optim_wrapper_cfg=wrapper_cfg, type=wrapper_cfg.pop('constructor'))
        optim_wrapper = OPTIM_WRAPPER_CONSTRUCTORS.build(wrapper_cfg)(model)
        late = max((term.schedule.begin for term in model.losses), default=0) if at is None else at
        model.progress = lambda late=late: (late, late)
        clock = StepClock(warmup)
        clock.watch(model, optim_wrapper)
        runs[form] = model, optim_wrapper, clock, made_batch(model, batch_size, shape)
    for _ in range(warmup + iterations):
        for model, optim_wrapper, clock, batch in runs.values():
            clock.now, worked = {}, time.process_time()
            model.train_step(batch, optim_wrapper)
            clock.iterations.append(dict(clock.now, data=0.0, total=clock.now['step'],
                                         processor=time.process_time() - worked))
    rows = [dict(form=form, **clock.summary(batch_size), cpu_seconds=clock.median('processor'))
            for form, (_, _, clock, _) in runs.items()]
    return [dict(row, ratio=rows[0]['seconds']['total'] / row['seconds']['total'],
                 cpu_ratio=rows[0]['cpu_seconds'] / row['cpu_seconds']) for row in rows]
