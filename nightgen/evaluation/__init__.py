"""Numbers: ``functional`` computes them, ``metrics`` collects them over a data set, ``table`` prints them."""

from . import metrics  # noqa: F401
from .details import metric_details, plain_numbers
from .table import metric_table

__all__ = ['metric_details', 'metric_table', 'plain_numbers']
