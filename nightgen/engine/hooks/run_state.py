"""What a resume needs beside weights, optimizers and schedulers: gathered, and put back.

State is of a process (random generators, image pools: ``run_state()`` and ``load_run_state(state)``) or of the run (a
memory that all processes share: ``shared_run_state()`` and ``load_shared_run_state(state)``). The second kind is saved
once and carried to any number of processes. Modules of the model may have either, and so may the pairing rule of the
training set.
"""

import logging
from collections.abc import Mapping
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

PAIRING = 'train_dataloader.dataset.pairing'  # under which the run state of a pairing rule is kept


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
        of each holder of such state gave, by its name) and ``optim_wrapper``.

    Raises:
        NotPlainError: If a module's state cannot be written into a checkpoint.
    """
    state: dict[str, Any] = dict(rng=capture_rng() if rng is None else rng)
    state['modules'] = {name: module.run_state() for name, module in _holders(runner, 'run_state').items()}
    if hasattr(runner.optim_wrapper, 'run_state'):
        state['optim_wrapper'] = runner.optim_wrapper.run_state()
    gathered = gather_object(to_plain(state, 'run_state'), dst=0)
    return None if gathered is None else dict(enumerate(gathered))


def shared_run_state(runner: Runner) -> dict[str, Any]:
    """What belongs to the run and not to a process, by its holder's name; the same on every process, plain values.

    Raises:
        NotPlainError: If a state cannot be written into a checkpoint.
    """
    return {name: to_plain(holder.shared_run_state(), f'shared_run_state.{name}')
            for name, holder in _holders(runner, 'shared_run_state').items()}


def load_shared_run_state(runner: Runner, stored: Mapping[str, Any]) -> None:
    """Put back :func:`shared_run_state`, on every process."""
    holders = _holders(runner, 'shared_run_state')
    for name in _in_both(holders, stored):
        holders[name].load_shared_run_state(stored[name])


def _holders(runner: Runner, method: str) -> dict[str, Any]:
    """Everything that has a method of run state, by name: modules of the model, and the training set's pairing rule."""
    found = {name: module for name, module in bare_model(runner).named_modules()
             if callable(getattr(module, method, None))}
    pairing = getattr(runner.train_dataloader.dataset, 'pairing', None)
    if callable(getattr(pairing, method, None)):
        found[PAIRING] = pairing
    return found


def _in_both(holders: Mapping[str, Any], stored: Mapping[str, Any]) -> list[str]:
    """The names whose state can be put back; the others are named in warnings."""
    for name in sorted(set(holders) - set(stored)):
        print_log(f'resume: the checkpoint has no run state for {name!r} ({type(holders[name]).__name__}); it starts '
                  'anew', 'current', logging.WARNING)
    for name in sorted(set(stored) - set(holders)):
        print_log(f'resume: the checkpoint has run state for {name!r}, which this run does not have; it is dropped',
                  'current', logging.WARNING)
    return sorted(set(stored) & set(holders))


def load_run_state(runner: Runner, state: Mapping) -> None:
    """Put back one process's state, except for the random generators; their turn comes when the data workers run."""
    holders, stored = _holders(runner, 'run_state'), state['modules']
    for name in _in_both(holders, stored):
        holders[name].load_run_state(stored[name])
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
              'schedules, state of the run and the place in the data are carried over; not carried over: '
              f'{"; ".join(lost)}.', 'current', logging.WARNING)


def reseed(runner: Runner) -> None:
    """Seed this process's generators for a place in the run that no earlier process has been at."""
    words = np.random.SeedSequence((runner.seed, runner.rank, runner.iter)).generate_state(1)
    set_random_seed(int(words[0]) >> 1)


def _has_gradients(state: Mapping) -> bool:
    gradients = state.get('optim_wrapper', {}).get('gradients', {})
    return any(isinstance(gradient, torch.Tensor) for owned in gradients.values() for gradient in owned)
