"""What the command-line tools share."""

import argparse
import errno
from pathlib import Path

import pytest
from mmengine.config import Config

from nightgen.utils.cli import UsageError, add_run_options, command_line, default_work_dir, load_config, run_tool


def test_options_are_parsed():
    parser = argparse.ArgumentParser()
    add_run_options(parser)
    line = '--cfg-options a.b=3 c=[1,2] d=text --local-rank 1 --launcher slurm'
    args = parser.parse_args(line.split())
    assert args.cfg_options == {'a.b': 3, 'c': [1, 2], 'd': 'text'} and args.launcher == 'slurm'
    assert parser.parse_args([]).cfg_options == {}


def test_a_config_is_read_and_changed(tmp_path: Path):
    (tmp_path / 'some.py').write_text("a = dict(b=1)\nvisualizer = a\nwork_dir = None\n")
    cfg = load_config(str(tmp_path / 'some.py'), {'a.b': 2})
    assert cfg.a.b == 2
    assert default_work_dir(cfg, str(tmp_path / 'some.py'), None) == 'work_dirs/some'
    assert default_work_dir(Config(dict(work_dir='w')), 'some.py', None) == 'w'
    assert default_work_dir(Config(dict(work_dir='w')), 'some.py', 'given') == 'given'
    assert default_work_dir(Config(), 'nightgen::n2d_lpnet/nightscape.py', None) == 'work_dirs/nightscape'
    assert default_work_dir(Config(), 'n2d_lpnet_nightscape', None) == 'work_dirs/nightscape'
    by_name, by_path = (load_config(name) for name in ('n2d_lpnet_bdd100k_l4', 'nightgen::n2d_lpnet/bdd100k_l4.py'))
    assert by_name.model == by_path.model and by_name.model.generator.pyramid.num_levels == 4
    with pytest.raises(UsageError, match='none.py does not exist'):
        load_config(str(tmp_path / 'none.py'))


@pytest.mark.parametrize('text,options,message', [
    ('model = dict(\n', {}, 'cannot be read: SyntaxError: .*never closed.*line 1'),
    ("_base_ = 'gone.py'", {}, 'cannot be read: .*gone.py'),
    ('train_cfg = dict(max_iters=own)', {}, "cannot be read: NameError: name 'own' is not defined"),
    ("custom_imports = dict(imports='no_such_package')", {}, 'cannot be read: ImportError: .*no_such_package'),
    ('custom_hooks = [dict(a=1)]', {'custom_hooks.3.a': 2}, '--cfg-options custom_hooks.3.a do not fit the config'),
    ('train_cfg = dict(max_iters=3)', {'max_iters': 2}, 'did you mean train_cfg.max_iters'),
])
def test_a_config_that_cannot_be_read(tmp_path: Path, text: str, options: dict, message: str):
    (tmp_path / 'some.py').write_text(text)
    with pytest.raises(UsageError, match=message) as caught:
        load_config(str(tmp_path / 'some.py'), options)
    assert '\n' not in str(caught.value)


def test_the_traceback_is_shown_when_asked_for(capsys: pytest.CaptureFixture, monkeypatch: pytest.MonkeyPatch):
    def main() -> None:
        try:
            {}['gone']
        except KeyError as error:
            raise UsageError('a wrong flag') from error

    for value, shown in (('', False), ('1', True)):
        monkeypatch.setenv('NIGHTGEN_TRACEBACK', value)
        with pytest.raises(SystemExit):
            run_tool(main)
        printed = capsys.readouterr().err
        assert ("KeyError: 'gone'" in printed) is shown and printed.endswith('error: a wrong flag\n')


def test_exit_status(capsys: pytest.CaptureFixture):
    def fail(error: Exception):
        def main() -> None:
            raise error
        return main

    for main, expected, status, message in (
            (lambda: None, (), 0, ''), (lambda: 3, (), 3, ''),
            (fail(UsageError('a wrong flag')), (), 2, 'a wrong flag'),
            (fail(OSError(errno.ENOSPC, 'no space left')), (), 2, 'no space left'),
            (fail(KeyError('a name')), (KeyError,), 2, 'error: a name\n')):
        with pytest.raises(SystemExit) as caught:
            run_tool(main, *expected)
        assert caught.value.code == status and message in capsys.readouterr().err
    for error in (ZeroDivisionError(), OSError(errno.EIO, 'broken')):
        with pytest.raises(type(error)):
            run_tool(fail(error))


@pytest.mark.parametrize('value', ['a=(1,2)b', 'novalue'])
def test_an_option_that_cannot_be_read_is_told_in_a_line(value, capsys):
    parser = argparse.ArgumentParser(prog='tool')
    add_run_options(parser)
    with pytest.raises(SystemExit) as ended:
        parser.parse_args(['--cfg-options', value])
    assert ended.value.code == 2 and f'--cfg-options {value} cannot be read' in capsys.readouterr().err
    assert parser.parse_args(['--cfg-options', 'a.b=[1,2]', 'c=x']).cfg_options == {'a.b': [1, 2], 'c': 'x'}


def test_the_command_can_be_given_again(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr('sys.argv', ['tools/train.py', 'my config.py', '--resume'])
    assert command_line() == "python tools/train.py 'my config.py' --resume"
    monkeypatch.setattr('sys.argv', ['nightgen train', 'a.py'])
    assert command_line() == 'nightgen train a.py'
