"""Pairing rules."""

import numpy as np

from nightgen.datasets import IndependentPairing, IndexPairing, RandomPairing


def test_random_pairing_gives_the_longest_its_index_and_the_others_any():
    rule, sizes = RandomPairing(), dict(night=3, day=10, thermal=10)
    rng = np.random.RandomState(0)
    pairs = [rule(index, sizes, rng) for index in range(10) for _ in range(200)]
    assert all(pair['day'] == place // 200 for place, pair in enumerate(pairs))
    assert {pair['night'] for pair in pairs} == {0, 1, 2}
    assert {pair['thermal'] for pair in pairs} == set(range(10))
    counts = np.bincount([pair['night'] for pair in pairs])
    assert counts.min() > 580  # 667 expected each, standard deviation 21


def test_the_first_of_equal_domains_takes_the_index():
    assert RandomPairing()(4, dict(night=5, day=5), np.random.RandomState(0))['night'] == 4


def test_index_pairing_wraps_around():
    rng = np.random.RandomState(0)
    assert IndexPairing()(7, dict(night=3, day=10), rng) == dict(night=1, day=7)


def test_independent_pairing_draws_every_domain_with_replacement():
    rule, sizes, rng = IndependentPairing(), dict(day=6, thermal=3), np.random.RandomState(0)
    pairs = [rule(0, sizes, rng) for _ in range(1800)]  # whatever index was drawn
    table = np.zeros((6, 3))
    for pair in pairs:
        table[pair['day'], pair['thermal']] += 1
    assert table.min() > 60 and table.max() < 140  # 100 expected each, standard deviation 9.7
    days = [pair['day'] for pair in pairs[:6]]
    assert len(set(days)) < 6  # as uniform draws are, and permutations are not (probability 0.985)
