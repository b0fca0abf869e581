"""What is installed: configs, tools and the model index beside the code, found by mmengine from anywhere."""

import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

# Asks everything that a user of the installed package may ask; prints where the config was found.
USE = """
import site, sys
site.addsitedir(sys.argv[1])
import nightgen
from mmengine.config import Config
from mmengine.hub import get_config
from mmengine.infer import BaseInferencer
from nightgen.apis import config_path, list_models
assert nightgen.__file__.startswith(sys.argv[2]), nightgen.__file__
open('own.py', 'w').write("_base_ = 'nightgen::n2d_lpnet/bdd100k_l4.py'\\nown = 1\\n")
own = Config.fromfile('own.py')
hub = get_config('nightgen::n2d_lpnet/bdd100k_l4.py')
assert own.own == 1 and own.model.generator.pyramid.num_levels == hub.model.generator.pyramid.num_levels == 4
assert BaseInferencer.list_models('nightgen') == [entry.name for entry in list_models()]
import contextlib, io, runpy
kind = sys.argv[3]
from nightgen.cli import commands, main
printed = io.StringIO()
try:
    with contextlib.redirect_stdout(printed):
        main(['print_config', 'n2d_lpnet_bdd100k_l4'])
except SystemExit as ended:
    assert ended.code == 0
assert 'num_levels=4' in printed.getvalue(), printed.getvalue()
doctor = runpy.run_path(str(commands()['doctor']))
assert doctor['tested_versions']()['torch'] and doctor['CLONE'] == (kind == 'editable')
assert 'setup_env.sh' in doctor['BUILD_MMCV'] if doctor['CLONE'] else 'MMCV_WITH_OPS=1' in doctor['BUILD_MMCV']
print(config_path('nightgen::n2d_lpnet/bdd100k.py'))
"""


@pytest.fixture(scope='module')
def source(repo_root: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of what a release holds: building leaves folders behind."""
    copy = tmp_path_factory.mktemp('source')
    ignore = shutil.ignore_patterns('__pycache__', '.mim', '*.egg-info')
    for name in ('nightgen', 'configs', 'tools', 'requirements'):
        shutil.copytree(repo_root / name, copy / name, ignore=ignore)
    for name in ('setup.py', 'pyproject.toml', 'MANIFEST.in', 'LICENSE', 'README.md', 'model-index.yml',
                 'dataset-index.yml'):
        shutil.copy2(repo_root / name, copy / name)
    return copy


def pip(*arguments: object) -> None:
    done = subprocess.run([sys.executable, '-m', 'pip', '--disable-pip-version-check', *map(str, arguments)],
                          capture_output=True, text=True)
    assert done.returncode == 0, f'{done.stdout}\n{done.stderr}'


@pytest.fixture
def use(tool_env: dict[str, str], tmp_path: Path) -> Callable[[Path, Path, str], str]:
    """``use(packages, place, kind)``: runs USE with the packages of one folder, far from any source tree."""
    env = {key: value for key, value in tool_env.items() if key != 'PYTHONPATH'}

    def run(packages: Path, place: Path, kind: str) -> str:
        done = subprocess.run([sys.executable, '-W', 'ignore', '-c', FIRST + USE, str(packages), str(place), kind],
                              capture_output=True, text=True, cwd=tmp_path, env=env)
        assert done.returncode == 0, done.stderr
        return done.stdout.splitlines()[-1]

    return run


# Where nightgen is installed for real as well, the one under test has to win.
FIRST = """
import sys
sys.path.insert(0, sys.argv[1])
sys.meta_path[:] = [finder for finder in sys.meta_path if 'editable' not in repr(finder)]
for name in [name for name in sys.modules if name.startswith('__editable__')]:
    del sys.modules[name]
"""


def test_a_wheel_carries_copies(source: Path, tmp_path: Path, use: Callable):
    pip('wheel', '--no-deps', '--no-build-isolation', '-w', tmp_path / 'wheel', source)
    wheel, = (tmp_path / 'wheel').glob('nightgen-*.whl')
    packages = tmp_path / 'packages'
    pip('install', '--no-deps', '--no-compile', '--target', packages, wheel)
    mim = packages / 'nightgen' / '.mim'
    assert use(packages, packages, 'wheel') == str(mim / 'configs/n2d_lpnet/bdd100k.py')
    for name in ('configs', 'tools', 'requirements'):
        shipped = {path.relative_to(mim) for path in (mim / name).rglob('*') if path.is_file()}
        assert shipped == {path.relative_to(source) for path in (source / name).rglob('*') if path.is_file()}
    assert (packages / 'bin' / 'nightgen').is_file()  # the command
    assert (packages / 'nightgen' / 'py.typed').is_file() and not (packages / 'tests').exists()


def test_an_editable_install_links(source: Path, tmp_path: Path, use: Callable):
    pip('install', '--no-deps', '--no-build-isolation', '--ignore-installed', '--prefix', tmp_path / 'prefix',
        '-e', source)
    packages, = (tmp_path / 'prefix').glob('lib*/python*/site-packages')
    assert use(packages, source, 'editable') == str(source / 'nightgen/.mim/configs/n2d_lpnet/bdd100k.py')
    assert (source / 'nightgen/.mim/configs').resolve() == source / 'configs'
