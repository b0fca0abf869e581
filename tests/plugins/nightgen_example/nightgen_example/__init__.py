"""A third party's parts of every kind, registered when this package is imported."""

from . import memory, parts, three_domains, two_inputs

__all__ = ['memory', 'parts', 'three_domains', 'two_inputs']
