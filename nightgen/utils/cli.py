"""What the command-line tools share: options of a run, and errors that a user can act on."""

import argparse
import sys
from collections.abc import Callable
from pathlib import Path

from mmengine.config import Config, DictAction

from .settings import settle


class UsageError(ValueError):
    """A command that cannot do what it was asked for; tools print the message and exit with status 2."""


def add_run_options(parser: argparse.ArgumentParser) -> None:
    """Options that every tool with a Runner has."""
    parser.add_argument('--work-dir', help='where logs and checkpoints go; default work_dirs/<name of the config>')
    parser.add_argument('--cfg-options', nargs='+', action=DictAction, default={}, metavar='KEY=VALUE',
                        help='settings that override the config: model.generator.num_levels=4')
    parser.add_argument('--launcher', choices=('none', 'pytorch', 'slurm', 'mpi'), default='none',
                        help='what started the processes; see tools/dist_train.sh and tools/slurm_train.sh')
    parser.add_argument('--trust-checkpoint', action='store_true',
                        help='let the given checkpoint run code while it is loaded; for files of known origin only')
    parser.add_argument('--local_rank', '--local-rank', type=int, default=0, help=argparse.SUPPRESS)


def load_config(path: str, options: dict | None = None) -> Config:
    """Read a config file and apply ``--cfg-options``; top-level settings reach all parts (:mod:`.settings`).

    Raises:
        UsageError: If there is no such file, or a setting can take no effect.
    """
    if '::' not in path and not Path(path).is_file():
        raise UsageError(f'config {path} does not exist')
    cfg = Config.fromfile(path)
    if options:
        cfg.merge_from_dict(options)
    try:
        settle(cfg)
    except ValueError as error:
        raise UsageError(f'config {path}: {error}') from error
    return cfg


def default_work_dir(cfg: Config, config_path: str, given: str | None) -> str:
    """The work folder: the option, else the config's, else one named like the config."""
    return given or cfg.get('work_dir') or str(Path('work_dirs') / Path(config_path.split('::')[-1]).stem)


def run_tool(main: Callable[[], int | None], *expected: type[Exception]) -> None:
    """Run a tool's ``main`` and exit: 2 with the message for a :class:`UsageError` or one of ``expected``.

    Other exceptions keep their traceback: they are mistakes of the program or of an extension, not of the command.
    """
    try:
        status = main()
    except (UsageError, *expected) as error:
        message = error.args[0] if isinstance(error, KeyError) and error.args else error
        print(f'error: {message}', file=sys.stderr)
        status = 2
    sys.exit(status or 0)
