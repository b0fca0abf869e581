"""Random numbers of one sample."""

import copy
import pickle
import random

import numpy as np
import pytest
import torch

from nightgen.utils.seeding import Draw, seeded_choice, seeded_sample


def numbers():
    return random.random(), np.random.rand(), torch.rand(()).item()


def drawn(draw):
    with seeded_sample(draw):
        return numbers()


def test_draw_is_an_index_that_survives_pickling():
    draw = Draw(5, draw=12, seed=3)
    assert [10, 11, 12, 13, 14, 15][draw] == 15 and draw == 5 and isinstance(draw, int)
    for other in (pickle.loads(pickle.dumps(draw)), copy.deepcopy(draw)):
        assert (other, other.draw, other.seed) == (5, 12, 3) and isinstance(other, Draw)
    assert repr(draw) == 'Draw(5, draw=12, seed=3)'


def test_numbers_depend_on_seed_and_draw_only():
    first = drawn(Draw(5, 12, 3))
    numbers()
    assert drawn(Draw(99, 12, 3)) == first
    others = {drawn(Draw(5, 13, 3)), drawn(Draw(5, 12, 4)), drawn(Draw(5, 3, 12)), first}
    assert len(others) == 4
    assert all(len({sample[place] for sample in others}) == 4 for place in range(3))


def test_the_callers_states_are_restored_even_after_an_error():
    random.seed(1), np.random.seed(1), torch.manual_seed(1)
    expected = numbers()
    random.seed(1), np.random.seed(1), torch.manual_seed(1)
    try:
        with seeded_sample(Draw(0, 0, 0)):
            numbers()
            raise KeyError
    except KeyError:
        assert numbers() == expected


def test_a_plain_index_seeds_nothing():
    np.random.seed(1)
    expected = np.random.rand(2)
    np.random.seed(1)
    with seeded_sample(3):
        first = np.random.rand()
    np.testing.assert_array_equal([first, np.random.rand()], expected)


def test_a_choice_depends_on_the_names_and_the_seed_only():
    names = [f'{index:03d}.jpg' for index in range(100)]
    chosen = seeded_choice(names, 10, 7)
    assert chosen == sorted(seeded_choice(names[::-1], 10, 7)) and len(set(chosen)) == 10
    assert chosen != seeded_choice(names, 10, 8)
    # written down once: the choice must not change between versions of Python or of nightgen
    assert seeded_choice([f'{index}.jpg' for index in range(10)], 3, 0) == ['2.jpg', '8.jpg', '9.jpg']
    with pytest.raises(ValueError, match='3 images wanted, only 2'):
        seeded_choice(['a', 'b'], 3, 0)
