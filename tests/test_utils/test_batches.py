"""Neighbours of one size."""

import pytest

from nightgen.utils.batches import equal_batches


def test_batches_end_where_the_key_changes_or_they_are_full():
    assert list(equal_batches('aaabbab', 2, str)) == [['a', 'a'], ['a'], ['b', 'b'], ['a'], ['b']]
    assert list(equal_batches(range(5), 2)) == [[0, 1], [2, 3], [4]]
    assert list(equal_batches([], 3)) == []


def test_items_are_taken_as_they_are_needed():
    def items():
        yield from 'ab'
        raise RuntimeError('too early')

    batches = equal_batches(items(), 1)
    assert next(batches) == ['a'] and next(batches) == ['b']
    with pytest.raises(RuntimeError, match='too early'):
        list(batches)
