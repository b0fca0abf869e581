"""Heads: what turns features into class scores."""

from .aspp import ASPPHead

__all__ = ['ASPPHead']
