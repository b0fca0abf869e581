"""What metrics say beside their numbers, as a file can hold it."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from mmengine.evaluator import BaseMetric


def metric_details(metrics: Sequence[BaseMetric]) -> dict[str, Any]:
    """What metrics say beside their numbers, plain and fit for JSON, by the name of the metric's type.

    Networks and their hashes, numbers of pictures, curves, values per class. A second metric of one type gets ``_2``.
    """
    details: dict[str, Any] = {}
    for metric in metrics:
        if getattr(metric, 'details', None):
            name, count = type(metric).__name__, 2
            while name in details:
                name, count = f'{type(metric).__name__}_{count}', count + 1
            details[name] = plain_numbers(metric.details)
    return details


def network_line(numbers: Mapping[str, float], network: Mapping[str, Any], counts: str) -> str:
    """Numbers of a network's features with what they are of, for the log.

    Args:
        numbers: By their keys.
        network: Its ``identity``.
        counts: Of how many pictures, in words.
    """
    values = ', '.join(f'{name} {value:.4f}' for name, value in numbers.items())
    about = ', '.join(f'{name} {value}' for name, value in network.items())
    return f'{values} (network {about}; {counts})'


def plain_numbers(value: Any) -> Any:
    """A copy in which numbers that JSON does not have (NaN, infinities) are strings."""
    if isinstance(value, Mapping):
        return {str(key): plain_numbers(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain_numbers(item) for item in value]
    if isinstance(value, float):
        return float(value) if math.isfinite(value) else str(value)
    return value
