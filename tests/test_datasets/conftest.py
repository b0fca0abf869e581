"""Keeps the dataset tests quick: mmengine collects garbage for every dataset built, over all that torch imported."""

import gc

import pytest


@pytest.fixture(autouse=True, scope='module')
def little_garbage():
    gc.collect()
    gc.freeze()
    yield
    gc.unfreeze()
