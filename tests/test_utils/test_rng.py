"""nightgen.utils.rng: states out and in."""

import io
import random

import numpy as np
import torch

from nightgen.utils.rng import capture_rng, preserved_rng, restore_rng


def draw() -> tuple:
    return random.random(), random.gauss(0, 1), np.random.rand(), np.random.randn(), torch.rand(()).item()


def test_restored_generators_repeat_themselves_through_a_file():
    draw()  # an odd number of gaussians: both modules hold a spare one
    state = capture_rng()
    expected = [draw() for _ in range(3)]
    buffer = io.BytesIO()
    torch.save(state, buffer)
    buffer.seek(0)
    random.seed(1), np.random.seed(1), torch.manual_seed(1)
    restore_rng(torch.load(buffer, weights_only=True))
    assert [draw() for _ in range(3)] == expected


def test_preserved_generators_go_on_where_they_stood():
    random.seed(5), np.random.seed(5), torch.manual_seed(5)
    expected = [draw(), draw()]
    random.seed(5), np.random.seed(5), torch.manual_seed(5)
    first = draw()
    with preserved_rng():
        draw()
    assert [first, draw()] == expected
