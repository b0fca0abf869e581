"""The progress bar: a line per tenth where nobody watches, one line that changes on a terminal."""

import io

from nightgen.utils.progress import ProgressBar


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_elsewhere_a_line_per_tenth():
    stream = io.StringIO()
    bar = ProgressBar('rendering', 200, stream)
    for _ in range(200):
        bar.update()
    bar.close()
    lines = stream.getvalue().splitlines()
    assert len(lines) == 11 and lines[-1].startswith('rendering 200/200 ') and lines[-1].endswith(' 0 s left')


def test_on_a_terminal_one_line():
    stream = Terminal()
    bar = ProgressBar('rendering', 3, stream)
    for _ in range(3):
        bar.update()
    bar.close()
    said = stream.getvalue()
    assert [f'{done}/3' in said for done in (1, 2, 3)] == [True] * 3 and said.count('\n') == 1
    assert said.count('\x1b[?25h') >= 1  # the cursor is shown again


def test_a_transient_bar_is_taken_away():
    stream = Terminal()
    bar = ProgressBar('val', 2, stream, transient=True)
    bar.update(2)
    assert '2/2' in stream.getvalue()
    bar.close()
    assert stream.getvalue().endswith('\x1b[1A\x1b[2K')  # up a line, and wipe it


def test_a_terminal_with_an_unknown_total():
    stream = Terminal()
    bar = ProgressBar('translating', 0, stream)
    bar.update(5)
    bar.close()
    assert '5/?' in stream.getvalue()


def test_an_unknown_total_only_counts():
    stream = io.StringIO()
    bar = ProgressBar('translating', 0, stream)
    for _ in range(250):
        bar.update()
    assert [line.split()[1] for line in stream.getvalue().splitlines()] == ['1', '100', '200']


def test_as_a_function():
    stream = io.StringIO()
    bar = ProgressBar('checking', stream=stream)
    for done in (5, 10):
        bar(done, 10)
    assert bar.done == 10 and '10/10' in stream.getvalue()


def test_more_than_stated():
    stream = io.StringIO()
    bar = ProgressBar('translating', 2, stream)
    bar.update(5)
    assert '5/2' in stream.getvalue() and '0 s left' in stream.getvalue()
