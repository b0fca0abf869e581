"""What a resumed run's settings change: mmengine puts a checkpoint's optimizers and schedules over the config's.

Learning rates, betas and schedules of the config would so do nothing, and nobody would be told. They are compared with
the checkpoint's, and either stop the run or take effect.
"""

from __future__ import annotations

import ast
import logging
import warnings
from collections.abc import Iterator, Mapping
from typing import Any

from mmengine.logging import print_log
from mmengine.runner import EpochBasedTrainLoop, Runner

from nightgen.checkpoint import CheckpointError

FLAG = '--resume-with-new-schedule'
# How an optimizer runs, not what it computes; and what belongs to the parameters.
_HOW = {'params', 'fused', 'foreach', 'capturable', 'differentiable', 'param_names'}
# Hyperparameters that an optimizer's state goes with: Adam's moments mean nothing to SGD.
_TELLING = {'betas', 'momentum', 'alpha', 'rho', 'etas', 'lambd'}
# Where a scheduler stands.
_PROGRESS = {'last_step', '_global_step', '_last_value', 'base_values', 'verbose', 'optimizer', 'best',
             'num_bad_epochs', 'cooldown_counter'}
# Settings that make the run another one, and those below them that do not.
_TRAINING = ('model', 'data_preprocessor', 'optim_wrapper', 'train_cfg', 'train_dataloader', 'auto_scale_lr',
             'custom_hooks')
_HARMLESS = {'num_workers', 'persistent_workers', 'pin_memory', 'prefetch_factor', '_scope_', 'optimizer', 'seed',
             'val_interval', 'val_begin', 'dynamic_intervals', 'compile_networks', 'channels_last', 'serialize_data'}
_ABSENT = 'nothing'


class ResumeSettingsError(CheckpointError):
    """Settings of a resumed run that would do nothing, or that cannot go on from the checkpoint."""


def check_resume(runner: Runner, checkpoint: dict, new_schedule: bool) -> None:
    """Compare a run with the checkpoint that it goes on from, before the optimizers take up their state.

    Args:
        runner: Its optimizers and schedulers are built from the config.
        checkpoint: As loaded; with ``new_schedule`` its optimizers' hyperparameters and its schedulers are replaced by
            the config's, as they would stand after as many iterations.
        new_schedule: Let them take effect.

    Raises:
        ResumeSettingsError: Another kind of optimizer; hyperparameters or schedules that differ, without
            ``new_schedule``; a schedule that cannot be brought to an iteration without its past.
    """
    restored = [*_optimizer_differences(runner, checkpoint), *_schedule_differences(runner, checkpoint)]
    taken = list(_config_differences(checkpoint.get('meta', {}).get('cfg'), runner.cfg.to_dict()))
    if restored and not new_schedule:
        raise ResumeSettingsError(
            f'resume: the checkpoint has other learning rates or schedules than the config, and would be put over '
            f'them (checkpoint -> config): {"; ".join(restored)}. To have those of the config take effect add {FLAG} '
            '(default_hooks.checkpoint.new_schedule=True); to go on as before, set them back')
    if restored:
        _bring_forward(runner, checkpoint)
    if restored or taken:
        print_log('resume: the run goes on with other settings than its checkpoint, and they take effect (checkpoint '
                  f'-> config): {"; ".join([*restored, *taken])}', 'current', logging.WARNING)
    _say_if_finished(runner, checkpoint.get('meta', {}))


def _say_if_finished(runner: Runner, meta: Mapping) -> None:
    loop = runner.train_loop
    unit, end = ('epoch', loop.max_epochs) if isinstance(loop, EpochBasedTrainLoop) else ('iter', loop.max_iters)
    if meta.get(unit, 0) >= end:
        print_log(f'resume: this run is finished: {meta[unit]} {unit}s are done and train_cfg.max_{unit}s is {end}; '
                  'nothing is trained', 'current', logging.WARNING)


# Optimizers and schedules

def _optimizer_differences(runner: Runner, checkpoint: dict) -> Iterator[str]:
    stored, own = _by_player(checkpoint.get('optimizer') or {}), _by_player(runner.optim_wrapper.state_dict())
    for player in [player for player in own if player in stored]:
        for index, (before, now) in enumerate(zip(_groups(stored[player]), _groups(own[player]), strict=False)):
            place = f'{player}[{index}]' if len(own[player]['param_groups']) > 1 else player
            if _TELLING & set(before) != _TELLING & set(now):
                raise ResumeSettingsError(
                    f'resume: the optimizer of {place} is of another kind: the checkpoint has {_shown(before)}, the '
                    f'config {_shown(now)}. Its state cannot be carried over; take the optimizer of the checkpoint, or '
                    'start anew from its weights with load_from')
            yield from (f'{place} {key} {before[key]} -> {now[key]}' for key in now
                        if key in before and _plain(before[key]) != _plain(now[key]))


def _by_player(state: dict) -> dict[str, dict]:
    return {'optimizer': state} if 'param_groups' in state else state


def _groups(state: dict) -> list[dict]:
    """Hyperparameters of the parameter groups, with the learning rate that a schedule starts from."""
    groups = [{key: value for key, value in group.items() if key not in _HOW} for group in state['param_groups']]
    return [{**{key: value for key, value in group.items() if not key.startswith('initial_')},
             **{key.removeprefix('initial_'): value for key, value in group.items() if key.startswith('initial_')}}
            for group in groups]


def _shown(group: dict) -> str:
    return ', '.join(f'{key}={group[key]}' for key in sorted(set(group) & {'lr', *_TELLING}))


def _schedules(schedulers: Any) -> dict[str, list]:
    if isinstance(schedulers, dict):
        return {f'schedule of {player}': list(own) for player, own in schedulers.items()}
    return {'schedule': list(schedulers or [])}


def _schedule_differences(runner: Runner, checkpoint: dict) -> Iterator[str]:
    stored, own = _schedules(checkpoint.get('param_schedulers')), _schedules(runner.param_schedulers)
    for name in own:
        before, now = stored.get(name, []), [scheduler.state_dict() for scheduler in own[name]]
        if len(before) != len(now):
            yield f'{name} of {len(before)} parts -> {len(now)}'
            continue
        for index, (old, new) in enumerate(zip(before, now, strict=True)):
            for key in sorted((set(old) | set(new)) - _PROGRESS):
                values = old.get(key, _ABSENT), new.get(key, _ABSENT)
                if not any(callable(value) for value in values) and _plain(values[0]) != _plain(values[1]):
                    yield f'{name}[{index}] {key} {values[0]} -> {values[1]}'


def _bring_forward(runner: Runner, checkpoint: dict) -> None:
    """Put the config's hyperparameters and schedules, stepped to the checkpoint's iteration, into the checkpoint."""
    schedulers = [scheduler for own in _schedules(runner.param_schedulers).values() for scheduler in own]
    held = [type(scheduler).__name__ for scheduler in schedulers if getattr(scheduler, 'need_val_args', False)]
    if held:
        raise ResumeSettingsError(f'resume: {FLAG} cannot bring {", ".join(held)} to an iteration: it goes by past '
                                  'validations; set it back, or start anew from the weights with load_from')
    meta = checkpoint['meta']
    epoch_length = len(runner.train_dataloader) if any(scheduler.by_epoch for scheduler in schedulers) else 0
    with warnings.catch_warnings():
        warnings.filterwarnings('ignore', message='(Seems like|Detected call)')
        epochs = 0
        for iteration in range(1, meta['iter'] + 1):
            _step(schedulers, by_epoch=False)
            if epoch_length and iteration % epoch_length == 0 and epochs < meta['epoch']:
                epochs += 1
                _step(schedulers, by_epoch=True)
        for _ in range(meta['epoch'] - epochs if epoch_length else 0):  # epochs of another length
            _step(schedulers, by_epoch=True)
    own = _by_player(runner.optim_wrapper.state_dict())
    for player, state in _by_player(checkpoint['optimizer']).items():
        groups = own[player]['param_groups']
        state['param_groups'] = [{**now, 'params': before['params']}
                                 for before, now in zip(state['param_groups'], groups, strict=True)]
    states = {name: [scheduler.state_dict() for scheduler in parts]
              for name, parts in _schedules(runner.param_schedulers).items()}
    players = isinstance(runner.param_schedulers, dict)
    checkpoint['param_schedulers'] = {player: states[f'schedule of {player}'] for player in runner.param_schedulers} \
        if players else states['schedule']


def _step(schedulers: list, by_epoch: bool) -> None:
    for scheduler in schedulers:
        if scheduler.by_epoch is by_epoch:
            scheduler.step()


# Configs

def _config_differences(text: str | None, own: dict) -> Iterator[str]:
    """Settings of training that differ, beside those of optimizers and schedules."""
    if not text:
        return
    stored = read_dump(text)
    for key in _TRAINING:
        yield from _differences(_plain(stored.get(key)), _plain(own.get(key)), key)


def _differences(before: Any, now: Any, path: str) -> Iterator[str]:
    if isinstance(before, dict) and isinstance(now, dict):
        for key in sorted({*before, *now} - _HARMLESS, key=str):
            yield from _differences(before.get(key, _ABSENT), now.get(key, _ABSENT), f'{path}.{key}')
    elif isinstance(before, list) and isinstance(now, list) and len(before) == len(now):
        for index, pair in enumerate(zip(before, now, strict=True)):
            yield from _differences(*pair, f'{path}[{index}]')
    elif before != now and _UNREAD not in (before, now):
        yield f'{path} {_short(before)} -> {_short(now)}'


def _short(value: Any) -> str:
    text = repr(value) if value != _ABSENT else _ABSENT
    return text if len(text) <= 60 else f'{text[:57]}...'


def _plain(value: Any) -> Any:
    """For comparison: plain dictionaries, and lists for tuples."""
    if isinstance(value, Mapping):
        return {key: _plain(inner) for key, inner in value.items()}
    return [_plain(inner) for inner in value] if isinstance(value, (list, tuple)) else value


_UNREAD = '<not a plain value>'


def read_dump(text: str) -> dict[str, Any]:
    """Top-level values of a config's text as ``Config.dump`` writes it, read without running it.

    Args:
        text: Assignments of numbers, strings, containers and ``dict(...)``.

    Returns:
        Values by name; what is written in another way is a mark that equals nothing.
    """
    try:
        statements = ast.parse(text).body
    except SyntaxError:
        return {}
    return {target.id: _literal(statement.value) for statement in statements if isinstance(statement, ast.Assign)
            for target in statement.targets if isinstance(target, ast.Name)}


def _literal(node: ast.AST) -> Any:
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == 'dict' and not node.args:
        return {keyword.arg: _literal(keyword.value) for keyword in node.keywords}
    if isinstance(node, ast.Dict):
        return {_literal(key): _literal(value) for key, value in zip(node.keys, node.values, strict=True)}
    if isinstance(node, (ast.List, ast.Tuple)):
        return [_literal(inner) for inner in node.elts]
    try:
        return ast.literal_eval(node)
    except ValueError:
        return _UNREAD
