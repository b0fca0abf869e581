"""A training run in miniature, for the tests of the engine."""

from collections.abc import Callable
from pathlib import Path

import pytest
from mmengine.runner import Runner
from mmengine.runner.checkpoint import CheckpointLoader

from nightgen.testing import small_run, write_domains


@pytest.fixture(scope='session')
def data_root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folders night, day and truth of nine pictures each."""
    return write_domains(tmp_path_factory.mktemp('domains'))


@pytest.fixture
def train(data_root: Path, tmp_path: Path) -> Callable[..., Runner]:
    """``train('name', **settings of small_run)`` trains in ``tmp_path / name`` and gives the runner."""
    def run(name: str, **settings) -> Runner:
        runner = Runner.from_cfg(small_run(data_root, tmp_path / name, **settings))
        runner.train()
        return runner
    return run


@pytest.fixture(autouse=True)
def quick_runners(monkeypatch: pytest.MonkeyPatch):
    """Runners that neither ask the compilers for their versions nor format their config as a page of Python."""
    monkeypatch.setattr('mmengine.runner.runner.collect_env', dict)
    for user in ('mmengine.config.config', 'yapf.yapflib.yapf_api'):  # mmengine's fork imports it where it is called
        monkeypatch.setattr(f'{user}.FormatCode', lambda text, **kwargs: (text, False), raising=False)


@pytest.fixture(autouse=True)
def checkpoint_loaders():
    """mmengine's table of checkpoint loaders as it was."""
    schemes = dict(CheckpointLoader._schemes)
    yield
    CheckpointLoader._schemes = schemes
