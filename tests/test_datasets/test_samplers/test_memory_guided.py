"""The memory and what it chooses: vectors by hand, top-k against brute force, the phases of filling, what rows see."""

import math
from types import SimpleNamespace

import numpy as np
import pytest
import torch

from nightgen.datasets.samplers.memory_guided import (
    RARE_CLASSES,
    MemoryGuidedPairing,
    Row,
    class_counts,
    distribution_vector,
    most_similar,
)
from nightgen.datasets.transforms import RandomCropImages, RandomFlipTranspose, ResizeImages
from nightgen.registry import TASK_UTILS
from nightgen.utils.images import write_image
from nightgen.utils.plain import to_plain
from nightgen.utils.seeding import Draw, Pick

BOX = (1, 2, 4, 4)
ONE_PERSON, ONE_TRUCK = (0, 0, 9, 0, 0, 0), (0, 0, 0, 9, 0, 0)


def test_vectors_by_hand():
    """The anchor of the spec: shares (.1, 0, 0, 0, 0, 0) give (.913, -.183 five times)."""
    for pixels in (1, 3, 6554, 10**7):
        np.testing.assert_allclose(distribution_vector((pixels, 0, 0, 0, 0, 0)), [0.91287, *[-0.18257] * 5], atol=1e-5)
    assert distribution_vector((0,) * 6).tolist() == [0] * 6 == distribution_vector((7,) * 6).tolist()
    a, b = (distribution_vector(counts) for counts in ((4, 2, 0, 0, 0, 0), (1, 1, 4, 0, 0, 0)))
    # by hand: (3, 1, -1, -1, -1, -1) and (0, 0, 3, -1, -1, -1): product 0 + 0 - 3 + 3, lengths sqrt 14 and sqrt 12
    assert a @ b == pytest.approx(0, abs=1e-12) and a @ a == pytest.approx(1)
    assert a.tolist() == pytest.approx([3 / math.sqrt(14), 1 / math.sqrt(14), *[-1 / math.sqrt(14)] * 4])


def test_counts():
    label = np.array([[6, 6, 7, 255], [11, 14, 0, 17]])
    assert class_counts(label, RARE_CLASSES) == (2, 1, 1, 1, 0, 1)


@pytest.mark.parametrize('seed', range(6))
@pytest.mark.parametrize('k', [1, 3, 10, 40])
def test_top_k_against_brute_force(seed, k):
    rng = np.random.RandomState(seed)
    counts = rng.randint(0, 3, (40, 6)) * rng.randint(0, 2, (40, 6))  # few values: many ties
    vectors, query = np.stack([distribution_vector(row) for row in counts]), distribution_vector((3, 0, 1, 0, 0, 0))
    chosen = most_similar(vectors, query, k, rng)
    cosine = [sum(float(a) * float(b) for a, b in zip(row, query, strict=True)) for row in vectors]
    assert len(set(chosen.tolist())) == k
    np.testing.assert_allclose(sorted(cosine[i] for i in chosen), sorted(cosine)[-k:], atol=1e-12)


def test_ties_are_drawn_evenly():
    """Thirty crops with persons alone, of any area, and three that are better than nothing: ten of the thirty."""
    areas = [1, 3, 7, *range(11, 38)]
    vectors = np.stack([distribution_vector((0, 0, area, 0, 0, 0)) for area in areas]
                       + [distribution_vector((area, 0, 1, 0, 0, 0)) for area in (1, 2, 3)])
    rng, query = np.random.RandomState(0), distribution_vector((0, 0, 5000, 0, 0, 0))
    times = np.bincount(np.concatenate([most_similar(vectors, query, 10, rng) for _ in range(3000)]), minlength=33)
    assert times[30:].tolist() == [0, 0, 0]
    assert times[:30].min() > 880 and times[:30].max() < 1120  # 1000 expected each, standard deviation 26


def test_better_rows_stay_whatever_ties():
    vectors = np.stack([distribution_vector(c) for c in [ONE_PERSON] * 2 + [(1, 0, 1, 0, 0, 0)] * 9])
    rng = np.random.RandomState(0)
    for _ in range(20):
        chosen = most_similar(vectors, distribution_vector(ONE_PERSON), 3, rng)
        assert {0, 1} < set(chosen.tolist())


def folder(size=(6, 8), transforms=None, label=None, tmp_path=None):
    """A domain's dataset, as far as the rule looks at it: every picture has the same label map."""
    info = dict(img_path='x.png')
    if label is not None:
        write_image(str(tmp_path / 'label.png'), np.full(size, 0, np.uint8) + label.astype(np.uint8))
        info['label_path'] = str(tmp_path / 'label.png')
    transforms = [RandomCropImages(4)] if transforms is None else transforms
    return SimpleNamespace(pipeline=SimpleNamespace(transforms=transforms), get_data_info=lambda index: info)


def rule(tmp_path, label=None, **settings):
    made = TASK_UTILS.build(dict(type='MemoryGuidedPairing', **dict(dict(delay=3), **settings)))
    label = np.full((6, 8), 11) if label is None else label
    made.bind(dict(day=folder(label=label, tmp_path=tmp_path), thermal=folder()))
    return made


def ask(made, number, seed=0, pictures=4):
    return made(Draw(0, number, 7), dict(day=9, thermal=pictures), np.random.RandomState(seed))


def test_the_phases_of_filling(tmp_path):
    made = rule(tmp_path)
    everything = {0, 1, 2, 3}
    assert {ask(made, 100, seed)['thermal'] for seed in range(60)} == everything  # nothing remembered
    made.remember([Row(0, 2, BOX, ONE_PERSON)])
    assert {ask(made, 100, seed)['thermal'] for seed in range(60)} == everything  # a quarter
    made.remember([Row(1, 0, BOX, ONE_PERSON)])
    assert {ask(made, 100, seed)['thermal'] for seed in range(60)} == {1, 3}  # half: those that are not remembered
    made.remember([Row(2, 1, BOX, ONE_PERSON)])
    assert {ask(made, 100, seed)['thermal'] for seed in range(60)} == {3}
    assert all(not isinstance(ask(made, 100, seed)['day'], Pick) for seed in range(5))  # the transform's own crop
    made.remember([Row(3, 3, (0, 1, 4, 4), ONE_TRUCK)])
    picks = [ask(made, 100, seed) for seed in range(200)]
    assert {pair['thermal'] for pair in picks} == everything  # four rows are fewer than ten
    for pair in picks:
        assert pair['thermal'].replay == dict(crop_box=(0, 1, 4, 4) if pair['thermal'] == 3 else BOX)
        assert pair['day'].replay['crop_box'][2:] == (4, 4)
    assert {pair['day'].replay['crop_box'][:2] for pair in picks} == {(t, left) for t in range(3) for left in range(5)}


def test_a_memory_that_guides_before_it_is_full(tmp_path):
    """With half of four pictures; the others are shown where the day has no rare class, and remembered then."""
    label = np.full((6, 8), 255)
    label[:, 4:] = 11  # crops at the left edge have no person
    made = rule(tmp_path, label, guided_from=0.5)
    made.remember([Row(0, 2, BOX, ONE_PERSON)])
    assert {ask(made, 100, seed)['thermal'] for seed in range(60)} == {0, 1, 2, 3}
    made.remember([Row(1, 0, (0, 1, 4, 4), ONE_TRUCK)])
    shown = {True: set(), False: set()}
    for seed in range(200):
        pair = ask(made, 100, seed)
        shown[pair['day'].replay['crop_box'][1] > 0].add(int(pair['thermal']))
    assert shown == {True: {0, 2}, False: {0, 1, 2, 3}}


def test_the_most_similar_is_shown(tmp_path):
    label = np.full((6, 8), 255)
    label[:, 4:] = 11  # crops at the left edge have no person
    made = rule(tmp_path, label, k=2)
    made.remember([Row(n, n, (0, n, 4, 4), counts) for n, counts in enumerate(
        [ONE_TRUCK, (1, 0, 2, 0, 0, 0), (0, 0, 3, 0, 0, 1), (3, 0, 1, 0, 0, 0)])])
    shown = {True: [], False: []}
    for seed in range(300):
        pair = ask(made, 50, seed)
        left = pair['day'].replay['crop_box'][1]
        shown[left > 0].append(pair['thermal'])
    # persons: cosines -.20, .88, .94 and .14 of the four, so that the second and third are the two candidates
    assert set(shown[True]) == {1, 2} and abs(shown[True].count(1) / len(shown[True]) - 0.5) < 0.15
    assert set(shown[False]) == {0, 1, 2, 3} and all(not hasattr(pick, 'replay') for pick in shown[False])


def test_only_old_rows_are_seen(tmp_path):
    """Draw d sees rows of draws before d - 3."""
    made = rule(tmp_path)
    made.remember([Row(10, 0, BOX, ONE_PERSON), Row(11, 1, BOX, ONE_PERSON), Row(12, 3, BOX, ONE_PERSON)])
    seen = {number: {int(ask(made, number, seed)['thermal']) for seed in range(80)} for number in (13, 14, 15, 16)}
    assert seen == {13: {0, 1, 2, 3}, 14: {0, 1, 2, 3}, 15: {2, 3}, 16: {2}}
    pairs = [made(5, dict(day=9, thermal=4), np.random.RandomState(seed)) for seed in range(80)]  # outside training
    assert {int(pair['thermal']) for pair in pairs} == {0, 1, 2, 3}


def test_a_picture_is_remembered_once_as_it_was_first_shown():
    made = MemoryGuidedPairing(delay=0)
    made.remember([Row(8, 5, BOX, ONE_TRUCK), Row(7, 5, BOX, ONE_PERSON)])
    made.remember([Row(9, 5, (0, 0, 4, 4), ONE_TRUCK), Row(3, 1, BOX, ONE_TRUCK)])
    assert made.rows == [Row(3, 1, BOX, ONE_TRUCK), Row(7, 5, BOX, ONE_PERSON)]
    np.testing.assert_array_equal(made.vectors[1], distribution_vector(ONE_PERSON))


def test_its_state_is_plain_and_comes_back(tmp_path):
    made, other = rule(tmp_path), rule(tmp_path)
    made.remember([Row(n, n, BOX, ONE_PERSON if n % 2 else ONE_TRUCK) for n in range(4)])
    torch.save(to_plain(made.shared_run_state(), 'memory'), tmp_path / 'state.pth')
    other.remember([Row(1, 1, BOX, ONE_TRUCK)])
    assert len(other.vectors) == 1
    other.load_shared_run_state(torch.load(tmp_path / 'state.pth', weights_only=True))
    assert other.rows == made.rows
    for seed in range(20):
        first, second = ask(made, 50, seed), ask(other, 50, seed)
        assert first == second and first['thermal'].replay == second['thermal'].replay
    with pytest.raises(ValueError, match=r'this run \[11, 14\]'):
        MemoryGuidedPairing(delay=0, classes=(11, 14)).load_shared_run_state(made.shared_run_state())


def test_datasets_that_do_not_fit(tmp_path):
    made, label = MemoryGuidedPairing(delay=0), np.zeros((6, 8))
    day = folder(label=label, tmp_path=tmp_path)
    with pytest.raises(ValueError, match=r"'thermal' \(memory=\).*\['day', 'night'\]"):
        made.bind(dict(day=day, night=folder()))
    with pytest.raises(ValueError, match="'day' have no label maps"):
        made.bind(dict(day=folder(), thermal=folder()))
    with pytest.raises(ValueError, match="'thermal' has no RandomCropImages"):
        made.bind(dict(day=day, thermal=folder(transforms=[])))
    for transform in (ResizeImages(size=9), RandomFlipTranspose()):
        with pytest.raises(ValueError, match=f"'thermal' has {type(transform).__name__} before"):
            made.bind(dict(day=day, thermal=folder(transforms=[transform, RandomCropImages(4)])))
    small = MemoryGuidedPairing(delay=0)
    small.bind(dict(day=folder(transforms=[RandomCropImages(7)], label=label, tmp_path=tmp_path), thermal=folder()))
    small.remember([Row(0, 0, BOX, ONE_PERSON)])
    with pytest.raises(ValueError, match='6x8 .*, smaller than the crop 7x7'):
        ask(small, 9, pictures=1)
    for wrong in (dict(k=0), dict(guided_from=0), dict(guided_from=1.1),
                  dict(delay=-1), dict(random_until=2), dict(classes=(11, 11)), dict(classes=(11,))):
        with pytest.raises(ValueError, match='MemoryGuidedPairing: k is 1 or more'):
            MemoryGuidedPairing(**{**dict(delay=0), **wrong})
