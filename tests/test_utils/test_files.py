"""nightgen.utils.files: a file of the target's name is whole at every moment."""

import os
import stat
from pathlib import Path

import pytest

from nightgen.utils.files import whole_file, write_text


def test_the_target_changes_when_the_block_ends(tmp_path: Path):
    target = tmp_path / 'made' / 'on_demand' / 'a.txt'
    write_text(target, 'old\n')
    with whole_file(target) as partial:
        partial.write_text('new')
        assert partial.parent == target.parent and partial.name.startswith('.')
        assert target.read_text() == 'old\n'
    assert target.read_text() == 'new' and os.listdir(target.parent) == ['a.txt']


def test_an_error_leaves_what_was_there_and_nothing_else(tmp_path: Path):
    target = tmp_path / 'a.png'
    target.write_text('old')
    with pytest.raises(ZeroDivisionError), whole_file(target, keep_ending=True) as partial:
        partial.write_text('half')
        assert partial.suffix == '.png'
        raise ZeroDivisionError
    assert target.read_text() == 'old' and os.listdir(tmp_path) == ['a.png']


def test_nothing_written_is_an_error(tmp_path: Path):
    with pytest.raises(FileNotFoundError), whole_file(tmp_path / 'a.txt'):
        pass
    assert not os.listdir(tmp_path)


def test_data_are_on_the_disk_before_the_rename_and_the_rename_after(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    events, fsync, replace = [], os.fsync, os.replace
    monkeypatch.setattr(os, 'fsync', lambda file: (events.append('folder' if stat.S_ISDIR(os.fstat(file).st_mode)
                                                                 else 'file'), fsync(file))[1])
    monkeypatch.setattr(os, 'replace', lambda *names: (events.append('rename'), replace(*names))[1])
    write_text(tmp_path / 'a.txt', 'text')
    assert events == ['file', 'rename', 'folder']
