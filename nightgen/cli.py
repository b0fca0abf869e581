"""The command ``nightgen``: ``nightgen train CONFIG`` runs what ``python tools/train.py CONFIG`` runs.

Every script of ``tools/`` that can be run is a command, under its file's name. The scripts are installed with the
package, so no checkout is needed. Nothing heavy is imported before a script runs.
"""

import ast
import re
import sys
from collections.abc import Sequence
from difflib import get_close_matches
from pathlib import Path
from types import ModuleType

from nightgen import __version__
from nightgen.utils.shipped import shipped_root

SHORT = dict(evaluate='evaluate_folder')
"""Names of commands whose script is called otherwise."""
FIRST = ('train', 'test', 'translate', 'evaluate', 'models', 'doctor')
"""The commands that most users need, in the order of the help."""
NO_COMMANDS = ('setup_state',)
"""Scripts for other scripts."""


def commands() -> dict[str, Path]:
    """The script of every command, by the command's name; the first in the order of :data:`FIRST`."""
    scripts = {path.stem: path for path in sorted((shipped_root() / 'tools').resolve().rglob('*.py'))
               if path.stem not in NO_COMMANDS and "if __name__ == '__main__':" in path.read_text(encoding='utf-8')}
    scripts.update({short: scripts.pop(name) for short, name in SHORT.items()})
    return {name: scripts[name] for name in (*FIRST, *sorted(set(scripts) - set(FIRST)))}


def usage() -> str:
    """The help: every command with the first words of its script."""
    lines = ['usage: nightgen COMMAND [arguments]', '       nightgen COMMAND --help', '       nightgen --version', '']
    for name, script in commands().items():
        about = ast.get_docstring(ast.parse(script.read_text(encoding='utf-8'))) or ''
        lines.append(f'  {name:22} {re.split("[:;.,] |[:;.,]?$", about, maxsplit=1, flags=re.M)[0]}')
    return '\n'.join([*lines, '', 'A config is a path, nightgen::method/config.py, or the name of a shipped model '
                                  '(`nightgen models` lists them).'])


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command in this process, as Python runs its script.

    Args:
        arguments: The command's name and its arguments; by default those that the process was given.

    Returns:
        0 after the help and the version, 2 for a command that there is not. A script exits by itself.
    """
    name, *rest = list(sys.argv[1:] if arguments is None else arguments) or ['--help']
    if name in ('-h', '--help', 'help'):
        print(usage())
        return 0
    if name == '--version':
        print(f'nightgen {__version__}')
        return 0
    scripts = commands()
    script = scripts.get(name.replace('-', '_'))
    if script is None:
        near = get_close_matches(name, scripts, n=1)
        print(f'error: there is no command {name}' + (f'; did you mean {near[0]}?' if near else '') +
              ' `nightgen --help` lists the commands', file=sys.stderr)
        return 2
    sys.argv = [f'nightgen {name}', *rest]
    sys.path.insert(0, str(script.parent))  # where a script finds the modules beside it
    program = ModuleType('__main__')  # by its file, processes that it starts find what is in it
    program.__file__ = str(script)
    sys.modules['__main__'] = program
    exec(compile(script.read_bytes(), script, 'exec'), vars(program))
    return 0


if __name__ == '__main__':
    sys.exit(main())
