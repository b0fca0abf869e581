"""The sequence of draws."""

import itertools

import pytest

from nightgen.datasets.samplers import ResumableSampler
from nightgen.registry import DATA_SAMPLERS


def take(sampler, number):
    return [(int(draw), draw.draw, draw.seed) for draw in itertools.islice(iter(sampler), number)]


def of_rank(monkeypatch, rank, world_size, size=10, **options):
    monkeypatch.setattr('nightgen.datasets.samplers.resumable.get_dist_info', lambda: (rank, world_size))
    return ResumableSampler(range(size), **{'seed': 5, **options})


def test_each_epoch_is_another_permutation():
    draws = take(ResumableSampler(range(10), seed=5), 40)
    assert [draw for _, draw, _ in draws] == list(range(40)) and {seed for *_, seed in draws} == {5}
    epochs = [tuple(index for index, *_ in draws[start:start + 10]) for start in range(0, 40, 10)]
    assert all(sorted(epoch) == list(range(10)) for epoch in epochs) and len(set(epochs)) == 4
    assert take(ResumableSampler(range(10), seed=5), 40) == draws
    assert take(ResumableSampler(range(10), seed=6), 40) != draws


def test_without_shuffling_the_order_is_kept():
    assert [index for index, *_ in take(ResumableSampler(range(3), shuffle=False, seed=0), 7)] == [0, 1, 2, 0, 1, 2, 0]


@pytest.mark.parametrize('world_size', [2, 3, 4])
def test_processes_share_one_sequence(monkeypatch, world_size):
    alone = take(of_rank(monkeypatch, 0, 1), 24)
    parts = [take(of_rank(monkeypatch, rank, world_size), 24 // world_size) for rank in range(world_size)]
    assert [draw for together in zip(*parts, strict=True) for draw in together] == alone


@pytest.mark.parametrize('rank,world_size', [(0, 1), (0, 2), (1, 2), (2, 3)])
@pytest.mark.parametrize('start', [0, 1, 4, 10, 23])
def test_starting_later_gives_the_rest(monkeypatch, rank, world_size, start):
    whole = take(of_rank(monkeypatch, rank, world_size), 40)
    sampler = of_rank(monkeypatch, rank, world_size)
    sampler.start_at(start)
    assert take(sampler, 40 - start) == whole[start:]


def test_a_far_start_costs_nothing():
    sampler = ResumableSampler(range(7), seed=0)
    sampler.start_at(10 ** 12)
    assert take(sampler, 1)[0][1] == 10 ** 12


@pytest.mark.parametrize('world_size', [1, 2, 3])
def test_finite_epochs(monkeypatch, world_size):
    whole = take(ResumableSampler(range(10), seed=5), 50)
    for epoch in (0, 3):
        ranks = [of_rank(monkeypatch, rank, world_size, infinite=False) for rank in range(world_size)]
        for sampler in ranks:
            sampler.set_epoch(epoch)
        lists = [list(sampler) for sampler in ranks]
        assert {len(part) for part in lists} == {len(sampler) for sampler in ranks} == {-(-10 // world_size)}
        together = [draw for step in zip(*lists, strict=True) for draw in step]
        expected = whole[10 * epoch:10 * epoch + 10]
        together = [(int(draw), draw.draw, draw.seed) for draw in together]
        assert together[:10] == expected and together[10:] == expected[:len(together) - 10]


def test_finite_without_rounding_up(monkeypatch):
    ranks = [of_rank(monkeypatch, rank, 3, infinite=False, round_up=False) for rank in range(3)]
    assert [len(sampler) for sampler in ranks] == [len(list(sampler)) for sampler in ranks] == [4, 3, 3]
    assert sorted(int(draw) for sampler in ranks for draw in sampler) == list(range(10))


def test_finite_resume_inside_an_epoch():
    sampler = ResumableSampler(range(10), seed=5, infinite=False)
    sampler.start_at(23)
    sampler.set_epoch(2)  # what the epoch loop's seed hook says after a resume
    assert [draw.draw for draw in sampler] == list(range(23, 30))
    sampler.set_epoch(3)
    assert [draw.draw for draw in sampler] == list(range(30, 40))


def test_infinite_counts_epochs_by_itself():
    sampler = ResumableSampler(range(10), seed=5)
    before = take(sampler, 20)
    sampler.set_epoch(4)
    assert take(sampler, 20) == before and len(sampler) == 10


def test_without_seed_all_ranks_agree_on_one():
    sampler = DATA_SAMPLERS.build(dict(type='ResumableSampler', dataset=range(4)))
    assert isinstance(sampler.seed, int)


def test_faulty_arguments():
    with pytest.raises(ValueError, match='empty'):
        ResumableSampler([])
    with pytest.raises(ValueError, match='number of samples'):
        ResumableSampler(range(3), seed=0).start_at(-1)
