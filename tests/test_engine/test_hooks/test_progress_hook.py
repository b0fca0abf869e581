"""The bar of a validation: on a terminal only, on the first process only, gone in the end."""

import io
from types import SimpleNamespace

import pytest

from nightgen.engine.hooks import ProgressHook


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def validate(hook: ProgressHook, rank: int = 0, mode: str = 'val') -> None:
    loop = SimpleNamespace(dataloader=range(3))
    runner = SimpleNamespace(rank=rank, val_loop=loop, test_loop=loop)
    hook._before_epoch(runner, mode)
    for index in range(3):
        hook._after_iter(runner, index, mode=mode)
    hook._after_epoch(runner, mode)


def test_batches_are_counted_and_the_bar_is_taken_away(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr('sys.stderr', stream := Terminal())
    validate(ProgressHook(), mode='test')
    said = stream.getvalue()
    assert 'test' in said and all(f'{done}/3' in said for done in (1, 2, 3)) and said.endswith('\x1b[2K')


@pytest.mark.parametrize(('stream', 'rank', 'mode'), [(io.StringIO, 0, 'val'), (Terminal, 1, 'val'),
                                                      (Terminal, 0, 'train')])
def test_nothing_is_shown_elsewhere(monkeypatch: pytest.MonkeyPatch, stream: type, rank: int, mode: str):
    monkeypatch.setattr('sys.stderr', shown := stream())
    validate(ProgressHook(), rank, mode)
    assert shown.getvalue() == ''
