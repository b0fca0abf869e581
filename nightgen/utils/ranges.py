"""Which of a file's numbers are black and white: stated, never guessed."""

from collections.abc import Sequence

import numpy as np

_BITS = {'10bit': 10, '12bit': 12, '14bit': 14}
RANGES = ('full', *_BITS, 'minmax', 'percentile')
"""Ranges by name; two numbers are one too."""
RANGE_HELP = 'which numbers of an image are black and white: full, 10bit, 12bit, 14bit, minmax, percentile, or two ' \
             'numbers (7000,9000); default %(default)s'
"""What commands say of their option."""
PERCENTILES = (1, 99)
Range = str | Sequence[float]


def checked_range(value: Range) -> str | tuple[float, float]:
    """A range as it is used; text like ``7000,9000`` is two numbers.

    Raises:
        ValueError: No range.
    """
    if isinstance(value, str) and ',' in value:
        value = value.split(',')
    if isinstance(value, str):
        if value in RANGES:
            return value
    else:
        try:
            low, high = map(float, value)
        except (TypeError, ValueError):
            low = high = 0.0
        if low < high:  # false for NaN
            return low, high
    raise ValueError(f'range is one of {", ".join(RANGES)} or two numbers, the lower first (7000,9000), got {value!r}')


def to_range(image: np.ndarray, value_range: Range) -> np.ndarray:
    """Stretches a picture so that a range of its numbers fills its type's; what lies outside is clipped.

    Args:
        image: uint8 or uint16 numbers of any shape.
        value_range: ``full`` (as it is), ``10bit``, ``12bit`` or ``14bit`` (counts of a camera in a 16-bit file),
            ``minmax`` (the picture's own lowest and highest value; a picture of one value becomes black),
            ``percentile`` (its 1st and 99th percentile), or two numbers.

    Returns:
        The same shape and type.

    Raises:
        ValueError: Numbers beyond the stated bits, or a picture of 8 bits where more are stated.
    """
    value_range = checked_range(value_range)
    if value_range == 'full':
        return image
    top = float(np.iinfo(image.dtype).max)
    if value_range in _BITS:
        low, high = 0.0, 2.0 ** _BITS[value_range] - 1
        if high > top:
            raise ValueError(f'it has 8 bits, the range {value_range} is of 16-bit files')
        if image.max() > high:
            raise ValueError(f'it holds {image.max()}, more than {value_range} can ({high:.0f})')
    elif value_range == 'minmax':
        low, high = float(image.min()), float(image.max())
    elif value_range == 'percentile':
        low, high = np.percentile(image, PERCENTILES)
    else:
        low, high = value_range
    scaled = (image.astype(np.float64) - low) * (top / max(high - low, 1e-9))
    return np.rint(scaled.clip(0, top)).astype(image.dtype)
