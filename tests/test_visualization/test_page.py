"""Pages: curves that can be told apart."""

import re

from nightgen.visualization.page import COLOURS, curves


def test_no_two_curves_look_alike():
    names = [f'run {number}' for number in range(2 * len(COLOURS))]
    drawn = curves({name: [number, 1.0] for number, name in enumerate(names)}, [0, 1], 'title', 'x', 'y')
    styles = re.findall(r'<polyline [^>]*stroke="(#[0-9a-f]+)"[^>]*?(dasharray)?="[^"]*"/>', drawn)
    assert len(styles) == len(set(styles)) == len(names)
    assert [f'{name}, dashed</text>' in drawn for name in names] == [False] * len(COLOURS) + [True] * len(COLOURS)
