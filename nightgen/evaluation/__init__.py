"""Numbers: ``functional`` computes them, ``metrics`` collects them over a data set, ``table`` prints them.

Losses and transforms compute with ``functional`` too, so ``metrics``, which need experts, are imported by their
registry only.
"""

from .details import metric_details, plain_numbers
from .table import metric_table

__all__ = ['metric_details', 'metric_table', 'plain_numbers']
