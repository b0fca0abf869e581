"""The commands of README, CONTRIBUTING, docs and configs/*/README.md, for the tests that check and run them."""

import re
import subprocess
from pathlib import Path

from nightgen.cli import commands as console_commands

ROOT = Path(__file__).resolve().parents[1]
PAGES = [ROOT / 'README.md', ROOT / 'CONTRIBUTING.md', *sorted((ROOT / 'docs').glob('*.md')),
         *sorted((ROOT / 'configs').glob('*/README.md'))]
BLOCK = re.compile(r'^```(\w+)\n(.*?)^```', re.M | re.S)
INDENTED = re.compile(r'(?:^    (?:python|tools/|bash|[A-Z]=).*\n(?:^    .*\n)*)+', re.M)
WORDS = 'python|bash|pip|nightgen|torchrun|git|docker|mkvmerge|pre-commit'
# Where a command begins: at a line's start or behind ; && do then, after variables.
PROGRAMS = re.compile(r'^((?:.*(?:;|&&|\bdo\b|\bthen\b))?[ \t]*(?:[A-Z_]+=\S*[ \t]+)*)'
                      rf'(?=(?:\S*/)?(?:{WORDS}) |tools/\S+\.sh|\.ci/)', re.M)
# In a sentence, a whole command; one that leaves something out is none.
INLINE = re.compile(rf'`((?:(?!python|nightgen)(?:{WORDS}) |python (?:tools/|-m )|nightgen [a-z]+ [^`]|tools/\S+\.sh |'
                    r'\.ci/\S+ )[^`|]*)`')
RECORD = 'record() { printf "%s\\0" "$@"; printf "\\n"; }\nset -eu\n'


def page_name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def commands(page: Path, cwd: Path) -> list[list[str]]:
    """The commands of a page with the arguments that bash would give them: loops run, variables are filled in."""
    text = page.read_text(encoding='utf-8')
    blocks = [block for language, block in BLOCK.findall(text) if language in ('bash', 'sh')]
    blocks += [re.sub(r'(?m)^    ', '', block) for block in INDENTED.findall(BLOCK.sub('', text))]
    blocks += [one for one in INLINE.findall(BLOCK.sub('', text)) if '...' not in one]
    found = []
    for block in blocks:
        script, changed = block, 1
        while changed:  # one command of each line at a time, the last first
            script, changed = PROGRAMS.subn(r'\1record ', script)
        done = subprocess.run(['/bin/bash', '-c', RECORD + script], cwd=cwd, env=dict(PATH=''), capture_output=True,
                              text=True)  # with nothing on PATH a program that PROGRAMS lacks fails, and does not run
        assert done.returncode == 0, f'{page_name(page)}: {done.stderr}\n{block}'
        found += [line.split('\0')[:-1] for line in done.stdout.splitlines()]
    return found


def written_files(page: Path) -> set[str]:
    """The files that a page tells its reader to write: blocks that begin with ``# file: NAME``."""
    return {name for _, block in BLOCK.findall(page.read_text(encoding='utf-8'))
            for name in re.findall(r'^# file: (\S+)', block)}


def as_script(command: list[str]) -> list[str]:
    """``nightgen train ...``, alone or behind ``torchrun``, as the script that it runs."""
    place = next((index for index, word in enumerate(command) if word.split('/')[-1] == 'nightgen'), None)
    if place is None or command[0] == 'git':
        return command
    return ['python', console_commands()[command[place + 1]].relative_to(ROOT).as_posix(), *command[place + 2:]]
