"""tools/misc/print_config.py: the merged config, and the file that set each key."""

from collections.abc import Callable
from pathlib import Path

import pytest


@pytest.fixture
def chain(tmp_path: Path) -> Path:
    """leaf.py <- middle.py <- root.py, beside other.py."""
    (tmp_path / 'root.py').write_text('a = dict(x=1, y=[1, 2], z=dict(deep=3))\n')
    (tmp_path / 'middle.py').write_text("_base_ = 'root.py'\na = dict(x=2)\nb = 5\n")
    (tmp_path / 'other.py').write_text('c = dict(k=1)\n')
    (tmp_path / 'leaf.py').write_text("_base_ = ['middle.py', 'other.py']\na = dict(y=[7], x=2)\nd = dict()\n")
    return tmp_path / 'leaf.py'


def test_each_key_has_the_file_that_set_it(load_tool: Callable, chain: Path):
    origin = load_tool('tools/misc/print_config.py').origins(chain)
    assert {key: path.name for key, path in origin.items()} == {
        'a.x': 'middle.py', 'a.y': 'leaf.py', 'a.z.deep': 'root.py', 'b': 'middle.py', 'c.k': 'other.py',
        'd': 'leaf.py'}


def test_command(load_tool: Callable, chain: Path, capsys: pytest.CaptureFixture):
    tool = load_tool('tools/misc/print_config.py')
    tool.main([str(chain), '--origin', '--cfg-options', 'a.x=9', 'new=1'])
    lines = capsys.readouterr().out
    assert 'a.x = 9  # --cfg-options' in lines and 'new = 1  # --cfg-options' in lines
    assert any(line.startswith('b = 5  # ') and line.endswith('middle.py') for line in lines.splitlines())
    tool.main([str(chain), '--cfg-options', 'c.k=4'])
    assert 'c=dict(k=4)' in ''.join(capsys.readouterr().out.split())  # however it is broken into lines


def test_a_shipped_config_by_name(load_tool: Callable, capsys: pytest.CaptureFixture):
    load_tool('tools/misc/print_config.py').main(['n2d_lpnet_bdd100k_l4', '--origin'])
    lines = capsys.readouterr().out.splitlines()
    assert any(line.startswith('model.generator.pyramid.num_levels = 4') and line.endswith('bdd100k_l4.py')
               for line in lines)


def test_an_unknown_config_is_one_line(run_tool: Callable):
    done = run_tool('tools/misc/print_config.py', 'nowhere.py', check=False)
    assert done.returncode == 2 and done.stderr.startswith('error: config nowhere.py does not exist')
