"""tools/misc/models.py: what is shipped is named with its weights, their size, terms and scores."""

import json
from types import ModuleType

import pytest

from nightgen.utils.cli import UsageError
from nightgen.utils.shipped import find_model


@pytest.fixture
def tool(load_tool) -> ModuleType:
    return load_tool('tools/misc/models.py')


def test_weights_with_size_terms_and_scores(tool: ModuleType, capsys: pytest.CaptureFixture):
    tool.main(['n2d_lpnet_(night2day|bdd100k_l4)$'])
    without, shipped = capsys.readouterr().out.splitlines()
    assert without.split(maxsplit=2) == ['n2d_lpnet_bdd100k_l4', 'nightgen::n2d_lpnet/bdd100k_l4.py',
                                         'no weights published']
    entry = find_model('n2d_lpnet_night2day')
    assert f'{entry.size / 2**20:.1f} MiB' in shipped and entry.terms in shipped
    assert all(f'{name} {value:g}' in shipped for name, value in entry.scores.items())


def test_json_and_unknown_names(tool: ModuleType, capsys: pytest.CaptureFixture):
    tool.main(['n2d_lpnet_night2day$', '--json'])
    entry, = json.loads(capsys.readouterr().out)
    assert entry['size'] > 10**6 and 'not for profit' in entry['terms'] and entry['weights'].endswith('night2day.pth')
    with pytest.raises(UsageError, match='no shipped model has a name like nowhere'):
        tool.main(['nowhere'])
