"""Imports inside nightgen run one way (DESIGN section 2): what a module may import, by the room that it is in."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

PACKAGE = Path(__file__).resolve().parents[1] / 'nightgen'
GROUND = ('utils', 'structures', 'compat', 'checkpoint', 'registry')
NUMERICS = (*GROUND, 'functional')
LAYERS = (*NUMERICS, 'models.layers', 'evaluation.functional')
LOSSES = (*LAYERS, 'models.losses')
PARTS = ('models.backbones', 'models.heads', 'models.discriminators', 'models.task_modules', 'models.experts',
         'models.pseudo_labels', 'models.data_preprocessor')
BESIDE = ('datasets', 'engine', 'evaluation', 'visualization')
ANYTHING = (*LOSSES, *PARTS, 'models.translators', 'models', *BESIDE, 'testing', 'apis')
# A room and what its modules may import, beside modules of the room itself. The longest name that fits holds.
MAY_IMPORT = {
    **dict.fromkeys(GROUND, GROUND),
    'functional': GROUND,
    'models.layers': NUMERICS,
    'evaluation.functional': NUMERICS,
    'models.losses': (*LAYERS, 'models.layers'),
    **dict.fromkeys(PARTS, (*LOSSES, *PARTS)),
    'models.translators': (*LOSSES, *PARTS),
    'models': (*LOSSES, *PARTS, 'models.translators'),
    'datasets': NUMERICS,
    'engine': (*LAYERS, 'models.experts', *BESIDE),
    'evaluation': (*LAYERS, 'models.experts', *BESIDE),
    'visualization': (*LAYERS, 'models.experts', *BESIDE),
    'testing': ANYTHING,
    'apis': ANYTHING,
    'cli': ANYTHING,
}
MODULES = sorted(path for path in PACKAGE.rglob('*.py') if '.mim' not in path.parts and path != PACKAGE / '__init__.py')


def module_name(path: Path) -> str:
    parts = path.relative_to(PACKAGE).with_suffix('').parts
    return '.'.join(parts[:-1] if parts[-1] == '__init__' else parts)


def inside(name: str, room: str) -> bool:
    return name == room or name.startswith(f'{room}.')


def room_of(name: str) -> str:
    """The longest room that holds a module."""
    return max((room for room in MAY_IMPORT if inside(name, room)), key=len)


def imported(path: Path) -> Iterator[str]:
    """Every module of nightgen that a file imports, also inside functions, without the package's name."""
    own = module_name(path).split('.')
    package = own if path.name == '__init__.py' else own[:-1]
    for node in ast.walk(ast.parse(path.read_text(encoding='utf-8'))):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            base = ['nightgen', *package[:len(package) - node.level + 1]] if node.level else []
            stem = '.'.join([*base, *([node.module] if node.module else [])])
            # `from nightgen.models import experts` names a module, `from nightgen.models.experts import load` does not
            names = [f'{stem}.{alias.name}' if is_module(f'{stem}.{alias.name}') else stem for alias in node.names]
        else:
            continue
        yield from (name.removeprefix('nightgen.') for name in names if name.startswith('nightgen.'))


def is_module(name: str) -> bool:
    path = PACKAGE.joinpath(*name.split('.')[1:])
    return name.startswith('nightgen.') and (path.is_dir() or path.with_suffix('.py').is_file())


def test_every_module_has_a_room():
    assert len(MODULES) > 150
    for path in MODULES:
        assert any(inside(module_name(path), room) for room in MAY_IMPORT), f'{path} is in no room of MAY_IMPORT'


@pytest.mark.parametrize('path', MODULES, ids=module_name)
def test_imports_run_one_way(path: Path):
    room = room_of(module_name(path))
    wrong = [name for name in imported(path) if room_of(name) not in (room, *MAY_IMPORT[room])]
    assert not wrong, f'{module_name(path)} (in {room}) must not import {wrong}'


def test_no_two_modules_import_each_other():
    """Also through others: a depth-first search finds no way back. A package's __init__ gathers, and is left out."""
    files = {module_name(path): path for path in MODULES if path.name != '__init__.py'}
    graph = {name: [other for other in imported(path) if other in files] for name, path in files.items()}
    done: set[str] = set()

    def visit(name: str, trail: list[str]) -> None:
        assert name not in trail, f'import circle: {" -> ".join([*trail[trail.index(name):], name])}'
        if name not in done:
            for other in graph.get(name, ()):
                visit(other, [*trail, name])
            done.add(name)

    for name in graph:
        visit(name, [])


def test_argparse_stands_in_tools_only():
    """``utils/cli.py`` holds the options that the tools with a Runner share."""
    users = [module_name(path) for path in MODULES if 'argparse' in path.read_text(encoding='utf-8')]
    assert users == ['utils.cli']
