"""The start of a run: what goes wrong before its first iteration is done is a matter of its settings."""

from __future__ import annotations

import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Any

import torch
from mmengine.config import Config
from mmengine.hooks import Hook
from mmengine.runner import Runner

from nightgen.engine.hooks import PictureSizeHook
from nightgen.engine.runner import ShortLogRunner
from nightgen.utils.config_check import check_config, known_names, parts
from nightgen.utils.errors import UsageError, first_line, message_of

_PACKAGE = str(Path(__file__).resolve().parents[1])
# What tells of the machine or of the user's wish and not of settings.
_OTHERS = (torch.OutOfMemoryError, MemoryError, UsageError)


class _FirstIterationHook(Hook):
    """Knows whether an iteration was done."""

    priority = 'LOWEST'

    def __init__(self) -> None:
        self.done = False

    def after_train_iter(self, runner: Runner, *args: Any, **kwargs: Any) -> None:
        self.done = True


def train(cfg: Config) -> Runner:
    """Build the run of a config and train.

    Raises:
        UsageError: The run cannot be built, or its first iteration fails; names the part of the config that failed.
            What happens later is raised as it is.
    """
    with settings_explained(cfg) as first:
        runner = ShortLogRunner.from_cfg(cfg)
        runner.register_hook(first)
        runner.register_hook(PictureSizeHook())
        runner.train()
    return runner


@contextmanager
def settings_explained(cfg: Config) -> Iterator[Hook]:
    """Turn what a run raises before its first iteration is done into an error about the config.

    Yields:
        The hook to register with the runner; as long as it is not, every error counts as one of the start.

    Raises:
        UsageError: See :func:`explain`.
    """
    check_config(cfg)
    first = _FirstIterationHook()
    try:
        yield first
    except _OTHERS:
        raise
    except Exception as error:
        if first.done or not _is_settings_error(error):
            raise
        raise UsageError(explain(error, cfg)) from error


def _is_settings_error(error: Exception) -> bool:
    # An error that has a class of its own says what it is about: a checkpoint, a loss that is not finite.
    return type(error).__module__ in ('builtins', 'cv2', 'torch') or isinstance(error, (ValueError, KeyError, OSError))


def explain(error: Exception, cfg: Config) -> str:
    """What went wrong in one line, and in which part of the config."""
    root = _root(error)
    frames = [frame for one in (error, root) for frame, _ in traceback.walk_tb(one.__traceback__)]
    place, part = _place(frames, cfg)
    if frames[-1].f_code.co_filename.startswith(_PACKAGE) and not isinstance(root, (AttributeError, AssertionError)):
        text = message_of(root)
        return text if not place or place.split(' ')[0] in text else f'{place}: {text}'
    given = ', '.join(f'{key}={value!r}' for key, value in part.items()
                      if key not in ('type', '_scope_') and not isinstance(value, (dict, list, tuple)))
    return (f'{place or "the run"} cannot start with {given or "these settings"}: {type(root).__name__}: '
            f'{first_line(root)} (NIGHTGEN_TRACEBACK=1 shows where)')


def _root(error: BaseException) -> BaseException:
    """The exception that the registry raised again in its own words."""
    frames = [frame for frame, _ in traceback.walk_tb(error.__traceback__)]
    again = error.__context__ is not None and 'mmengine' in frames[-1].f_code.co_filename
    return _root(error.__context__) if again and type(error.__context__) is type(error) else error


def _place(frames: list[FrameType], cfg: Config) -> tuple[str, dict]:
    """The innermost part of the config that was at work: its path and type, and itself; empty where none is known."""
    found: dict[str, list[tuple[str, dict]]] = {}
    for key in sorted(known_names() & set(cfg)):
        for path, part, _ in parts(cfg[key], key, None):
            found.setdefault(str(part['type']).split('.')[-1], []).append((path, part))
    for frame in reversed(frames):
        variables, built = frame.f_locals, frame.f_code.co_name == 'build_from_cfg'
        kind = variables.get('obj_type') if built else type(variables.get('self'))
        name = kind if isinstance(kind, str) else getattr(kind, '__name__', '')
        if name in found:
            same = [one for one in found[name] if built and one[1] == variables.get('cfg')] or found[name]
            return f'{" or ".join(path for path, _ in same[:3])} ({name})', same[0][1] if len(same) == 1 else {}
    return '', {}
