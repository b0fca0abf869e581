"""What the command-line tools share: options of a run, and errors that a user can act on."""

import argparse
import os
import shlex
import sys
import traceback
from collections.abc import Callable
from pathlib import Path

from mmengine.config import Config, DictAction

from .config_check import check_names
from .errors import FULL_DISK, UsageError, first_line, message_of
from .settings import settle
from .shipped import config_path

TRACEBACK = 'NIGHTGEN_TRACEBACK'
"""With this environment variable set, an error in one line is followed by where it happened."""


class ConfigOptions(DictAction):
    """``--cfg-options``: mmengine's ``KEY=VALUE``, with a value that cannot be read told in a line."""

    def __call__(self, parser: argparse.ArgumentParser, namespace: argparse.Namespace, values: list[str],
                 option_string: str | None = None) -> None:
        try:
            super().__call__(parser, namespace, values, option_string)
        except (AssertionError, RecursionError, ValueError) as error:
            parser.error(f'{option_string} {" ".join(values)} cannot be read ({type(error).__name__}): it takes '
                         'KEY=VALUE with a number, a word, or lists of them such as a.b=[1,2]; what holds dictionaries '
                         'belongs into a config file')


def add_run_options(parser: argparse.ArgumentParser) -> None:
    """Options that every tool with a Runner has."""
    parser.add_argument('--work-dir', help='folder for logs and checkpoints; default: work_dirs/<name of the config>')
    parser.add_argument('--cfg-options', nargs='+', action=ConfigOptions, default={}, metavar='KEY=VALUE',
                        help='settings in place of those of the config: model.generator.num_levels=4')
    parser.add_argument('--launcher', choices=('none', 'pytorch', 'slurm', 'mpi'), default='none',
                        help='what started the processes; tools/dist_train.sh and tools/slurm_train.sh set it')
    parser.add_argument('--trust-checkpoint', action='store_true',
                        help='load a checkpoint that runs code; only for files from people you trust')
    parser.add_argument('--local_rank', '--local-rank', type=int, default=0, help=argparse.SUPPRESS)


CONFIG_HELP = "config file, nightgen::method/config.py, or a shipped model's name (`nightgen models` lists them)"
"""What the argument of a command that takes a config may be."""


def command_line() -> str:
    """The command that runs, as it could be given again."""
    program = ['python', sys.argv[0]] if sys.argv[0].endswith('.py') else sys.argv[0].split()
    return shlex.join([*program, *sys.argv[1:]])


def load_config(name: str, options: dict | None = None, any_names: bool = False) -> Config:
    """Read a config and apply ``--cfg-options``; top-level settings reach all parts (:mod:`.settings`).

    A config is code: reading it runs what it and its imports say.

    Args:
        name: What :func:`~.shipped.config_path` takes: a path, ``nightgen::...``, or a shipped model's name.
        options: Dotted keys and their new values.
        any_names: Let top-level names that nothing reads through, for those who only look at the config.

    Raises:
        UsageError: No such file, one that cannot be read, a top-level name that nothing reads, or a setting that can
            take no effect.
    """
    try:
        path = config_path(name)
    except FileNotFoundError as error:
        raise UsageError(str(error)) from error
    try:
        cfg = Config.fromfile(path)
    except Exception as error:  # whatever its code raises
        raise UsageError(f'config {path} cannot be read: {type(error).__name__}: {first_line(error)}') from error
    if not any_names:
        check_names(cfg, options)
    if options:
        try:
            cfg.merge_from_dict(options)
        except (AttributeError, IndexError, KeyError, TypeError, ValueError) as error:
            raise UsageError(f'--cfg-options {" ".join(map(str, options))} do not fit the config: '
                             f'{first_line(error)}') from error
    try:
        settle(cfg)
    except ValueError as error:
        raise UsageError(f'config {path}: {error}') from error
    return cfg


def default_work_dir(cfg: Config, name: str, given: str | None) -> str:
    """The work folder: the option, else the config's, else one named like the config."""
    return given or cfg.get('work_dir') or str(Path('work_dirs') / config_path(name).stem)


def run_tool(main: Callable[[], int | None], *expected: type[Exception]) -> None:
    """Run a tool's ``main`` and exit: 2 with one line for a :class:`UsageError`, a full disk or one of ``expected``.

    Other exceptions keep their traceback: they are mistakes of the program or of an extension, not of the command.
    """
    try:
        status = main()
    except (UsageError, OSError, *expected) as error:
        if not isinstance(error, (UsageError, *expected)) and error.errno not in FULL_DISK:
            raise
        if os.environ.get(TRACEBACK):
            traceback.print_exc()
        print(f'error: {message_of(error)}', file=sys.stderr)
        status = 2
    sys.exit(status or 0)
