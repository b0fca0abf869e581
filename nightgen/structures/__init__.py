"""The data sample."""

from .translation_sample import TranslationSample

__all__ = ['TranslationSample']
