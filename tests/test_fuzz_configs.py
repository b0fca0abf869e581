"""A few broken configs, broken as tests/fuzz_configs.py breaks hundreds: every message names the mistake."""

import random
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest


@pytest.fixture
def fuzz_configs(load_tool: Callable[[str], ModuleType]) -> ModuleType:
    return load_tool('tests/fuzz_configs.py')


@pytest.mark.filterwarnings('ignore')
def test_no_broken_config_ends_in_an_obscure_message(fuzz_configs: ModuleType, tmp_path: Path,
                                                     monkeypatch: pytest.MonkeyPatch):
    from conftest import clear_global_state
    monkeypatch.setattr('mmengine.runner.runner.collect_env', dict)
    found = list(fuzz_configs.fuzz(24, 7, tmp_path, clear_global_state))
    assert [f'{outcome}: {mutant}: {message}' for mutant, outcome, message in found
            if outcome not in ('clear', 'trained')] == []
    assert {outcome for _, outcome, _ in found} == {'clear', 'trained'}  # the unbroken config trains


def test_every_kind_breaks_what_it_says(fuzz_configs: ModuleType):
    config = dict(model=dict(type='A', base=4, losses=[dict(type='B', kind='l1')]))
    for kind in fuzz_configs.KINDS:
        mutant = fuzz_configs.mutate(config, kind, random.Random(1))
        assert mutant.config != config and mutant.kind == kind and str(mutant.path[-1]) == mutant.names[0]
    assert config == dict(model=dict(type='A', base=4, losses=[dict(type='B', kind='l1')]))
