"""What the command-line tools share."""

import argparse
from pathlib import Path

import pytest
from mmengine.config import Config

from nightgen.utils.cli import UsageError, add_run_options, default_work_dir, load_config, run_tool


def test_options_are_parsed():
    parser = argparse.ArgumentParser()
    add_run_options(parser)
    line = '--cfg-options a.b=3 c=[1,2] d=text --local-rank 1 --launcher slurm'
    args = parser.parse_args(line.split())
    assert args.cfg_options == {'a.b': 3, 'c': [1, 2], 'd': 'text'} and args.launcher == 'slurm'
    assert parser.parse_args([]).cfg_options == {}


def test_a_config_is_read_and_changed(tmp_path: Path):
    (tmp_path / 'some.py').write_text("a = dict(b=1)\nwork_dir = None\n")
    cfg = load_config(str(tmp_path / 'some.py'), {'a.b': 2})
    assert cfg.a.b == 2
    assert default_work_dir(cfg, str(tmp_path / 'some.py'), None) == 'work_dirs/some'
    assert default_work_dir(Config(dict(work_dir='w')), 'some.py', None) == 'w'
    assert default_work_dir(Config(dict(work_dir='w')), 'some.py', 'given') == 'given'
    assert default_work_dir(Config(), 'nightgen::n2d_lpnet/nightscape.py', None) == 'work_dirs/nightscape'
    with pytest.raises(UsageError, match='none.py does not exist'):
        load_config(str(tmp_path / 'none.py'))


def test_exit_status(capsys: pytest.CaptureFixture):
    def fail(error: Exception):
        def main() -> None:
            raise error
        return main

    for main, expected, status, message in (
            (lambda: None, (), 0, ''), (lambda: 3, (), 3, ''),
            (fail(UsageError('a wrong flag')), (), 2, 'a wrong flag'),
            (fail(KeyError('a name')), (KeyError,), 2, 'error: a name\n')):
        with pytest.raises(SystemExit) as caught:
            run_tool(main, *expected)
        assert caught.value.code == status and message in capsys.readouterr().err
    with pytest.raises(ZeroDivisionError):
        run_tool(fail(ZeroDivisionError()))
