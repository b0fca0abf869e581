"""Pictures for logs and reports."""

from .grid import make_grid
from .visualizer import COLUMNS, TranslationVisualizer, sample_row

__all__ = ['COLUMNS', 'TranslationVisualizer', 'make_grid', 'sample_row']
