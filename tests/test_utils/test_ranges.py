"""Stated ranges against hand-made numbers."""

import numpy as np
import pytest

from nightgen.utils.images import BrokenImageError, decode_image
from nightgen.utils.ranges import checked_range, to_range


@pytest.mark.parametrize(('name', 'top'), [('10bit', 1023), ('12bit', 4095), ('14bit', 16383)])
def test_counts_of_fewer_bits_fill_sixteen(name, top):
    counts = np.array([[0, 1, top // 3, top]], np.uint16)
    expected = [[0, round(65535 / top), round(65535 * (top // 3) / top), 65535]]
    stretched = to_range(counts, name)
    assert stretched.tolist() == expected and stretched.dtype == np.uint16
    with pytest.raises(ValueError, match=f'holds {top + 1}, more than {name}'):
        to_range(counts + np.uint16(1), name)
    with pytest.raises(ValueError, match='8 bits'):
        to_range(np.zeros((2, 2), np.uint8), name)


def test_full_is_the_picture_itself():
    counts = np.array([[0, 7, 65535]], np.uint16)
    assert to_range(counts, 'full') is counts


def test_minmax_and_numbers():
    assert to_range(np.array([7000, 7500, 8000], np.uint16), 'minmax').tolist() == [0, 32768, 65535]
    assert to_range(np.array([10, 20, 30], np.uint8), 'minmax').tolist() == [0, 128, 255]
    assert to_range(np.full(3, 9, np.uint16), 'minmax').tolist() == [0, 0, 0]
    assert to_range(np.array([0, 7000, 7250, 8000, 9000], np.uint16), (7000, 8000)).tolist() == \
        [0, 0, 16384, 65535, 65535]


def test_percentiles_clip_two_hundredths():
    counts = np.arange(1000, 1101, dtype=np.uint16)  # 101 values: the 1st percentile is 1001, the 99th 1099
    stretched = to_range(counts, 'percentile')
    assert stretched[[0, 1, -2, -1]].tolist() == [0, 0, 65535, 65535]
    assert stretched[50] in (32767, 32768) and stretched[2] == round(65535 / 98)


def test_what_is_a_range():
    assert checked_range('7000,9000') == (7000, 9000) == checked_range([7000, 9000.0])
    for wrong in ('8bit', '9,7', (3, 3), (1, 2, 3), 5, None, 'a,b', (float('nan'), 1), ''):
        with pytest.raises(ValueError, match='range is one of full, 10bit'):
            checked_range(wrong)


def test_a_range_that_is_none_is_no_fault_of_the_picture():
    with pytest.raises(ValueError, match='range is one of') as error:
        decode_image(b'', 'a.png', value_range='loud')
    assert not isinstance(error.value, BrokenImageError)
