"""The start of a run: what goes wrong before its first iteration is done is a matter of its settings."""

from __future__ import annotations

import re
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
        runner = Runner.from_cfg(cfg)
        runner.register_hook(first)
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
    text = re.sub(r'^(class `\w+` in [\w/.]+\.py: )+', '', message_of(error))
    frames = [frame for frame, _ in traceback.walk_tb(error.__traceback__)]
    place = _place(frames, cfg)
    if _is_nightgens(frames) and not isinstance(error, AttributeError | AssertionError):
        named = place.split(' ')[0]
        return text if not place or named in text else f'{place}: {text}'
    raised = f'{type(error).__name__}: {first_line(error)}'
    return (f'{place or "the run"} cannot start with these settings: {raised} (NIGHTGEN_TRACEBACK=1 shows where)')


def _is_nightgens(frames: list[FrameType]) -> bool:
    """Whether nightgen itself raised it, seen past the registry that builds its parts."""
    own = [frame for frame in frames if 'mmengine' not in frame.f_code.co_filename]
    return bool(own) and own[-1].f_code.co_filename.startswith(_PACKAGE)


def _place(frames: list[FrameType], cfg: Config) -> str:
    """The innermost part of the config that was at work: its path and type; empty where none is known."""
    found: dict[str, list[tuple[str, dict]]] = {}
    for key in sorted(known_names() & set(cfg)):
        for path, part, _ in parts(cfg[key], key, None):
            found.setdefault(str(part['type']).split('.')[-1], []).append((path, part))
    for frame in reversed(frames):
        variables, built = frame.f_locals, frame.f_code.co_name == 'build_from_cfg'
        kind = variables.get('obj_type') if built else type(variables.get('self'))
        name = kind if isinstance(kind, str) else getattr(kind, '__name__', '')
        if name in found:
            same = [path for path, part in found[name] if built and part == variables.get('cfg')]
            return f'{" or ".join((same or [path for path, _ in found[name]])[:3])} ({name})'
    return ''
