"""The table of a user study as text and as data."""

import json
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest

from nightgen.apis.user_study import CRITERIA, UserStudy
from nightgen.testing import write_pictures


@pytest.fixture
def tool(load_tool: Callable[[str], ModuleType]) -> ModuleType:
    return load_tool('tools/analysis_tools/user_study.py')


def test_the_table(tool: ModuleType, tmp_path: Path, capsys: pytest.CaptureFixture):
    for seed, method in enumerate(('a', 'b')):
        write_pictures(tmp_path / method, 1, (8, 8), seed)
    study = UserStudy({name: tmp_path / name for name in 'ab'}, tmp_path / 'scores')
    first = study.sheets('Ada')[0].methods[0]
    study.score('Ada', 0, [dict(zip(CRITERIA, (10, 20, 60), strict=True))])
    tool.main([str(tmp_path / 'scores')])
    row = next(line for line in capsys.readouterr().out.splitlines() if line.startswith(first))
    assert row.split() == [first, '10.000', '20.000', '60.000', '30.000']
    tool.main([str(tmp_path / 'scores'), '--json'])
    assert json.loads(capsys.readouterr().out)[first]['mean of three'] == 30
    with pytest.raises(FileNotFoundError, match='no scores'):
        tool.main([str(tmp_path / 'a')])
