"""What a resume needs beside weights, optimizers and schedulers, process by process: gathered, and put back."""

import logging
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import torch
from mmengine.dist import gather_object
from mmengine.logging import print_log
from mmengine.model import is_model_wrapper
from mmengine.runner import Runner, set_random_seed
from torch import nn

from nightgen.utils.plain import to_plain
from nightgen.utils.rng import capture_rng


class ResumeError(RuntimeError):
    """A run that cannot go on from a checkpoint as it is configured; the message says what to change."""


def bare_model(runner: Runner) -> nn.Module:
    """The runner's model without a distributed wrapper."""
    return runner.model.module if is_model_wrapper(runner.model) else runner.model


def gather_run_state(runner: Runner, rng: dict | None = None) -> dict[int, dict] | None:
    """Collect every process's state; all processes must call it.

    Args:
        runner: The runner.
        rng: States of the random generators, if not those of now (a validation is under way).

    Returns:
        On rank 0 a dictionary by rank, on others None. A rank's entry holds ``rng``, ``modules`` (what ``run_state()``
        of each module of the model that has it gave, by the module's name) and ``optim_wrapper``.

    Raises:
        NotPlainError: If a module's state cannot be written into a checkpoint.
    """
    state: dict[str, Any] = dict(rng=capture_rng() if rng is None else rng)
    state['modules'] = {name: module.run_state() for name, module in _with_run_state(bare_model(runner))}
    if hasattr(runner.optim_wrapper, 'run_state'):
        state['optim_wrapper'] = runner.optim_wrapper.run_state()
    gathered = gather_object(to_plain(state, 'run_state'), dst=0)
    return None if gathered is None else dict(enumerate(gathered))


def _with_run_state(model: nn.Module) -> Iterator[tuple[str, nn.Module]]:
    return ((name, module) for name, module in model.named_modules() if callable(getattr(module, 'run_state', None)))


def load_run_state(runner: Runner, state: Mapping) -> None:
    """Put back one process's state, except for the random generators; their turn comes when the data workers run."""
    modules, stored = dict(_with_run_state(bare_model(runner))), state['modules']
    for name in sorted(set(modules) - set(stored)):
        print_log(f'resume: the checkpoint has no run state for {name!r} ({type(modules[name]).__name__}); it starts '
                  'anew', 'current', logging.WARNING)
    for name in sorted(set(stored) - set(modules)):
        print_log(f'resume: the checkpoint has run state for {name!r}, which this model does not have; it is dropped',
                  'current', logging.WARNING)
    for name in sorted(set(stored) & set(modules)):
        modules[name].load_run_state(stored[name])
    if 'optim_wrapper' in state and hasattr(runner.optim_wrapper, 'load_run_state'):
        runner.optim_wrapper.load_run_state(state['optim_wrapper'])


def load_for_other_world(runner: Runner, states: Mapping[int, Mapping], drop_pending_gradients: bool) -> None:
    """Carry over what does not belong to a single process, and say what could not be.

    Raises:
        ResumeError: If the checkpoint lies inside an accumulation window and ``drop_pending_gradients`` is False.
    """
    was, now = len(states), runner.world_size
    lost = [f"states of the random generators of {was} process(es) (seeded anew from the run's seed, the rank and the "
            'iteration)']
    pools = sorted({name for state in states.values() for name, value in state['modules'].items() if value})
    if pools:
        lost.append(f'run state of {", ".join(map(repr, pools))} (starts empty)')
    if any(_has_gradients(state) for state in states.values()):
        if not drop_pending_gradients:
            raise ResumeError(
                f'the checkpoint was saved by {was} process(es) inside an accumulation window, and this run has {now}: '
                'the gradients gathered so far belong to single processes and cannot be carried over. Resume with '
                f'{was} process(es), or from a checkpoint at a multiple of the accumulation count, or give up those '
                'gradients with --cfg-options default_hooks.checkpoint.drop_pending_gradients=True')
        lost.append('gradients of the open accumulation window')
    wrapper_state = states[0].get('optim_wrapper')
    if wrapper_state is not None and hasattr(runner.optim_wrapper, 'load_run_state'):
        wrapper_state = {**wrapper_state, 'gradients': {
            name: [None] * len(owned) for name, owned in wrapper_state.get('gradients', {}).items()}}
        runner.optim_wrapper.load_run_state(wrapper_state)
    print_log(f'resume: the checkpoint was saved by {was} process(es), this run has {now}. Weights, optimizers, '
              f'schedules and the place in the data are carried over; not carried over: {"; ".join(lost)}.', 'current',
              logging.WARNING)


def reseed(runner: Runner) -> None:
    """Seed this process's generators for a place in the run that no earlier process has been at."""
    words = np.random.SeedSequence((runner.seed, runner.rank, runner.iter)).generate_state(1)
    set_random_seed(int(words[0]) >> 1)


def _has_gradients(state: Mapping) -> bool:
    gradients = state.get('optim_wrapper', {}).get('gradients', {})
    return any(isinstance(gradient, torch.Tensor) for owned in gradients.values() for gradient in owned)
