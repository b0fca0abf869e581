"""Optimizers, hooks and the training loop: what stands around a model in a run."""
