"""Heads: what turns features into class scores."""
