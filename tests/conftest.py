"""What every test shares: a thread limit, the repository's paths, and mmengine's global state made clean again."""

import gc
import importlib.util
import logging
import os
import random
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType

# Before numpy and torch read them: several test runs share a machine with two cores.
for _variable in ('OMP_NUM_THREADS', 'MKL_NUM_THREADS', 'OPENBLAS_NUM_THREADS'):
    os.environ.setdefault(_variable, '1')
os.environ.setdefault('MPLBACKEND', 'Agg')

import cv2  # noqa: E402
import numpy as np  # noqa: E402
import pytest  # noqa: E402
import torch  # noqa: E402

ROOT = Path(__file__).resolve().parents[1]
# What a launcher sets for its processes; a test that sets one of them must not make the next test distributed.
LAUNCH_VARIABLES = ('RANK', 'LOCAL_RANK', 'WORLD_SIZE', 'MASTER_ADDR', 'MASTER_PORT')

torch.set_num_threads(int(os.environ['OMP_NUM_THREADS']))
cv2.setNumThreads(0)


def _instances(manager: type) -> Iterator[dict]:
    """Yields the table of named instances of a manager class and of everything derived from it."""
    yield manager._instance_dict
    for derived in manager.__subclasses__():
        yield from _instances(derived)


def clear_global_state() -> None:
    """Forgets every default scope, logger, message hub and visualizer that mmengine keeps for the process."""
    if 'mmengine' not in sys.modules:
        return
    from mmengine.logging import MessageHub, MMLogger
    from mmengine.registry import DefaultScope
    from mmengine.visualization import Visualizer
    for table in _instances(MMLogger):
        for logger in table.values():
            for handler in logger.handlers:
                if isinstance(handler, logging.FileHandler):
                    handler.close()
    for manager in (DefaultScope, MMLogger, MessageHub, Visualizer):
        for table in _instances(manager):
            table.clear()


_frozen_modules = 0


def freeze_imports() -> None:
    """Take what is there out of the garbage collector's sight, if packages were imported since the last time.

    mmengine collects garbage whenever a dataset is built, and the imported packages alone cost it 0.2 s each time.
    """
    global _frozen_modules
    if len(sys.modules) > _frozen_modules + 100:
        gc.collect()
        gc.freeze()
        _frozen_modules = len(sys.modules)


@pytest.fixture(autouse=True)
def clean_state(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Seeds the random generators before each test and clears what mmengine keeps globally after it."""
    freeze_imports()
    for variable in LAUNCH_VARIABLES:
        monkeypatch.delenv(variable, raising=False)
    random.seed(0)
    np.random.seed(0)
    torch.manual_seed(0)
    threads, deterministic = torch.get_num_threads(), torch.are_deterministic_algorithms_enabled()
    dtype, grad = torch.get_default_dtype(), torch.is_grad_enabled()
    directory, path = Path.cwd(), list(sys.path)
    yield
    clear_global_state()
    torch.set_num_threads(threads)
    torch.use_deterministic_algorithms(deterministic)
    torch.set_default_dtype(dtype)
    torch.set_grad_enabled(grad)
    cv2.setNumThreads(0)
    os.chdir(directory)
    sys.path[:] = path


@pytest.fixture
def fresh_state() -> Callable[[], None]:
    """For a test that runs several commands in one process: makes mmengine's state that of a new one."""
    return clear_global_state


@pytest.fixture
def quick_runners(monkeypatch: pytest.MonkeyPatch) -> None:
    """Runners that neither ask the compilers for their versions nor format their config as a page of Python."""
    monkeypatch.setattr('mmengine.runner.runner.collect_env', dict)
    for user in ('mmengine.config.config', 'yapf.yapflib.yapf_api'):  # mmengine's fork imports it where it is called
        monkeypatch.setattr(f'{user}.FormatCode', lambda text, **kwargs: (text, False), raising=False)


@pytest.fixture(scope='session')
def repo_root() -> Path:
    """The repository's root folder."""
    return ROOT


@pytest.fixture(scope='session')
def configs_dir() -> Path:
    """The folder of the shipped configs."""
    return ROOT / 'configs'


@pytest.fixture(scope='session')
def tool_env() -> dict[str, str]:
    """The environment for a process that a test starts: this repository first on the path, one thread."""
    path = os.pathsep.join(filter(None, [str(ROOT), os.environ.get('PYTHONPATH', '')]))
    env = {key: value for key, value in os.environ.items() if key not in LAUNCH_VARIABLES}
    return {**env, 'PYTHONPATH': path}


@pytest.fixture(scope='session')
def run_tool(tool_env: dict[str, str]) -> Callable[..., subprocess.CompletedProcess]:
    """``run_tool('tools/x.py', *args, check=True, cwd=root, env={}, timeout=120)``: runs a script of the repository.

    Gives the finished process with its ``stdout`` and ``stderr`` as text; with ``check`` a non-zero exit fails the test
    and shows what the script printed.
    """
    def run(script: str, *args: object, check: bool = True, cwd: object = None, env: dict | None = None,
            timeout: float = 120) -> subprocess.CompletedProcess:
        command = [sys.executable, str(ROOT / script), *map(str, args)]
        done = subprocess.run(command, cwd=cwd or ROOT, env={**tool_env, **(env or {})}, timeout=timeout,
                              capture_output=True, text=True)
        if check and done.returncode:
            pytest.fail(f'{script} exited with {done.returncode}\n{done.stdout}\n{done.stderr}')
        return done

    return run


@pytest.fixture(scope='session')
def load_tool() -> Callable[[str], ModuleType]:
    """``load_tool('tools/x.py')``: a script of the repository as a module, for tests of its functions."""
    def load(script: str) -> ModuleType:
        name = '_tool_' + Path(script).with_suffix('').as_posix().replace('/', '_')
        sys.path.insert(0, str((ROOT / script).parent))  # where a script finds the modules beside it
        spec = importlib.util.spec_from_file_location(name, ROOT / script)
        module = importlib.util.module_from_spec(spec)
        sys.modules[name] = module
        spec.loader.exec_module(module)
        return module

    return load


TINY_CONFIG = '''
default_scope = 'nightgen'
model = dict(
    type='OneSidedTranslator',
    domains=('night', 'day'),
    generator=dict(type='N2DLPNet', num_levels=2, base=8, stem=4, n_low=1, n_guide=1),
    data_preprocessor=dict(type='TranslationDataPreprocessor'))
'''


@pytest.fixture
def tiny_config(tmp_path: Path) -> Path:
    """A config of a tiny N2D-LPNet, night to day, for inference."""
    path = tmp_path / 'tiny.py'
    path.write_text(TINY_CONFIG)
    return path


@pytest.fixture
def tiny_checkpoint(tiny_config: Path, tmp_path: Path) -> Path:
    """Weights of ``tiny_config`` that are not those of the initialisation."""
    from nightgen.apis import init_model
    model = init_model(tiny_config)
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.add_(torch.randn_like(parameter) * 0.05)
    path = tmp_path / 'tiny.pth'
    torch.save(dict(state_dict=model.state_dict(), meta={}), path)
    return path
