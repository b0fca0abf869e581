"""Helpers for the tests of nightgen and of packages that extend it."""

from .metrics import ToyFeatures, metric_sample, run_metric, run_metrics_in_processes
from .pictures import random_picture, write_pictures
from .processes import run_processes
from .runs import small_run, write_domains

__all__ = ['ToyFeatures', 'metric_sample', 'random_picture', 'run_metric', 'run_metrics_in_processes',
           'run_processes', 'small_run', 'write_domains', 'write_pictures']
