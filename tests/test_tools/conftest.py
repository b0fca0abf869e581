"""What makes tools that run inside the test process quick."""

import pytest


@pytest.fixture(autouse=True)
def quick_runners(monkeypatch: pytest.MonkeyPatch):
    """Runners that neither ask the compilers for their versions nor format their config as a page of Python."""
    monkeypatch.setattr('mmengine.runner.runner.collect_env', dict)
    for user in ('mmengine.config.config', 'yapf.yapflib.yapf_api'):  # mmengine's fork imports it where it is called
        monkeypatch.setattr(f'{user}.FormatCode', lambda text, **kwargs: (text, False), raising=False)
