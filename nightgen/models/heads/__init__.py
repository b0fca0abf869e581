"""Heads: what turns features into class scores."""

from .aspp import ASPPHead
from .grid import GridHead

__all__ = ['ASPPHead', 'GridHead']
